"""Strict joins that can starve: a way into them that a token may pass by."""

from collections.abc import Sequence

from engine.graph.plan import Group, Place, Plan, PlannedEdge
from engine.linting.effort import Effort
from engine.policies import EdgeOn, JoinPolicy, OnError, OnNoRoute, Route


def skipped_way(plan: Plan, group: Group, effort: Effort) -> PlannedEdge | None:
    """A way into a join that is not taken whenever the others are; None if there is none.

    Looked at from the fork that every way leads through (of back edges: the loop's head), each way
    in must be certain, whatever conditions say. That a tool fails is not looked at, unless a way in
    depends on it. Without effort left nothing is found.
    """
    join = group.place
    start = plan.loops.dominator.get(join.index, -1)
    forks = [way.target for way in plan.entries] if start < 0 else [plan.places[start]]
    if group.ways[0].back:
        forks = [join]
    # A race around the whole join takes everything before it at once.
    races = [each for each in plan.races if not each.region & join.bit]
    for way in group.ways:
        if way.source is None:
            continue
        certain = _certain(way, forks, races, effort)
        if certain is None:
            return None
        if not any(fork.index in certain for fork in forks):
            return _first_doubt(way, certain)
    return None


def _certain(
    way: PlannedEdge, forks: Sequence[Place], races: Sequence[Group], effort: Effort
) -> dict[int, Place] | None:
    """The places between forks and a way into a join from which every token comes to that way.

    None if no effort is left to find them.
    """
    join = way.target
    stop = {fork.index for fork in forks}
    found: dict[int, Place] = {}
    work = [way.source] if way.source is not None else []
    while work:
        place = work.pop()
        if place.index in found or (place is join and join.index not in stop):
            continue
        if not effort.take(6 + len(races)):
            return None
        found[place.index] = place
        if place.index not in stop:
            work += [entry.source for entry in place.ways_in if entry.source is not None]
    if any(_comes_more_than_once(found[index]) for index in found.keys() - stop):
        return {}
    doubtful = [place for place in found.values() if not _sure(place, way, found, races)]
    while doubtful:
        for place in doubtful:
            found.pop(place.index, None)
        before = {
            entry.source.index
            for place in doubtful
            for entry in place.ways_in
            if entry.source is not None
        }
        doubtful = [found[index] for index in before & found.keys()]
        doubtful = [place for place in doubtful if not _sure(place, way, found, races)]
    return found


def _comes_more_than_once(place: Place) -> bool:
    """Whether a place does its work for each of several tokens."""
    return place.node.join.policy is JoinPolicy.EACH and len(place.ways_in) > 1


def _sure(
    place: Place, way: PlannedEdge, certain: dict[int, Place], races: Sequence[Group]
) -> bool:
    """Whether a token that leaves a place, however it does, comes to the way or a certain place."""
    node = place.node
    if node.on_error is OnError.END_BRANCH:
        return False
    if any(race.region & place.bit and race.place.index not in certain for race in races):
        return False  # it may be given up there
    outcomes = [place.ways_by(each.name) for each in node.awaited if each.name]
    outcomes = outcomes or [place.ways_out[EdgeOn.OK]]
    exhausted = place.ways_out[EdgeOn.EXHAUSTED]
    if exhausted:
        outcomes.append(exhausted)
    by_failure = way.source is place and way.edge is not None and way.edge.on in _FAILURES
    if by_failure:
        return False
    if node.route is Route.ALL and len(outcomes) == 1 and _fed_plainly(place, way, certain):
        return True
    return all(_leads(ways, node.route, node.on_no_route, way, certain) for ways in outcomes)


def _fed_plainly(place: Place, goal: PlannedEdge, certain: dict[int, Place]) -> bool:
    """Whether an edge without a condition leads on: seen from its end, where a fork is wide."""
    if len(place.ways_out[EdgeOn.OK]) <= len(certain):
        return False
    join = goal.target.index
    entries = [way for at in certain.values() if at.index != join for way in at.ways_in]
    return any(
        way.source is place and way.when is None and not way.is_else and _is_ok(way)
        for way in (goal, *entries)
    )


def _is_ok(way: PlannedEdge) -> bool:
    return way.edge is not None and way.edge.on == EdgeOn.OK


_FAILURES = (EdgeOn.ERROR, EdgeOn.TIMEOUT)


def _leads(
    ways: Sequence[PlannedEdge],
    route: Route,
    on_no_route: OnNoRoute,
    goal: PlannedEdge,
    certain: dict[int, Place],
) -> bool:
    """Whether one of the edges that are taken always leads on to the goal."""
    if not ways:
        return False
    join = goal.target.index
    good = [way is goal or (way.target.index in certain and way.target.index != join)
            for way in ways]  # fmt: skip
    plain = [at for at, way in enumerate(ways) if way.when is None and not way.is_else]
    if route is Route.FIRST:
        until = plain[0] + 1 if plain else len(ways)
        looked_at = [at for at in range(until) if not ways[at].is_else]
        looked_at += [] if plain else [at for at, way in enumerate(ways) if way.is_else]
        ends = on_no_route is OnNoRoute.END and not plain and not any(w.is_else for w in ways)
        return all(good[at] for at in looked_at) and not ends
    if any(good[at] for at in plain):
        return True
    if plain or (on_no_route is OnNoRoute.END and not any(way.is_else for way in ways)):
        return False
    return all(good)


def _first_doubt(way: PlannedEdge, certain: dict[int, Place]) -> PlannedEdge:
    """An edge of the last place before the certain ones: what is not always taken."""
    seen: set[int] = set()
    work = [way]
    while work:
        at = work.pop()
        source = at.source
        if source is None or source.index in seen:
            continue
        if source.index not in certain:
            return at
        seen.add(source.index)
        work += source.ways_in
    return way
