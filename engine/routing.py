"""Which edges a token takes when its node is done. Pure: state in, reports out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.errors import Code, RunError
from engine.expressions import ExpressionError
from engine.graph.plan import Place, PlannedEdge
from engine.jsonvalue import Json, brief
from engine.marking import Marking
from engine.policies import EdgeOn, OnNoRoute, Route

Report = dict[str, Any]


@dataclass(slots=True)
class Choice:
    """What became of a node's edges: a report for each that was looked at."""

    reports: list[Report]
    error: RunError | None = None
    """Why the token cannot go on. E_NO_PROGRESS pauses the run, anything else fails it."""


def scope(data: dict[str, Json], **more: Any) -> Mapping[str, Any]:
    """The names an expression sees: the state's keys, `state`, and `more` where it is not None."""
    extra = {name: value for name, value in more.items() if value is not None}
    if not extra and "state" not in data:
        return data
    return {**data, **extra, "state": data}


def choose(
    marking: Marking,
    place: Place,
    data: dict[str, Json],
    error: dict[str, Any] | None = None,
    on: EdgeOn = EdgeOn.OK,
    visit: int = 1,
) -> Choice:
    """The edges for outcome `on` that a token with this state takes."""
    ways = place.ways_out[on]
    if not ways:
        return Choice([])
    names = scope(data, error=error, iteration=visit if place.counts_visits else None)
    try:
        selected, reports = _matching(ways, names, place.node.route)
    except RunError as failure:
        return Choice([], failure.at(place.id))
    if not selected:
        return Choice(reports, _no_route(place))
    return _bounded(marking, place, data, names, selected, reports)


def _matching(
    ways: Sequence[PlannedEdge], names: Mapping[str, Any], route: Route
) -> tuple[list[PlannedEdge], list[Report]]:
    """The edges that match, in order, and a report for each one looked at."""
    selected: list[PlannedEdge] = []
    reports: list[Report] = []
    condition_met = False
    for way in ways:
        if way.is_else:
            continue
        report = _looked_at(way, names)
        reports.append(report)
        if report["taken"]:
            selected.append(way)
            condition_met = condition_met or way.when is not None
            if route is Route.FIRST:
                return selected, reports
    for way in ways if not condition_met else ():
        if way.is_else:
            selected.append(way)
            reports.append({"edge": way.id, "taken": True, "reason": "else"})
    return selected, reports


def _looked_at(way: PlannedEdge, names: Mapping[str, Any]) -> Report:
    """The report of one edge. Raises RunError when its condition cannot be evaluated."""
    when = way.when
    if when is None:
        return {"edge": way.id, "taken": True}
    try:
        value = when.evaluate(names)
    except ExpressionError as error:
        raise _bad_condition(way, error) from None
    if value is not True and value is not False:
        raise RunError(
            Code.CONDITION,
            f"the condition of edge {way.id!r} gives {brief(value)!r}, not true or false: "
            f"{when.source}",
            edge=way.id,
        )
    values = {name: brief(names[name]) for name in way.reads if name in names}
    return {"edge": way.id, "taken": value, "when": when.source, "values": values}


def _bad_condition(way: PlannedEdge, error: ExpressionError) -> RunError:
    return RunError(
        Code.CONDITION,
        f"the condition of edge {way.id!r} cannot be evaluated: {error}\n{error.caret}",
        edge=way.id,
        details={"source": error.source, **error.as_dict()},
    )


def _no_route(place: Place) -> RunError | None:
    if place.node.on_no_route is OnNoRoute.END:
        return None
    return RunError(
        Code.NO_ROUTE,
        f"no edge of node {place.id!r} matched; draw an else edge, or set on_no_route to 'end'",
        node=place.id,
    )


def _bounded(
    marking: Marking,
    place: Place,
    data: dict[str, Json],
    names: Mapping[str, Any],
    selected: list[PlannedEdge],
    reports: list[Report],
) -> Choice:
    """The choice, with edges that are used up or stand still exchanged for `exhausted` ones."""
    stopped: RunError | None = None
    by_id = {report["edge"]: report for report in reports}
    for way in selected:
        if way.quiet:
            continue
        report = by_id[way.id]
        stop = _stop(marking, way, data, report)
        if stop is not None:
            report["taken"] = False
            report["reason"] = "exhausted" if stop.code == Code.LOOP_EXHAUSTED else "no progress"
            stopped = stopped or stop
    if stopped is None:
        return Choice(reports)
    return _exhausted(marking, place, data, names, reports, stopped)


def _stop(
    marking: Marking, way: PlannedEdge, data: dict[str, Json], report: Report
) -> RunError | None:
    """Why a bounded edge may not be taken once more."""
    if way.max is not None and marking.uses.get(way.index, 0) >= way.max:
        message = f"edge {way.id!r} was taken {way.max} times, which is its max"
        return RunError(Code.LOOP_EXHAUSTED, message, edge=way.id, details={"max": way.max})
    limit = marking.limits.no_progress
    if not way.back or not limit:
        return None
    last = marking.rounds.get(way.index)
    if last is None or not (last.data is data or last.data == data):
        return None
    report["idle"] = last.idle + 1
    if report["idle"] < limit:
        return None
    message = (
        f"the loop closed by edge {way.id!r} went round {limit} times without changing the state; "
        f"it would go on for ever"
    )
    return RunError(Code.NO_PROGRESS, message, edge=way.id, details={"rounds": limit})


def _exhausted(
    marking: Marking,
    place: Place,
    data: dict[str, Json],
    names: Mapping[str, Any],
    reports: list[Report],
    stopped: RunError,
) -> Choice:
    """Take the node's `exhausted` edges, or say why the token cannot go on."""
    ways = place.ways_out[EdgeOn.EXHAUSTED]
    if not ways:
        return Choice(reports, stopped.at(place.id))
    try:
        selected, more = _matching(ways, names, place.node.route)
    except RunError as failure:
        return Choice(reports, failure.at(place.id))
    for way, report in zip(selected, [r for r in more if r["taken"]], strict=True):
        stop = None if way.quiet else _stop(marking, way, data, report)
        if stop is not None:
            return Choice(reports, stop.at(place.id))
        report["reason"] = "exhausted"
    error = None if selected else _no_route(place)
    return Choice(reports + more, error)
