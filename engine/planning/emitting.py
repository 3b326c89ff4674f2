"""Nodes that send a signal. Pure, like the planner that calls it.

A wait of the same run that is open for the signal takes it. Else it goes out to other runs, where
there are any: whoever keeps the journal delivers it. In a script there are none, so the run keeps
it for a later wait of its own.
"""

from typing import Any

from engine.errors import RunError
from engine.events import EventKind
from engine.graph.model import Emits
from engine.planning import waits
from engine.planning.marking import Activation, Marking
from engine.planning.signals import Bounds, Decision
from engine.planning.steps import about, attempt, do_inline, emit, refuse
from engine.planning.waits import fits, key_of, value_of
from engine.policies import ActivationStatus, SignalMode, SignalTo
from engine.values.jsonvalue import clean


def concerns(marking: Marking, activation: Activation) -> bool:
    """Whether the activation is one of a node that has a signal to send."""
    node = activation.place.node
    stuck = activation.status is ActivationStatus.STUCK
    return node.emits is not None and not stuck and node.id not in marking.pinned


def visit(marking: Marking, activation: Activation, decision: Decision, bounds: Bounds) -> None:
    """Send the signal and commit the step, in one append."""
    node = activation.place.node
    assert node.emits is not None
    if activation.came is None:
        try:
            data = _signal(activation, node.emits)
        except RunError as error:
            refuse(marking, activation, error, decision)
            return
        data["to"] = _destination(marking, data, node.emits, bounds).value
        event = about(EventKind.SIGNAL_EMITTED, activation, data, attempt(activation))
        emit(marking, decision, event)
    do_inline(marking, activation, decision)
    waits.take_signals(marking, decision)


def _signal(activation: Activation, emits: Emits) -> dict[str, Any]:
    """The signal with the values of its expressions. Raises RunError."""
    data: dict[str, Any] = {"name": emits.signal}
    if emits.key is not None:
        data["key"] = key_of(activation, emits.key, emits.signal)
    if emits.payload is not None:
        data["payload"] = clean(
            {
                name: value_of(activation, source, f"payload.{name}")
                for name, source in emits.payload.items()
            }
        )
    if emits.mode is SignalMode.TRANSIENT:
        data["mode"] = emits.mode.value
    return data


def _destination(
    marking: Marking, signal: dict[str, Any], emits: Emits, bounds: Bounds
) -> SignalTo:
    if _is_awaited(marking, signal):
        return SignalTo.RUN
    if bounds.outside:
        return SignalTo.RUNS
    return SignalTo.RUN if emits.mode is SignalMode.KEEP else SignalTo.NOBODY


def _is_awaited(marking: Marking, signal: dict[str, Any]) -> bool:
    """Whether a wait of this very run takes the signal now."""
    return any(
        wait["kind"] == "signal" and fits(wait, signal)
        for activation in marking.waiting.values()
        if activation.closing is None
        for wait in activation.waits
    )
