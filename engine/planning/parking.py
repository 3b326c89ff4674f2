"""How waits open and close in a marking. Called by `evolve` only."""

import math
from typing import Any

from engine.events import Event
from engine.planning.marking import Activation, Asked, Marking
from engine.policies import ActivationStatus, RunStatus, SignalTo
from engine.values.jsonvalue import Json

_WAITING = ActivationStatus.WAITING
DROPPED = "dropped"
"""How a wait closes that nobody needs any more: its map node is done, or gone."""


def opened(marking: Marking, activation: Activation, event: Event) -> None:
    """The activation waits."""
    marking.inline.pop(activation.id, None)
    if activation.status is ActivationStatus.RUNNING:
        marking.running -= 1
    activation.status = _WAITING
    activation.waits = event.data["waits"]
    if "asked" in event.data:
        wait = activation.waits[0]
        activation.asked = Asked(event.data["asked"], event.data.get("memo"), wait)
    activation.closing = None
    activation.due = min((w["due"] for w in activation.waits if "due" in w), default=math.inf)
    marking.waiting[activation.id] = activation


def closed(marking: Marking, event: Event) -> None:
    """What was waited for came. Of several that come at once, the first in the journal counts."""
    activation = marking.waiting.get(event.act or 0)
    if activation is None or not _is_open(activation, event.data["wait"]):
        return
    del marking.waiting[activation.id]
    activation.waits, activation.closing = (), None
    activation.status = ActivationStatus.READY
    if event.data["how"] == DROPPED:
        return
    if activation.asked is not None and event.data["how"] == "answered":
        _answer(marking, activation, activation.asked, event.data["answer"])
    else:
        activation.came = event.data
        if not _is_aside(marking, activation):
            marking.inline[activation.id] = activation
    if event.data["how"] == "received" and not event.data.get("direct"):
        marking.signals.remove(signal_of(event.data))
    wake(marking)


def _answer(marking: Marking, activation: Activation, asked: Asked, answer: Json) -> None:
    """The tool that asked is called with the answer: new work, whose retries count anew."""
    asked.answered, asked.answer = True, answer
    activation.tries = activation.losses = 0
    if not _is_aside(marking, activation):
        marking.ready[activation.id] = activation


def _is_aside(marking: Marking, activation: Activation) -> bool:
    """Whether it is an item that a failed map has left: it goes on once the run is resumed."""
    of = activation.of
    return of is not None and activation.id not in marking.maps[of.id].open


def asks_again(activation: Activation) -> bool:
    """Whether its tool has asked, and nobody has answered yet."""
    return activation.asked is not None and not activation.asked.answered


def _is_open(activation: Activation, wait: str) -> bool:
    return activation.status is _WAITING and any(w["id"] == wait for w in activation.waits)


def signalled(marking: Marking, event: Event) -> None:
    """A signal came; it is kept until a wait takes it."""
    marking.signals.append(signal_of(event.data))


def emitted(marking: Marking, event: Event) -> None:
    """A node sent a signal; what is for the run itself is kept until a wait takes it."""
    activation = marking.activations.get(event.act or 0)
    if activation is not None:
        activation.came = event.data
    if event.data["to"] == SignalTo.RUN:
        marking.signals.append(signal_of(event.data))


def signal_of(data: dict[str, Any]) -> dict[str, Any]:
    """A signal by itself, without who sent it or what took it."""
    return {key: data[key] for key in ("name", "key", "payload") if key in data}


def wake(marking: Marking) -> None:
    """A run that waited goes on."""
    if marking.status is RunStatus.WAITING:
        marking.status = RunStatus.RUNNING
