"""Two runs side by side."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from studio.journal import codec
from studio.models import Run
from studio.pages.drafts import nodes_of
from studio.pages.found import run_or_404
from studio.pages.outline import title_of
from studio.pages.run_rows import RunRow, run_row, run_rows
from studio.queries import items, visible
from studio.queries.compare import compared
from studio.queries.step_titles import StepTitles

MOST_RUNS = 20
MOST_CHANGES = 100
WIDTH = 160


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One difference of values: where, and both sides as text; None is nothing."""

    where: str
    a: str | None
    b: str | None


@dataclass(frozen=True, slots=True)
class StepRow:
    node: str
    title: str
    visit: int
    only: str
    """`first`, `second`, or empty when both runs have the step."""
    changes: list[ChangeRow]


@login_required
def compare(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """With `?with=` two runs side by side; without, the runs to choose from."""
    found = run_or_404(request, run_id)
    wanted = _uuid(request.GET.get("with", ""))
    if wanted is None:
        context = {"run": run_row(found), "others": _others(request, found)}
        return render(request, "runs/compare_choose.html", context)
    other = run_or_404(request, wanted)
    told, ways = compared(found, other), _ways(found, other)
    context = {
        "run": run_row(found),
        "other": run_row(other),
        "same_version": told["same_version"],
        "first": told["first"],
        "edges": [
            {**each, "way": ways.get(each["edge"], each["edge"])}
            for each in told["edges"][:MOST_CHANGES]
        ],
        "inputs": _changes(told["input"]),
        "states": _changes(told["state"]),
        "steps": _steps(found, told["nodes"], ways)[:MOST_CHANGES],
    }
    return render(request, "runs/compare.html", context)


def _ways(*runs: Run) -> Mapping[str, str]:
    """Their edges by id, told by the titles of the steps between which they lead."""
    ways: dict[str, str] = {}
    for run in runs:
        document = codec.decode(run.version.document)
        nodes = nodes_of(document)
        for edge in document["edges"]:
            ends = [title_of(edge[end], nodes.get(edge[end], {})) for end in ("from", "to")]
            ways.setdefault(edge["id"], " → ".join(ends))
    return ways


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def _others(request: HttpRequest, found: Run) -> list[RunRow]:
    """The last runs of the same workflow."""
    rows = items.listed_runs(visible.runs(request.user).filter(workflow=found.workflow))
    return run_rows(rows.exclude(pk=found.pk).order_by("-id")[:MOST_RUNS])


def _changes(changes: list[dict[str, Any]]) -> list[ChangeRow]:
    return [
        ChangeRow(".".join(map(str, each["path"])), _text(each, "a"), _text(each, "b"))
        for each in changes[:MOST_CHANGES]
    ]


def _text(change: dict[str, Any], side: str) -> str | None:
    return _short(json.dumps(change[side], ensure_ascii=False)) if side in change else None


def _short(text: str) -> str:
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"


def _steps(found: Run, nodes: list[dict[str, Any]], ways: Mapping[str, str]) -> list[StepRow]:
    titles = StepTitles([found])
    return [
        StepRow(
            node["node"],
            titles.of(found, node["node"]),
            step["visit"],
            {"a": "first", "b": "second"}.get(step.get("only", ""), ""),
            _step_changes(step, ways),
        )
        for node in nodes
        for step in node["steps"]
    ]


def _step_changes(step: dict[str, Any], ways: Mapping[str, str]) -> list[ChangeRow]:
    wrote = _("wrote {keys}")
    rows = [
        ChangeRow(wrote.format(keys=row.where), row.a, row.b)
        for row in _changes(step.get("writes", []))
    ]

    def taken(change: dict[str, Any], side: str) -> str | None:
        edges = change.get(side)
        return None if edges is None else _short(", ".join(ways.get(each, each) for each in edges))

    told = {
        "status": (_("ended"), _text),
        "taken": (_("went on"), taken),
        "attempts": (_("attempts"), _text),
        "error": (_("error"), _error),
    }
    for key, (word, tell) in told.items():
        if key in step:
            rows.append(ChangeRow(word, tell(step[key], "a"), tell(step[key], "b")))
    return rows


def _error(change: dict[str, Any], side: str) -> str | None:
    """An error as a person reads it: code and message. The rest stands on the run's page."""
    error = change.get(side)
    return _short(f"{error['code']}: {error['message']}") if error else None
