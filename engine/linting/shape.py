"""What is wrong with how nodes are connected: cycles without an end, joins that starve."""

from collections.abc import Iterator

from engine.errors import Problem
from engine.graph.reading import pointer
from engine.graph.shapes import can_fork, leads_out
from engine.linting.effort import Effort
from engine.linting.joins import skipped_way
from engine.linting.looking import Look, named, on_node
from engine.policies import JoinPolicy
from engine.said import joined, say


def unreachable(look: Look) -> Iterator[Problem]:
    """Nodes that no run comes to."""
    for place in look.plan.places:
        if place.order < 0:
            message = say("no way leads to {node}", node=named(place.node))
            hint = say("draw an edge to it, make it an entry, or remove it")
            where = pointer("nodes", place.id)
            yield on_node(place.node, "unreachable_node", where, message, hint)


def endless_cycles(look: Look) -> Iterator[Problem]:
    """Cycles that nothing leads out of."""
    for cycle in look.cycles:
        inside = {place.index for place in cycle}
        if any(leads_out(place, inside) for place in cycle):
            continue
        names = joined(named(place.node) for place in cycle[:5])
        message = (
            say("the cycle of {nodes} and {n} more has no way out", nodes=names, n=len(cycle) - 5)
            if len(cycle) > 5
            else say("the cycle of {nodes} has no way out", nodes=names)
        )
        hint = say("draw an edge that leaves it, with a condition on the edge that goes round")
        yield on_node(cycle[0].node, "endless_cycle", pointer("nodes", cycle[0].id), message, hint)


def irreducible(look: Look) -> Iterator[Problem]:
    """Cycles with several ways in, where it matters."""
    if not look.plan.loops.sideways or not can_fork(look.reached, look.graph):
        return
    for edge in look.graph.edges:
        arc = (look.plan.by_id[edge.source].index, look.plan.by_id[edge.target].index)
        if arc in look.plan.loops.sideways:
            message = say(
                "the cycle closed by edge {edge} can be entered in several places",
                edge=look.named_edge(edge.id),
            )
            hint = say("let every way into the cycle lead to the same node")
            yield look.on_edge(edge, "irreducible_cycle", message, hint)


def starving_joins(look: Look) -> Iterator[Problem]:
    """Strict joins with a way in that may be passed by."""
    effort = Effort()
    for group in look.plan.groups:
        if group.policy is not JoinPolicy.ALL or group.place.order < 0:
            continue
        culprit = skipped_way(look.plan, group, effort)
        if culprit is not None:
            node = group.place.node
            message = say(
                "{node} waits for every way in, but edge {edge} before it may be "
                "passed by, or taken more often than the others",
                node=named(node),
                edge=look.named_edge(culprit.id),
            )
            hint = say("use the join policy all_active, or take every branch")
            yield on_node(node, "starving_join", pointer("nodes", node.id, "join"), message, hint)


def odd_races(look: Look) -> Iterator[Problem]:
    """Races that cannot be lost, or cannot be won."""
    for place in look.reached:
        join, ways = place.node.join, len(place.ways_in)
        if join.policy is JoinPolicy.N_OF_M and join.n > ways:
            message = say(
                "{node} waits for {n} tokens, but has {ways} ways in",
                node=named(place.node),
                n=join.n,
                ways=ways,
            )
            hint = say("lower n, or draw the missing ways")
            where = pointer("nodes", place.id, "join", "n")
            yield on_node(place.node, "n_too_big", where, message, hint)
    for group in look.plan.groups:
        if group.races and group.place.order >= 0 and look.plan.is_empty_race(group):
            node = group.place.node
            message = say("nothing runs between the fork and the race {node}", node=named(node))
            hint = say("draw the branches that compete, or use the policy all_active")
            yield on_node(node, "empty_race", pointer("nodes", node.id, "join"), message, hint)
