"""Locks: of the nodes that share one, only one is worked on at a time. Pure.

A lock is held from the start of a visit until its step is done: through retries, waits, questions,
items and child runs. A node has one lock at most, so nobody holds one while he waits for another.
"""

from engine.planning.marking import Activation, Marking
from engine.planning.unknowns import is_settled
from engine.policies import ActivationStatus

_AT_WORK = frozenset(
    {
        ActivationStatus.RUNNING,
        ActivationStatus.RETRY_WAIT,
        ActivationStatus.WAITING,
        ActivationStatus.ITEMS,
        ActivationStatus.CHILD,
    }
)
_DONE = ActivationStatus.STUCK

Holders = dict[str, Activation]


def holders(marking: Marking) -> Holders:
    """Who holds each lock: whoever is at work, else the first who had begun and was cut."""
    found: Holders = {}
    for activation in marking.activations.values():
        lock = activation.place.node.lock
        if lock is not None:
            rank = _rank(activation)
            if rank and (lock not in found or rank > _rank(found[lock])):
                found[lock] = activation
    return found


def _rank(activation: Activation) -> int:
    if activation.status in _AT_WORK:
        return 2
    begun = activation.attempts > 0 or activation.came is not None
    return int(begun and activation.status is ActivationStatus.READY)


def is_free(activation: Activation, held: Holders) -> bool:
    """Whether no other activation holds the lock that this one needs to begin or to go on."""
    lock = activation.place.node.lock
    if lock is None or activation.status is _DONE or is_settled(activation):
        return True
    return held.get(lock, activation) is activation


def startable(marking: Marking) -> dict[int, Activation]:
    """The ready activations that may call their tool as far as locks go, oldest first."""
    if not marking.plan.has_locks:
        return marking.ready
    held = holders(marking)
    return {number: a for number, a in marking.ready.items() if is_free(a, held)}


def next_inline(marking: Marking) -> Activation | None:
    """The oldest activation that calls no tool and may be decided as far as locks go."""
    if not marking.plan.has_locks:
        return next(iter(marking.inline.values()), None)
    held = holders(marking)
    return next((a for a in marking.inline.values() if is_free(a, held)), None)


def has_work(marking: Marking) -> bool:
    """Whether something could begin, or be decided, as far as locks go."""
    return bool(startable(marking)) or next_inline(marking) is not None
