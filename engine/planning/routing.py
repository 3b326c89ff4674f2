"""Which edges a token takes when its node is done. Pure: state in, reports out."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine import failing
from engine.errors import Code, RunError
from engine.expressions import ExpressionError
from engine.graph.plan import Place, PlannedEdge
from engine.planning.marking import Stage
from engine.policies import EdgeOn, OnNoRoute, Route
from engine.values.jsonvalue import Json, brief

Report = dict[str, Any]
"""What was found out about one edge: {edge, taken, when?, values?, reason?, idle?}."""

Choice = tuple[list[Report], RunError | None]
"""A report for each edge that was looked at, and why the token cannot go on, if it cannot.
E_NO_PROGRESS pauses the run, any other error fails it."""

_Taken = tuple[PlannedEdge, Report]

_SHORT = frozenset({int, float, bool, type(None)})
_OK = EdgeOn.OK
_FIRST = Route.FIRST


def scope(data: dict[str, Json], **more: Any) -> Mapping[str, Any]:
    """The names an expression sees: the state's keys, `state`, and `more` where it is not None."""
    extra = {name: value for name, value in more.items() if value is not None}
    if not extra and "state" not in data:
        return data
    return {**data, **extra, "state": data}


def choose(
    stage: Stage,
    place: Place,
    data: dict[str, Json],
    error: dict[str, Any] | None = None,
    on: str = _OK,
    visit: int = 1,
    alternative: str = "",
) -> Choice:
    """The edges for outcome `on` that a token with this state takes.

    `alternative` names what came first, of a wait with several.
    """
    ways = place.ways_by(alternative) if alternative else place.ways_out[on]
    if not ways:
        return [], _no_way_by(place, alternative) if alternative else None
    names: Mapping[str, Any] = data
    if error is not None or place.counts_visits or "state" in data:
        names = scope(data, error=error, iteration=visit if place.counts_visits else None)
    try:
        selected, reports = _matching(ways, names, place.node.route)
        if not selected:
            return reports, _no_route(place)
        stopped: RunError | None = None
        for way, report in selected:
            if not way.quiet:
                stop = _stop(stage, way, data, report)
                stopped = stopped or stop
        if stopped is not None:
            return _exhausted(stage, place, data, names, reports, stopped)
    except RunError as failure:
        return [], failure.at(place.id)
    return reports, None


def _matching(
    ways: Sequence[PlannedEdge], names: Mapping[str, Any], route: Route
) -> tuple[list[_Taken], list[Report]]:
    """The edges that match, in order, and a report for each one looked at."""
    selected: list[_Taken] = []
    reports: list[Report] = []
    condition_met = False
    for way in ways:
        if way.is_else:
            continue
        report = _looked_at(way, names)
        reports.append(report)
        if report["taken"]:
            selected.append((way, report))
            if route is _FIRST:
                return selected, reports
            condition_met = condition_met or way.when is not None
    if not condition_met:
        for way in ways:
            if way.is_else:
                report = {"edge": way.id, "taken": True, "reason": "else"}
                selected.append((way, report))
                reports.append(report)
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
            failing.CONDITION_VALUE(edge=way.id, value=repr(brief(value)), when=when.source),
            edge=way.id,
        )
    values = {}
    for name in way.reads:
        if name in names:
            read = names[name]
            values[name] = read if type(read) in _SHORT else brief(read)
    return {"edge": way.id, "taken": value, "when": when.source, "values": values}


def _bad_condition(way: PlannedEdge, error: ExpressionError) -> RunError:
    return RunError(
        Code.CONDITION,
        failing.CONDITION(edge=way.id, why=f"{error}\n{error.caret}"),
        edge=way.id,
        details={"source": error.source, **error.as_dict()},
    )


def _no_route(place: Place) -> RunError | None:
    if place.node.on_no_route is OnNoRoute.END:
        return None
    return RunError(Code.NO_ROUTE, failing.NO_ROUTE(node=place.id), node=place.id)


def _no_way_by(place: Place, alternative: str) -> RunError | None:
    """Why a wait that was left by an alternative without an edge cannot end its branch, if so."""
    if place.node.on_no_route is OnNoRoute.END or not any(place.ways_out.values()):
        return None
    return RunError(
        Code.NO_ROUTE,
        failing.NO_WAY_BY(alternative=alternative, node=place.id, way=alternative),
        node=place.id,
    )


def _stop(stage: Stage, way: PlannedEdge, data: dict[str, Json], report: Report) -> RunError | None:
    """Why a bounded edge may not be taken once more; then its report says so too."""
    if way.max is not None and stage.uses.get(way.index, 0) >= way.max:
        report["taken"], report["reason"] = False, "exhausted"
        message = failing.LOOP_EXHAUSTED(edge=way.id, index=way.max)
        return RunError(Code.LOOP_EXHAUSTED, message, edge=way.id, details={"max": way.max})
    limit = stage.limits.no_progress
    last = stage.rounds.get(way.index)
    if last is None or not limit or not (last[0] is data or last[0] == data):
        return None
    report["idle"] = last[1] + 1
    if report["idle"] < limit:
        return None
    report["taken"], report["reason"] = False, "no progress"
    message = failing.NO_PROGRESS(edge=way.id, index=limit)
    return RunError(Code.NO_PROGRESS, message, edge=way.id, details={"rounds": limit})


def _exhausted(
    stage: Stage,
    place: Place,
    data: dict[str, Json],
    names: Mapping[str, Any],
    reports: list[Report],
    stopped: RunError,
) -> Choice:
    """Take the node's `exhausted` edges in place of one that may not be taken any more."""
    ways = place.ways_out[EdgeOn.EXHAUSTED]
    if not ways:
        return reports, stopped.at(place.id)
    selected, more = _matching(ways, names, place.node.route)
    for way, report in selected:
        report["reason"] = "exhausted"
        stop = None if way.quiet else _stop(stage, way, data, report)
        if stop is not None:
            return reports + more, stop.at(place.id)
    return reports + more, None if selected else _no_route(place)
