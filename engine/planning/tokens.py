"""How tokens move: along edges, through forks and joins. Called by `evolve` only."""

from collections import deque
from collections.abc import Sequence
from typing import Any

from engine.events import Event
from engine.graph.plan import Group, Place, PlannedEdge
from engine.planning.marking import Activation, Marking, Stage, Token
from engine.planning.withdrawal import lose, orphan, withdraw
from engine.policies import ConflictPolicy
from engine.values.merge import Merge, merge
from engine.values.state import Commit, Version


def follow(marking: Marking, activation: Activation, reports: Sequence[dict[str, Any]]) -> None:
    """Put a token on every edge taken; without one, its branch has ended."""
    token = activation.token
    only = activation.place.only
    if only is not None and reports is only.taken:
        put(marking, token, only)
        return
    ways = marking.plan.edge_by_id
    taken = [report for report in reports if report["taken"]]
    if len(taken) == 1:
        _take(marking, token, ways[taken[0]["edge"]], taken[0])
    elif not taken:
        leave(marking, token)
        if activation.place.node.terminate and token.orphans is None:
            marking.terminated = token
    else:
        children = [token, *_forked(marking, token, len(taken) - 1)]
        for child, report in zip(children, taken, strict=True):
            _take(marking, child, ways[report["edge"]], report)


def leave(marking: Marking, token: Token) -> None:
    """A branch has ended: what it wrote counts at the end of the run, unless it lost a race."""
    if token.orphans is not None:
        lose(marking, token)
    else:
        marking.ended += 1


def _forked(marking: Marking, token: Token, count: int) -> list[Token]:
    """New tokens beside `token`, standing right behind it on the same version."""
    made: list[Token] = []
    last = token
    for _ in range(count):
        child = Token(token.version)
        child.error = token.error
        child.orphans = token.orphans
        marking.insert(child, last)
        made.append(child)
        last = child
    token.version.holders += count
    return made


def _take(marking: Marking, token: Token, way: PlannedEdge, report: dict[str, Any]) -> None:
    """Move a token along an edge, counting what the edge counts."""
    if not way.quiet:
        stage = marking.stage_of(token)
        if way.renews:
            _renew(stage, way)
        if way.max is not None:
            stage.uses[way.index] = stage.uses.get(way.index, 0) + 1
        if way.back and marking.limits.no_progress:
            version = token.version
            version.lent = True
            stage.rounds[way.index] = version.data, report.get("idle", 0)
    put(marking, token, way)


def _renew(stage: Stage, way: PlannedEdge) -> None:
    """A loop is entered (or an edge asks for it): what its edges counted is forgotten."""
    for index in way.renews:
        stage.uses.pop(index, None)
        stage.rounds.pop(index, None)


def put(marking: Marking, token: Token, way: PlannedEdge) -> None:
    """Put a token at the end of a way: on the node, or before a join."""
    if way.leaves:
        leave(marking, token)
        return
    group = way.group
    stage: Stage = marking
    if marking.has_joins:
        orphans = token.orphans
        if orphans is not None:
            if not way.target.bit & orphans.region:
                lose(marking, token)
                return
            stage = orphans
        stage.arrive(way.target)
    if group is None:
        activate(marking, token, way.target)
        return
    queues = stage.parked.setdefault(group.index, {})
    position = group.position[way.index]
    if position in queues:
        queues[position].append(token)
    else:
        queues[position] = deque((token,))


def activate(marking: Marking, token: Token, place: Place) -> None:
    """The run comes to a node: a new activation, ready or to be decided at once."""
    number = marking.next_activation
    marking.next_activation = number + 1
    visits = marking.visits
    visit = visits[place.index] = visits[place.index] + 1
    activation = marking.activations[number] = Activation(number, place, token, visit)
    if place.inline or place.id in marking.pinned:
        marking.inline[number] = activation
    else:
        marking.ready[number] = activation


# Joins -----------------------------------------------------------------------------------------


def joined(marking: Marking, event: Event) -> None:
    """A join takes its tokens, and its node is activated with what they brought."""
    group = marking.plan.group_of(event.node, event.data["edges"])
    number = event.data.get("orphans")
    stage = marking if number is None else marking.orphans[number]
    tokens = taken_from(stage, group, event.data["edges"])
    if len(tokens) > 1:
        merged: Merge = event.memo or merge_tokens(marking, tokens, group.on_conflict)
        unite(marking, stage, tokens, merged, group)
    if group.races and group.cancels:
        withdraw(marking, stage, event.data["withdrawn"], group.region | group.place.bit, group)
    elif group.races:
        withdraw(marking, stage, event.data.get("withdrawn", ()), 0)
        orphan(marking, stage, event.data["orphaned"], group)
    activate(marking, tokens[0], group.place)


def taken_from(stage: Stage, group: Group, edges: Sequence[str]) -> list[Token]:
    """The oldest token of each of the named ways, taken off it."""
    queues = stage.parked[group.index]
    named = frozenset(edges)
    tokens = []
    for position, way in enumerate(group.ways):
        if way.id in named:
            queue = queues[position]
            tokens.append(queue.popleft())
            if not queue:
                del queues[position]
    if not queues:
        del stage.parked[group.index]
        stage.watched.pop(group.index, None)
    return tokens


def merge_tokens(
    marking: Marking,
    tokens: Sequence[Token],
    on_conflict: ConflictPolicy = ConflictPolicy.ERROR,
) -> Merge:
    """What the tokens' versions make together. Raises StateConflict, but not for orphans."""
    versions = [token.version for token in tokens]
    policies = marking.plan.graph.state.on_conflict
    if tokens and tokens[0].orphans is not None:
        return merge(versions, marking.plan.reducers, {}, ConflictPolicy.LAST)
    return merge(versions, marking.plan.reducers, policies, on_conflict)


def unite(
    marking: Marking, stage: Stage, tokens: Sequence[Token], merged: Merge, group: Group
) -> None:
    """The first token goes on with what all of them brought; the others are gone."""
    first = tokens[0]
    for token in tokens:
        token.version.holders -= 1
    for token in tokens[1:]:
        marking.remove(token)
        stage.leave(group.place)
        first.error = first.error or token.error
    number = marking.next_commit
    marking.next_commit = number + 1
    parents = () if marking.tokens == 1 else merged.parents
    first.version = Version(Commit(number, parents, merged.settled, group.place.id), merged.data)
