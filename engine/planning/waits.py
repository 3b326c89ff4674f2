"""Nodes that wait: for a time, a signal or a person. Pure, like the planner that calls it."""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from engine import failing
from engine.errors import Code, RunError
from engine.events import Event, EventKind
from engine.expressions import Expression, ExpressionError
from engine.graph.model import Awaited, Node
from engine.graph.schema import refusals
from engine.planning import asking, items
from engine.planning.marking import Activation, Marking
from engine.planning.parking import signal_of
from engine.planning.routing import scope
from engine.planning.signals import Decision, Parked
from engine.planning.steps import about, attempt, commit, emit, handle, refuse, stop
from engine.planning.updates import from_result
from engine.policies import ActivationStatus, WaitKind
from engine.said import Said, quoted, say
from engine.values.jsonvalue import Json, brief, clean

_WAITING = ActivationStatus.WAITING
_LATEST = 253402300800.0
"""The year 10000: later times cannot be written."""


def concerns(marking: Marking, activation: Activation) -> bool:
    """Whether the activation is one of a node that waits, with something to open or to commit."""
    node = activation.place.node
    stuck = activation.status is ActivationStatus.STUCK
    waits = bool(node.awaited) or activation.asked is not None
    return waits and not stuck and node.id not in marking.pinned


def for_others(marking: Marking, activation: Activation) -> bool:
    """Whether it, or an item of it, waits for more than a time, so that it may wait for ever."""
    waiting = (activation, *items.under_way(marking, activation))
    return any(wait["kind"] != WaitKind.TIMER for each in waiting for wait in each.waits)


def visit(
    marking: Marking, activation: Activation, decision: Decision, now: Callable[[], float]
) -> None:
    """Open the waits of a node that the run came to; commit what came to one that has waited."""
    if activation.came is not None:
        _finish(marking, activation, activation.came, decision)
        return
    if activation.token.orphans is not None and _asks_others(activation.place.node):
        _leave(marking, activation, decision)
        return
    try:
        data = _opening(activation, now)
    except RunError as error:
        refuse(marking, activation, error, decision)
        return
    _open(marking, activation, data, decision)


def ask(marking: Marking, signal: Parked, decision: Decision) -> None:
    """A tool asks a person; on a branch that lost a race there is nobody to ask."""
    activation = signal.activation
    if activation.token.orphans is not None:
        _leave(marking, activation, decision)
        return
    data = asking.opening(activation, signal.question, signal.now)
    _open(marking, activation, {**data, "ms": signal.ms}, decision)


def _open(
    marking: Marking, activation: Activation, data: dict[str, Any], decision: Decision
) -> None:
    event = about(EventKind.WAIT_OPENED, activation, data, activation.attempts or 1)
    emit(marking, decision, event)
    if activation.due < math.inf:
        decision.retries += (activation.due,)
    _take_signal(marking, activation, decision)


def _leave(marking: Marking, activation: Activation, decision: Decision) -> None:
    """Nothing that a branch which lost a race writes counts: nobody is asked, or waited for."""
    gone = activation.of or activation
    stop(marking, items.under_way(marking, gone), decision)
    data = {"withdrawn": [gone.id], "orphan": True}
    emit(marking, decision, Event(EventKind.TOKENS_WITHDRAWN, data, gone.place.id))


def _asks_others(node: Node) -> bool:
    return any(awaited.kind is not WaitKind.TIMER for awaited in node.awaited)


# Closing ----------------------------------------------------------------------------------------


def fall_due(marking: Marking, activation: Activation, decision: Decision) -> None:
    """The time of a wait is over: a timer fires, a person was too late."""
    if activation.closing is None:
        wait = min((w for w in activation.waits if "due" in w), key=lambda w: float(w["due"]))
        how = "fired" if wait["kind"] == WaitKind.TIMER else "timeout"
        _close(marking, activation, wait, {"how": how}, decision)


def take_signals(marking: Marking, decision: Decision) -> None:
    """Give the signals that are kept to the waits they are for, oldest wait first."""
    if marking.signals:
        for activation in list(marking.waiting.values()):
            if activation.status is _WAITING:
                _take_signal(marking, activation, decision)


