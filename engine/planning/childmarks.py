"""What entries about child runs change in a marking. Called by `evolve` only."""

import math

from engine.events import Event
from engine.planning.marking import Activation, Child, Marking
from engine.policies import ActivationStatus, RunStatus

_CHILD = ActivationStatus.CHILD
_READY = ActivationStatus.READY


def started(marking: Marking, activation: Activation, event: Event) -> None:
    """A run works for the activation now."""
    data = event.data
    marking.inline.pop(activation.id, None)
    if marking.troubled:
        # Its failure was written after the resume that its driver took in after it.
        marking.troubled.pop(activation.id, None)
    activation.child = Child(data["run"])
    if data.get("resumes"):
        activation.child.status = RunStatus.FAILED.value
    activation.attempts += 1
    activation.tries += 1
    activation.status = _CHILD
    activation.due = data.get("due", math.inf)
    marking.waiting[activation.id] = activation


def ended(marking: Marking, event: Event) -> None:
    """The run has ended. Of several entries that say so, the first counts."""
    child = _take_back(marking, event)
    if child is not None:
        child.outcome = event.data
        child.status = event.data["status"]
        _wake(marking)


def dropped(marking: Marking, event: Event) -> None:
    """Nobody waits for the run any more; if the activation goes on, then with another one."""
    child = _take_back(marking, event)
    if child is not None:
        child.status = RunStatus.CANCELLED.value


def _take_back(marking: Marking, event: Event) -> Child | None:
    """The child that an activation waited for, if it is this one; the activation is ready."""
    activation = marking.activations.get(event.act or 0)
    if activation is None or activation.status is not _CHILD:
        return None
    child = child_of(activation)
    if child.run != event.data["run"]:
        return None
    del marking.waiting[activation.id]
    activation.status = _READY
    marking.inline[activation.id] = activation
    return child


def forget(marking: Marking) -> None:
    """In a fork: runs that go on work for the other one; what they left already is kept."""
    aside = (item for items in marking.maps.values() for item in items.aside)
    for activation in (*marking.activations.values(), *aside):
        child = activation.child
        if child is None:
            continue
        if activation.status is _CHILD:
            del marking.waiting[activation.id]
            activation.status = _READY
            marking.inline[activation.id] = activation
            _wake(marking)
        if child.outcome is None:
            activation.child = None
        else:
            child.status = RunStatus.CANCELLED.value


def _wake(marking: Marking) -> None:
    if marking.status is RunStatus.WAITING:
        marking.status = RunStatus.RUNNING


def child_of(activation: Activation) -> Child:
    """The run that works, or worked, for an activation that has one."""
    if activation.child is None:
        raise ValueError(f"activation {activation.id} has no child")
    return activation.child
