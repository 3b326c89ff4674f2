"""Nodes that wait: for a time, a signal or a person. Pure, like the planner that calls it."""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from engine.errors import Code, RunError
from engine.events import Event, EventKind
from engine.expressions import Expression, ExpressionError
from engine.graph.model import Awaited
from engine.graph.schema import refusals
from engine.jsonvalue import Json, brief, clean
from engine.marking import Activation, Marking
from engine.policies import ActivationStatus, WaitKind
from engine.routing import scope
from engine.signals import Decision
from engine.steps import about, commit, emit, handle, refuse
from engine.updates import from_result

_WAITING = ActivationStatus.WAITING
_LATEST = 253402300800.0
"""The year 10000: later times cannot be written."""


def concerns(marking: Marking, activation: Activation) -> bool:
    """Whether the activation is one of a node that waits, with something to open or to commit."""
    node = activation.place.node
    stuck = activation.status is ActivationStatus.STUCK
    return node.awaited is not None and not stuck and node.id not in marking.pinned


def visit(
    marking: Marking, activation: Activation, decision: Decision, now: Callable[[], float]
) -> None:
    """Open the wait of a node that the run came to; commit what came to one that has waited."""
    if activation.wait is not None:
        _finish(marking, activation, activation.wait, decision)
        return
    try:
        wait = _opening(activation, now)
    except RunError as error:
        refuse(marking, activation, error, decision)
        return
    data = {"waits": [wait]}
    emit(marking, decision, about(EventKind.WAIT_OPENED, activation, data, 1))
    if "due" in wait:
        decision.retries += (wait["due"],)
    if wait["kind"] == WaitKind.SIGNAL:
        _take_signal(marking, activation, decision)


def fall_due(marking: Marking, activation: Activation, decision: Decision) -> None:
    """The time of a wait is over: a timer fires, a person was too late."""
    wait = activation.wait or {}
    how = "fired" if wait.get("kind") == WaitKind.TIMER else "timeout"
    data = {"wait": wait.get("id"), "how": how}
    emit(marking, decision, about(EventKind.WAIT_CLOSED, activation, data, 1))


def take_signals(marking: Marking, decision: Decision) -> None:
    """Give the signals that are kept to the waits they are for, oldest wait first."""
    if marking.signals:
        for activation in list(marking.waiting.values()):
            if activation.status is _WAITING:
                _take_signal(marking, activation, decision)


def _take_signal(marking: Marking, activation: Activation, decision: Decision) -> None:
    wait = activation.wait or {}
    if wait.get("kind") != WaitKind.SIGNAL:
        return
    for signal in marking.signals:
        if signal["name"] == wait["name"] and ("key" not in wait or _same_key(signal, wait)):
            data = {"wait": wait["id"], "how": "received", **signal}
            emit(marking, decision, about(EventKind.WAIT_CLOSED, activation, data, 1))
            return


def _same_key(signal: Mapping[str, Any], wait: Mapping[str, Any]) -> bool:
    return "key" in signal and bool(signal["key"] == wait["key"])


# Opening ----------------------------------------------------------------------------------------


def _opening(activation: Activation, now: Callable[[], float]) -> dict[str, Any]:
    """What the journal says about a wait that opens. Raises RunError."""
    node = activation.place.node
    awaited: Awaited = node.awaited  # type: ignore[assignment]
    wait: dict[str, Any] = {"id": str(activation.id), "kind": awaited.kind.value}
    if awaited.for_s is not None:
        wait["due"] = now() + awaited.for_s
    if awaited.until is not None:
        wait["due"] = _time(_value(activation, awaited.until, "until"), node.id)
    if awaited.kind is WaitKind.SIGNAL:
        wait["name"] = awaited.signal
        if awaited.key is not None:
            wait["key"] = _value(activation, awaited.key, "key")
    if awaited.kind is WaitKind.HUMAN:
        wait["title"] = node.title or node.id
        wait["form"] = dict(awaited.form)
        if node.description:
            wait["description"] = node.description
        if awaited.assignees:
            wait["assignees"] = dict(awaited.assignees)
    return wait


def _value(activation: Activation, expression: Expression, word: str) -> Json:
    """The value of an expression over the token's state, as JSON."""
    token = activation.token
    try:
        names = scope(token.version.data, error=token.error, iteration=activation.visit)
        return clean(expression.evaluate(names), word)
    except ExpressionError as error:
        raise RunError(
            Code.EXPRESSION,
            f"the expression for {word!r} cannot be evaluated: {error}\n{error.caret}",
            node=activation.place.id,
            details={"key": word, "source": error.source, **error.as_dict()},
        ) from None


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
        message = (
            f"'until' gives {brief(value)!r}, which is no time; "
            f"give ISO 8601 text such as '2030-01-31T09:00:00Z', or seconds since 1970"
        )
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
    token = activation.token
    names = {
        "error": token.error,
        "iteration": activation.visit,
        "answer": came.get("answer"),
        "payload": came.get("payload"),
    }
    try:
        update = from_result(
            activation.place.node, result, token.version.data, marking.plan.rules, names=names
        )
    except RunError as error:
        refuse(marking, activation, error, decision)
    else:
        commit(marking, activation, update, decision, None)


def _time_out(marking: Marking, activation: Activation, decision: Decision) -> None:
    place = activation.place
    message = f"nobody answered {place.node.title or place.id!r} in time"
    error = RunError(Code.TIMEOUT, message, node=place.id, details={"type": "TimeoutError"})
    data: dict[str, Any] = {"error": error.as_dict()}
    handle(marking, activation, error, data, timed_out=True)
    emit(marking, decision, about(EventKind.ATTEMPT_TIMED_OUT, activation, data, 1))


# From outside -----------------------------------------------------------------------------------


def answer_problems(form: Mapping[str, Any], answer: Json) -> list[tuple[str, str]]:
    """Where (a JSON pointer) and why a form refuses an answer; empty if it takes it."""
    if not isinstance(answer, dict):
        return [("", "an answer is an object")]
    return refusals(form, answer)


def answered(node: str, wait: Mapping[str, Any], answer: Json, by: str | None = None) -> Event:
    """The event that answers an open wait, given as `wait.opened` describes it."""
    data = {"wait": wait["id"], "how": "answered", "answer": answer, "by": by}
    return Event(EventKind.WAIT_CLOSED, data, node, int(wait["id"]), 1)


def signalled(name: str, key: Json = None, payload: Json = None, by: str | None = None) -> Event:
    """The event by which a signal comes to a run."""
    data: dict[str, Any] = {"name": name, "by": by}
    if key is not None:
        data["key"] = key
    if payload is not None:
        data["payload"] = payload
    return Event(EventKind.SIGNAL_RECEIVED, data)