def _take_signal(marking: Marking, activation: Activation, decision: Decision) -> None:
    if not marking.signals or activation.closing is not None:
        return
    for signal in _untaken(marking):
        for wait in activation.waits:
            if wait["kind"] == WaitKind.SIGNAL and fits(wait, signal):
                _close(marking, activation, wait, {"how": "received", **signal}, decision)
                return


def _untaken(marking: Marking) -> list[dict[str, Any]]:
    """The kept signals that were not proposed to a wait already, oldest first."""
    left = list(marking.signals)
    for activation in marking.waiting.values():
        if activation.closing is not None and activation.closing["how"] == "received":
            left.remove(signal_of(activation.closing))
    return left


def fits(wait: Mapping[str, Any], signal: Mapping[str, Any]) -> bool:
    """Whether a signal is one that the wait takes."""
    if signal["name"] != wait["name"]:
        return False
    return "key" not in wait or ("key" in signal and _same_key(signal["key"], wait["key"]))


def _same_key(one: Json, other: Json) -> bool:
    """Whether two keys are one: 1 and 1.0 are, true and 1 are not."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same_key(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same_key, one, other))
    return bool(one == other)


def _close(
    marking: Marking,
    activation: Activation,
    wait: Mapping[str, Any],
    data: dict[str, Any],
    decision: Decision,
) -> None:
    """End the waits of an activation, or propose it where somebody else may be quicker."""
    att = activation.attempts or 1
    event = about(EventKind.WAIT_CLOSED, activation, {**_named(wait), **data}, att)
    if decision.proposes:
        activation.closing = event.data
        decision.proposals.append(event)
    else:
        emit(marking, decision, event)


def _named(wait: Mapping[str, Any]) -> dict[str, Any]:
    """Which wait a closing is about, and by which alternative its node is left."""
    return {"wait": wait["id"], **({"on": wait["on"]} if "on" in wait else {})}


# Opening ----------------------------------------------------------------------------------------


def _opening(activation: Activation, now: Callable[[], float]) -> dict[str, Any]:
    """What the journal says about the waits that open. Raises RunError."""
    if activation.asked is not None:
        return asking.again(activation.asked, activation.id, now())
    opened = []
    for number, awaited in enumerate(activation.place.node.awaited):
        name = f"{activation.id}.{number}" if awaited.name else str(activation.id)
        wait: dict[str, Any] = {"id": name, "kind": awaited.kind.value}
        if awaited.name:
            wait["on"] = awaited.name
        opened.append(wait | _conditions(activation, awaited, now))
    return {"waits": opened}


def _conditions(
    activation: Activation, awaited: Awaited, now: Callable[[], float]
) -> dict[str, Any]:
    """What has to come, with the values of expressions. Raises RunError."""
    node = activation.place.node
    wait: dict[str, Any] = {}
    if awaited.for_s is not None:
        wait["due"] = now() + awaited.for_s
    if awaited.until is not None:
        wait["due"] = _time(value_of(activation, awaited.until, "until"), node.id)
    if awaited.kind is WaitKind.SIGNAL:
        wait["name"] = awaited.signal
        if awaited.key is not None:
            wait["key"] = key_of(activation, awaited.key, awaited.signal)
    if awaited.kind is WaitKind.HUMAN:
        wait["title"] = awaited.title or node.title or node.id
        wait["form"] = dict(awaited.form)
        description = awaited.description or node.description
        if description:
            wait["description"] = description
        if awaited.assignees:
            wait["assignees"] = dict(awaited.assignees)
    return wait


def value_of(activation: Activation, expression: Expression, word: str) -> Json:
    """The value of an expression over the token's state, as JSON."""
    token = activation.token
    try:
        names = scope(token.version.data, error=token.error, iteration=activation.visit)
        return clean(expression.evaluate(names), word)
    except ExpressionError as error:
        raise RunError(
            Code.EXPRESSION,
            failing.EXPRESSION(key=word, why=f"{error}\n{error.caret}"),
            node=activation.place.id,
            details={"key": word, "source": error.source, **error.as_dict()},
        ) from None


