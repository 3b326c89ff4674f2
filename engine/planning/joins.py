"""When a join fires. Pure: a function of the marking, so recovery needs nothing extra."""

from collections.abc import Callable

from engine.graph.plan import Group
from engine.planning.marking import Stage
from engine.policies import JoinPolicy


def ready(stage: Stage, group: Group) -> bool:
    """Whether a join that holds tokens takes them now."""
    return _POLICIES[group.policy](stage, group)


def missing(stage: Stage, group: Group) -> list[str]:
    """The ways in that hold no token."""
    queues = stage.parked[group.index]
    return [way.id for at, way in enumerate(group.ways) if at not in queues]


def awaited(stage: Stage, group: Group) -> dict[str, list[str]]:
    """What a join is waiting for: each way in that can still be taken, and the nodes to watch."""
    queues = stage.parked[group.index]
    found = {}
    for at, way in enumerate(group.ways):
        coming = 0 if at in queues else stage.live & stage.plan.reach(group, at)
        if coming:
            found[way.id] = [place.id for place in stage.plan.places if place.bit & coming]
    return found


def taken(stage: Stage, group: Group) -> list[int]:
    """The positions of the ways in whose oldest token a join that fires takes, in their order.

    A race takes what came first; every other join takes all that is there.
    """
    came = stage.parked[group.index]
    return sorted(list(came)[: group.needed] if group.races else came)


def strict(group: Group) -> bool:
    """Whether the join must have a number of tokens, and fails the run when it cannot."""
    return group.policy is JoinPolicy.ALL or group.races


def _all_active(stage: Stage, group: Group) -> bool:
    """Every way in holds a token, or no live token can come to the ones that do not.

    The way in that was found open last time is looked at first: it usually still is.
    """
    queues = stage.parked[group.index]
    count = len(group.ways)
    if len(queues) == count:
        return True
    first = stage.watched.get(group.index, 0)
    for step in range(count):
        position = (first + step) % count
        if position not in queues and stage.live & stage.plan.reach(group, position):
            stage.watched[group.index] = position
            return False
    return True


def _all(stage: Stage, group: Group) -> bool:
    """Every way in holds a token."""
    return len(stage.parked[group.index]) == len(group.ways)


def _race(stage: Stage, group: Group) -> bool:
    """As many ways in hold a token as the race needs."""
    return len(stage.parked[group.index]) >= group.needed


_POLICIES: dict[JoinPolicy, Callable[[Stage, Group], bool]] = {
    JoinPolicy.ALL_ACTIVE: _all_active,
    JoinPolicy.ALL: _all,
    JoinPolicy.FIRST: _race,
    JoinPolicy.FIRST_CANCEL: _race,
    JoinPolicy.N_OF_M: _race,
}
"""The policies of joins. A node with the policy `each` is none: no way in waits for another."""
