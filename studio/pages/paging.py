"""Pages of a list that grows at its head: by id, so that new rows never shift what is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict

from studio.models import Run

SIZE = 50


@dataclass(frozen=True, slots=True)
class Pager:
    """Addresses of the neighbouring pages; empty where there is none."""

    newer: str = ""
    older: str = ""


def page_of_runs(request: HttpRequest, runs: QuerySet[Run]) -> tuple[list[Run], Pager]:
    """The page that `?before=` or `?after=` (ids of runs) asks for, the newest first."""
    before, after = _id(request, "before"), _id(request, "after")
    if after is not None:
        rows = list(runs.filter(public_id__gt=after).order_by("public_id")[: SIZE + 1])
        newer_left, rows = len(rows) > SIZE, list(reversed(rows[:SIZE]))
        return rows, _pager(request.GET, rows, newer=newer_left, older=True)
    ordered = runs.order_by("-public_id")
    rows = list((ordered.filter(public_id__lt=before) if before else ordered)[: SIZE + 1])
    older_left, rows = len(rows) > SIZE, rows[:SIZE]
    return rows, _pager(request.GET, rows, newer=before is not None, older=older_left)


def _pager(query: QueryDict, rows: Sequence[Run], *, newer: bool, older: bool) -> Pager:
    if not rows:
        return Pager(newer=_link(query, {})) if newer else Pager()
    return Pager(
        _link(query, {"after": str(rows[0].public_id)}) if newer else "",
        _link(query, {"before": str(rows[-1].public_id)}) if older else "",
    )


def _link(query: QueryDict, cursor: dict[str, str]) -> str:
    changed = query.copy()
    for name in ("before", "after"):
        changed.pop(name, None)
    changed.update(cursor)
    return f"?{changed.urlencode()}"


def _id(request: HttpRequest, name: str) -> UUID | None:
    try:
        return UUID(request.GET.get(name, ""))
    except ValueError:
        return None
