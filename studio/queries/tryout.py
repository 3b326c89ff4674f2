"""The playground: what an expression gives for each visit of a node in the last runs.

All of it is bounded: the runs, the events that are read, the visits of each run, the time.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import Count, QuerySet

from engine.expressions import Expression
from engine.policies import EdgeOn
from engine.telling.visits import Visit
from engine.values.jsonvalue import Json, brief
from studio.models import Run
from studio.queries import visits
from studio.queries.visits import Item

RUNS = 20
"""Runs that an expression is tried on."""
SECONDS = 2.0
"""So long one question may read and evaluate."""


def tried(
    runs: Sequence[Run],
    node: str,
    expression: Expression,
    at: str,
    edge: str | None = None,
    on: str | None = None,
    most_events: int = visits.MOST_EVENTS,
    clock: Callable[[], float] = time.monotonic,
) -> Item:
    """What the expression gives for each visit of a node in each of these runs, newest first.

    `edge` compares with what the runs did there, and `on` leaves out visits with another outcome
    than that edge is for. What is too much is left out, and said.
    """
    until, room = clock() + SECONDS, most_events
    told, counts = [], dict.fromkeys(_KINDS, 0)
    for run, events in zip(runs, _sizes(runs), strict=True):
        item: Item = {**visits.brief_run(run), "visits": [], "first": 0, "left_out": None}
        told.append(item)
        if events > room or clock() > until:
            item["left_out"] = visits.too_long(most_events) if events > most_events else _ENOUGH
            continue
        try:
            found = visits.of_run(run, node)
        except visits.Unreadable as error:
            item["left_out"] = f"{error}"
            continue
        room -= events
        item["first"] = found[0].number if found else 0
        for visit in found:
            if clock() > until:
                item["left_out"] = _ENOUGH
                break
            if on is not None and not _fits(visit, on):
                continue
            one = _tried_once(visit, expression, at, edge)
            item["visits"].append(one)
            counts[_kind(one)] += 1
    return {"counts": counts, "runs": told}


_KINDS = ("true", "false", "other", "error", "unknown")
NOTHING: Item = {"counts": dict.fromkeys(_KINDS, 0), "runs": []}
"""What is told of a text that is no expression."""

_ENOUGH = "The newer runs took all the time and room of one question."


def _sizes(runs: Sequence[Run]) -> list[int]:
    """How many events of each run would be read."""
    rows = visits.lasting(runs)
    counted = dict(rows.values("run_id").annotate(n=Count("*")).values_list("run_id", "n"))
    return [counted.get(run.pk, 0) for run in runs]


def _fits(visit: Visit, on: str) -> bool:
    """Whether an edge for this outcome has its turn after the visit."""
    failed = visit.status == "error"
    return failed if on in (EdgeOn.ERROR, EdgeOn.TIMEOUT) else not failed


def _tried_once(visit: Visit, expression: Expression, at: str, edge: str | None) -> Item:
    one: Item = {"visit": visit.number, "seq": visit.ended or visit.began, "values": {}}
    names = visit.names(at)
    if names is None:
        return {**one, "ok": None, "taken": None}
    told = visits.outcome(expression, names)
    if at == "result" and not told["ok"] and not visit.whole:
        # A result is known in part only: a part that nobody wrote down may have been there.
        return {**one, "ok": None, "taken": None}
    one["values"] = _values(expression, names)
    return {**one, **told, "taken": None if edge is None else visit.taken.get(edge)}


def _kind(one: Item) -> str:
    if one["ok"] is None:
        return "unknown"
    if not one["ok"]:
        return "error"
    value = one["value"]
    return ("true" if value else "false") if isinstance(value, bool) else "other"


def _values(expression: Expression, names: Mapping[str, Any]) -> dict[str, Json]:
    """What the plain paths in the expression stood for, short."""
    found: dict[str, Json] = {}
    for path in sorted(expression.references):
        at: Any = names
        for part in path:
            if not isinstance(at, Mapping) or part not in at:
                break
            at = at[part]
        else:
            found[".".join(path)] = brief(at)
    return found


def runs_to_try(rows: QuerySet[Run], most: int = RUNS) -> list[Run]:
    """The newest of these runs, with what `tried` reads of them."""
    rows = rows.select_related("version").defer("final_state", "version__document")
    return list(rows.order_by("-id")[:most])
