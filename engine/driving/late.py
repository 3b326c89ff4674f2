"""What tools bring after their attempt has ended: it is recorded, and used for nothing."""

from typing import Any

from engine import failing
from engine.errors import Code, RunError
from engine.events import Event, EventKind
from engine.planning.marking import Activation
from engine.planning.signals import Failed, ItemSucceeded, Parked, Signal, Succeeded
from engine.values.jsonvalue import Json, brief


def late_result(
    activation: Activation, number: int, signal: Signal, *, whole: bool = False
) -> Event | None:
    """What the journal keeps of what came too late; None if there is nothing to keep.

    `whole`: nothing of it is shortened, because a person may adopt it.
    """
    shown = _same if whole else brief
    if isinstance(signal, Succeeded):
        ops = [[shown(part) for part in op] for op in signal.update.ops]
        data: dict[str, Any] = {"ok": True, "ops": ops}
    elif isinstance(signal, ItemSucceeded):
        data = {"ok": True, "result": shown(signal.result)}
    elif isinstance(signal, Parked):
        data = {"ok": True, "asked": brief(signal.question.title)}
    elif isinstance(signal, Failed) and signal.error.details.get("type") != "CancelledError":
        data = {"ok": False, "error": signal.error.as_dict()}
    else:
        return None
    if activation.of is not None:
        data["item"] = activation.index
    kind = EventKind.ATTEMPT_LATE_RESULT
    return Event(kind, data, activation.place.id, activation.id, number)


def not_called(activation: Activation, number: int) -> Event:
    """What is kept of a call that was announced and not made: it may be made again."""
    node = activation.place.id
    error = RunError(Code.NOT_CALLED, failing.NOT_CALLED(), node=node)
    data: dict[str, Any] = {"ok": False, "error": error.as_dict()}
    if activation.of is not None:
        data["item"] = activation.index
    return Event(EventKind.ATTEMPT_LATE_RESULT, data, node, activation.id, number)


def _same(value: Json) -> Json:
    return value