def key_of(activation: Activation, expression: Expression, signal: str) -> Json:
    """The key of a signal that is sent or waited for. Raises RunError."""
    key = value_of(activation, expression, "key")
    if key is None:
        raise RunError(
            Code.EXPRESSION,
            failing.NULL_KEY(signal=quoted(signal, 80), when=expression.source),
            node=activation.place.id,
            details={"key": "key", "source": expression.source},
        )
    return key


def _time(value: Json, node: str) -> float:
    """The seconds since 1970 that `until` means. Text without a time zone is UTC."""
    moment = math.nan
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        moment = float(value)
    elif isinstance(value, str):
        try:
            read = datetime.fromisoformat(value)
            moment = (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            pass
    if not 0 <= moment < _LATEST:
        message = failing.NO_TIME(value=repr(brief(value)))
        raise RunError(Code.EXPRESSION, message, node=node, details={"key": "until"})
    return moment


# What came --------------------------------------------------------------------------------------


def _finish(
    marking: Marking, activation: Activation, came: Mapping[str, Any], decision: Decision
) -> None:
    """Commit what came, or send the token along the way for lateness."""
    if came["how"] == "timeout":
        _time_out(marking, activation, decision)
        return
    result = came.get("answer", came.get("payload"))
    token, node = activation.token, activation.place.node
    names = {"error": token.error, "iteration": activation.visit}
    # A signal may bring nothing: its `payload` is null then, and no state key of that name.
    brought = {_BRINGS[came["how"]]: result} if came["how"] in _BRINGS else {}
    if "on" in came:
        both = {"answer": came.get("answer"), "payload": came.get("payload")}
        brought = {**both, "alternative": came["on"]}
    try:
        update = from_result(
            node, result, token.version.data, marking.plan.rules, names=names, there=brought
        )
    except RunError as error:
        refuse(marking, activation, error, decision)
    else:
        commit(marking, activation, update, decision, None)


_BRINGS = {"answered": "answer", "received": "payload"}
"""What `outputs` call that which came, by how the wait ended."""


def _time_out(marking: Marking, activation: Activation, decision: Decision) -> None:
    place = activation.place
    message = failing.NOT_ANSWERED(node=place.node.title or place.id)
    error = RunError(Code.TIMEOUT, message, node=place.id, details={"type": "TimeoutError"})
    data: dict[str, Any] = {"error": error.as_dict()}
    if activation.of is None:
        handle(marking, activation, error, data, timed_out=True)
    emit(
        marking, decision, about(EventKind.ATTEMPT_TIMED_OUT, activation, data, attempt(activation))
    )


# From outside -----------------------------------------------------------------------------------


def answer_problems(form: Mapping[str, Any], answer: Json) -> list[tuple[str, Said]]:
    """Where (a JSON pointer) and why a form refuses an answer; empty if it takes it."""
    if not isinstance(answer, dict):
        return [("", say("an answer is an object"))]
    return refusals(form, answer)


def answered(node: str, wait: Mapping[str, Any], answer: Json, by: str | None = None) -> Event:
    """The event that answers an open wait, given as `wait.opened` describes it."""
    data = {**_named(wait), "how": "answered", "answer": answer, "by": by}
    if "item" in wait:
        data["item"] = wait["item"]
    return Event(EventKind.WAIT_CLOSED, data, node, activation_of(wait["id"]), 1)


def received(node: str, wait: Mapping[str, Any], signal: Event) -> Event:
    """The event by which a signal (see `signalled`) ends the open wait that it is for."""
    data = {**_named(wait), "how": "received", **signal.data, "direct": True}
    return Event(EventKind.WAIT_CLOSED, data, node, activation_of(wait["id"]), 1)


def activation_of(wait_id: str) -> int:
    """The activation that a wait belongs to."""
    return int(wait_id.partition(".")[0])


def signalled(name: str, key: Json = None, payload: Json = None, by: str | None = None) -> Event:
    """The event by which a signal comes to a run."""
    data: dict[str, Any] = {"name": name, "by": by}
    if key is not None:
        data["key"] = key
    if payload is not None:
        data["payload"] = payload
    return Event(EventKind.SIGNAL_RECEIVED, data)
