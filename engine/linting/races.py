"""State keys that parallel branches write beside each other."""

from collections.abc import Iterator
from itertools import combinations, islice

from engine.errors import Problem
from engine.graph.model import Edge
from engine.graph.plan import Place, Plan
from engine.graph.reading import pointer
from engine.graph.shapes import ancestors
from engine.linting.effort import Effort
from engine.linting.looking import Look, named, on_node
from engine.linting.outcomes import complete
from engine.policies import EdgeOn, Route, Severity
from engine.said import quoted, say

MAX_PAIRS = 200
"""Pairs of writers of one key that are looked at."""


def racing_writes(look: Look) -> Iterator[Problem]:
    """Keys without a rule for two values that two parallel branches write."""
    state, effort = look.graph.state, Effort()
    for key, writers in look.writers().items():
        if key in state.reducers or key in state.on_conflict or len(writers) < 2:
            continue
        pair = _parallel_pair(look.plan, writers, effort)
        if pair is not None:
            one, other = pair
            message = say(
                "{one} and {other} run beside each other and both write {key}",
                one=named(one.node),
                other=named(other.node),
                key=quoted(key),
            )
            hint = say(
                "give {key} a reducer, set on_conflict for it, or write it in one branch",
                key=quoted(key),
            )
            where = pointer("nodes", one.id)
            yield on_node(one.node, "racing_writes", where, message, hint, Severity.WARNING)


def _parallel_pair(plan: Plan, writers: list[Place], effort: Effort) -> tuple[Place, Place] | None:
    for one, other in islice(combinations(writers, 2), MAX_PAIRS):
        if not effort.take():
            return None
        if _parallel(plan, one, other, effort):
            return one, other
    return None


def _parallel(plan: Plan, one: Place, other: Place, effort: Effort) -> bool:
    """Whether two nodes can be on different branches of one fork at the same time."""
    fork = _common_dominator(plan, one, other, effort)
    if fork is None or fork is one or fork is other:
        return False
    to_one, to_other = _branches(plan, fork, one, effort), _branches(plan, fork, other, effort)
    return any(_together(a, b, fork) for a in to_one for b in to_other if a is not b) and not (
        to_one == to_other and len(to_one) == 1
    )


def _branches(plan: Plan, fork: Place, target: Place, effort: Effort) -> list[Edge]:
    """The edges of `fork` that lead to `target` without a back edge or the fork again."""
    before = ancestors(plan, target, fork)
    effort.take(before.count(1) + len(fork.ways_out[EdgeOn.OK]))
    return [
        way.edge
        for way in fork.ways_out[EdgeOn.OK]
        if way.edge is not None and before[way.target.index]
    ]


def _common_dominator(plan: Plan, one: Place, other: Place, effort: Effort) -> Place | None:
    """The last place that every way to either leads through. What is above comes before."""
    above = plan.loops.dominator
    while one is not other:
        lower, other = (one, other) if one.order > other.order else (other, one)
        if lower.index not in above or not effort.take():
            return None
        one = plan.places[above[lower.index]]
    return one


def _together(one: Edge, other: Edge, fork: Place) -> bool:
    """Whether a fork can take both edges at once."""
    if fork.node.route is Route.FIRST:
        return False
    if one.is_else or other.is_else:
        return one.when is None and other.when is None
    return one.when is None or other.when is None or not complete([one, other])
