"""What looks wrong with loops and joins as a whole: open regions, joins that wait in a ring."""

from collections.abc import Iterable, Iterator
from itertools import combinations

from engine.errors import Problem
from engine.graph.plan import Group, Place, Plan, PlannedEdge
from engine.graph.reading import pointer
from engine.policies import EdgeOn, JoinPolicy, Route, Severity

MAX_WALKS = 200
"""Walks through the graph that one look at its loops makes at most."""
MAX_PAIRS = 2_000
"""Pairs of joins, and of forks and loops around them, that are looked at."""


def open_regions(plan: Plan) -> Iterator[Problem]:
    """Back edges that begin a round while a branch of the last one still runs outside the loop.

    The fork is certain (two edges without conditions), one of its branches goes round, and the
    other leaves the loop for a join that the loop leads to as well: which rounds met there would
    depend on timing. A branch that ends by itself is left in peace.
    """
    walks = 0
    for fork, header in _forks_in_loops(plan):
        staying, leaving = _branches(fork, header, plan)
        if not staying or not leaving:
            continue
        body = _natural_loop(header)
        for way in leaving:
            walks += 1
            if walks > MAX_WALKS:
                return
            if _meets_what_follows(way, body):
                back = next(way for way in header.ways_in if way.back)
                yield _open_region(back, fork, way)


def _forks_in_loops(plan: Plan) -> Iterator[tuple[Place, Place]]:
    """Places with several ways on, each with the head of every loop around it."""
    looked_at = 0
    for place in plan.places:
        if place.node.route is Route.ALL and len(_plain(place)) > 1:
            for header in plan.loops.around(place.index):
                looked_at += 1
                if looked_at > MAX_PAIRS:
                    return
                yield place, plan.places[header]


def _plain(place: Place) -> list[PlannedEdge]:
    """The edges that are always taken."""
    return [way for way in place.ways_out[EdgeOn.OK] if way.when is None and not way.is_else]


def _natural_loop(header: Place) -> dict[int, Place]:
    """The places from which a back edge into `header` is reached without leaving the loop."""
    body = {header.index: header}
    work = [way.source for way in header.ways_in if way.back and way.source is not None]
    while work:
        place = work.pop()
        if place.index not in body:
            body[place.index] = place
            work += [way.source for way in place.ways_in if way.source is not None]
    return body


def _branches(
    fork: Place, header: Place, plan: Plan
) -> tuple[list[PlannedEdge], list[PlannedEdge]]:
    """The edges that a fork always takes together: those that stay in a loop, and the others."""
    staying: list[PlannedEdge] = []
    leaving: list[PlannedEdge] = []
    for way in _plain(fork):
        inside = header.index in plan.loops.around(way.target.index)
        (staying if inside else leaving).append(way)
    return staying, leaving


def _meets_what_follows(way: PlannedEdge, body: dict[int, Place]) -> bool:
    """Whether a branch that leaves a loop comes to a join that another way out leads to."""
    others = [
        exit_
        for place in body.values()
        for ways in place.ways_out.values()
        for exit_ in ways
        if exit_ is not way and exit_.target.index not in body
    ]
    here = _reached([way.target], body)
    there = _reached([exit_.target for exit_ in others], body)
    meeting = [place for index, place in here.items() if index in there]
    return any(_comes_by_two(place, way, others, here, there) for place in meeting)


def _comes_by_two(
    place: Place,
    way: PlannedEdge,
    others: list[PlannedEdge],
    here: dict[int, Place],
    there: dict[int, Place],
) -> bool:
    """Whether the two sides come to a join by different ways in."""
    ways = [entry for entry in place.ways_in if entry.group is not None and entry.source]
    one = {e.index for e in ways if e is way or _from(e, here)}
    other = {e.index for e in ways if e in others or _from(e, there)}
    return bool(one) and bool(other) and len(one | other) > 1


def _from(way: PlannedEdge, places: dict[int, Place]) -> bool:
    return way.source is not None and way.source.index in places


def _reached(starts: Iterable[Place], without: dict[int, Place]) -> dict[int, Place]:
    seen: dict[int, Place] = {}
    work = list(starts)
    while work:
        place = work.pop()
        if place.index not in seen and place.index not in without:
            seen[place.index] = place
            work += [way.target for ways in place.ways_out.values() for way in ways]
    return seen


def _open_region(back: PlannedEdge, fork: Place, way: PlannedEdge) -> Problem:
    message = (
        f"edge {back.id!r} begins a new round while the branch that leaves the loop at {fork.id!r} "
        f"by edge {way.id!r} still runs"
    )
    hint = "join the branches inside the loop, or give that edge a condition or `else`"
    where = pointer("edges", back.index)
    return Problem("open_region", where, message, hint, Severity.ERROR, None, back.id)


def ring_joins(plan: Plan) -> Iterator[Problem]:
    """Joins that each wait for what only comes through the other: only force gets them going."""
    if not plan.loops.sideways:
        return  # where every loop has one way in, no two joins can wait for each other
    groups = [group for group in plan.groups if group.policy in _WAITING]
    for looked_at, (one, other) in enumerate(combinations(groups, 2)):
        if looked_at > MAX_PAIRS:
            return
        if one.place is not other.place and _awaits(plan, one, other) and _awaits(plan, other, one):
            message = f"the joins {one.place.id!r} and {other.place.id!r} wait for each other"
            hint = "let the cycle through them have one way in, or use the policy each"
            where = pointer("nodes", one.place.id)
            yield Problem(
                "ring_of_joins", where, message, hint, Severity.WARNING, one.place.id, None
            )


_WAITING = (JoinPolicy.ALL_ACTIVE, JoinPolicy.ALL)


def _awaits(plan: Plan, one: Group, other: Group) -> bool:
    """Whether a way into a join may be taken by a token that waits at another one."""
    return any(plan.reach(one, at) & other.place.bit for at in range(len(one.ways)))
