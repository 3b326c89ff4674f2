"""What looks wrong with loops and joins as a whole: open regions, joins that wait in a ring."""

from collections.abc import Iterator
from itertools import combinations

from engine.errors import Problem
from engine.graph.plan import Group, Place, Plan, PlannedEdge
from engine.graph.reading import pointer
from engine.graph.shapes import can_fork
from engine.linting.effort import Effort
from engine.linting.looking import Look, named
from engine.linting.rounds import Rounds, meets_what_follows
from engine.policies import EdgeOn, JoinPolicy, Route, Severity
from engine.said import say

MAX_JOINS = 16
"""Joins of one tangle of cycles whose pairs are looked at."""


def open_regions(look: Look) -> Iterator[Problem]:
    """Back edges that begin a round while a branch of the last one still runs outside the loop.

    The fork is certain (two edges without conditions), one of its branches goes round, and the
    other leaves the loop for a join that the loop leads to as well: which rounds met there would
    depend on timing. A branch that ends by itself is left in peace.
    """
    plan, effort = look.plan, Effort()
    rounds = Rounds(plan, effort)
    for place in plan.places:
        if place.node.route is not Route.ALL or len(_plain(place)) < 2:
            continue
        for header in rounds.around(place):
            if not effort.take(len(_plain(place))):
                return
            for way in _leaving(place, header, rounds):
                if meets_what_follows(way, header, rounds):
                    back = next(way for way in header.ways_in if way.back)
                    yield _open_region(look, back, place, way)
                if effort.left < 0:
                    return


def _plain(place: Place) -> list[PlannedEdge]:
    """The edges that are always taken."""
    return [way for way in place.ways_out[EdgeOn.OK] if way.when is None and not way.is_else]


def _leaving(fork: Place, header: Place, rounds: Rounds) -> list[PlannedEdge]:
    """The edges by which a fork leaves a loop while another one stays in it."""
    ways = _plain(fork)
    leaving = [way for way in ways if not rounds.holds(header, way.target)]
    return leaving if len(leaving) < len(ways) else []


def _open_region(look: Look, back: PlannedEdge, fork: Place, way: PlannedEdge) -> Problem:
    message = say(
        "edge {back} begins a new round while the branch that leaves the loop at {fork} "
        "by edge {way} still runs",
        back=look.named_edge(back.id),
        fork=named(fork.node),
        way=look.named_edge(way.id),
    )
    hint = say("join the branches inside the loop, or give that edge a condition or `else`")
    where = pointer("edges", back.index)
    return Problem("open_region", where, message, hint, Severity.ERROR, None, back.id)


def ring_joins(look: Look) -> Iterator[Problem]:
    """Joins that each wait for what only comes through the other: only force gets them going."""
    plan = look.plan
    if not plan.loops.sideways or not can_fork(look.reached, look.graph):
        return  # where every loop has one way in, no two joins can wait for each other
    effort = Effort()
    for tangled in _tangles(look):
        for one, other in combinations(tangled, 2):
            if not effort.take(len(one.ways) + len(other.ways)):
                return
            if (
                one.place is not other.place
                and _awaits(plan, one, other)
                and _awaits(plan, other, one)
            ):
                message = say(
                    "the joins {one} and {other} wait for each other",
                    one=named(one.place.node),
                    other=named(other.place.node),
                )
                hint = say("let the cycle through them have one way in, or use the policy each")
                where = pointer("nodes", one.place.id)
                yield Problem(
                    "ring_of_joins", where, message, hint, Severity.WARNING, one.place.id, None
                )


def _tangles(look: Look) -> Iterator[list[Group]]:
    """The joins of each part of the graph in which cycles have several ways in."""
    part = {place.index: number for number, cycle in enumerate(look.cycles) for place in cycle}
    found: dict[int, list[Group]] = {
        part[source]: []
        for source, target in sorted(look.plan.loops.sideways)
        if part.get(source, -1) == part.get(target, -2)
    }
    for group in look.plan.groups:
        joins = found.get(part.get(group.place.index, -1))
        if joins is not None and group.policy in _WAITING and len(joins) < MAX_JOINS:
            joins.append(group)
    yield from found.values()


_WAITING = (JoinPolicy.ALL_ACTIVE, JoinPolicy.ALL)


def _awaits(plan: Plan, one: Group, other: Group) -> bool:
    """Whether a way into a join may be taken by a token that waits at another one."""
    return any(plan.reach(one, at) & other.place.bit for at in range(len(one.ways)))
