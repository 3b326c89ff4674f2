"""What a person says of an attempt of unknown outcome, and the step that follows from it. Pure.

The decision is an event of its own, which whoever brings it appends. When the run goes on, the
attempt ends on the same way as any other: its update goes through the reducers, its edges are
evaluated, or its error is handled.
"""

from collections.abc import Mapping
from typing import Any

from engine import failing
from engine.errors import Code, RunError, ValueRefused
from engine.events import Event, EventKind
from engine.planning.marking import Activation, Marking
from engine.planning.signals import Decision
from engine.planning.steps import about, commit, emit, refuse
from engine.planning.updates import Update, from_result, of_item
from engine.policies import OutcomeChoice
from engine.values.jsonvalue import Json, weight
from engine.values.state import RED, Op, StateRules, apply

_LATE = ("ok", "ops", "result", "error")
"""What of a late result goes along into the decision that adopts it."""


def decided(
    activation: Activation,
    choice: OutcomeChoice,
    *,
    output: Json = None,
    late: Mapping[str, Any] | None = None,
    by: str | None = None,
    note: str = "",
) -> Event:
    """The event by which somebody decides. `output` belongs to `done`, `late` (the data of the
    late result, whole) to `adopt`."""
    data: dict[str, Any] = {"choice": choice.value, "by": by}
    if note:
        data["note"] = note
    if choice is OutcomeChoice.DONE:
        data["output"] = output
    if choice is OutcomeChoice.ADOPT and late is not None:
        data |= {key: late[key] for key in _LATE if key in late}
    return about(EventKind.OUTCOME_DECIDED, activation, data, activation.attempts)


def is_adoptable(late: Mapping[str, Any]) -> bool:
    """Whether the data of a late result holds all that the attempt would have left behind."""
    if "fence" not in late:
        return False
    return "error" in late if not late.get("ok") else "ops" in late or "result" in late


def problem(marking: Marking, activation: Activation, said: Mapping[str, Any]) -> RunError | None:
    """Why the decision with this data would make the step fail that it is to complete."""
    if said["choice"] == OutcomeChoice.RETRY or _fails(said):
        return None
    try:
        _taken(marking.plan.rules, activation, said)
    except RunError as error:
        return error
    return None


def visit(marking: Marking, activation: Activation, decision: Decision) -> None:
    """End the attempt as a person said."""
    said = activation.decided or {}
    if _fails(said):
        _fail(marking, activation, _error(activation, said), decision)
        return
    try:
        taken = _taken(marking.plan.rules, activation, said)
    except RunError as error:
        _fail(marking, activation, error, decision)
        return
    if isinstance(taken, Update):
        commit(marking, activation, taken, decision, None)
    else:
        data: dict[str, Any] = {"result": taken[0]}
        event = about(EventKind.ATTEMPT_SUCCEEDED, activation, data, activation.attempts)
        emit(marking, decision, event)


def _fails(said: Mapping[str, Any]) -> bool:
    choice = said["choice"]
    return choice == OutcomeChoice.FAIL or (choice == OutcomeChoice.ADOPT and not said["ok"])


def _error(activation: Activation, said: Mapping[str, Any]) -> RunError:
    """Why a step fails that a person gave up."""
    if "error" in said:
        return RunError.from_dict(said["error"])
    place, by = activation.place.id, said.get("by") or "somebody"
    message = (
        failing.GIVEN_UP_FOR(node=place, by=by, why=str(said["note"]))
        if said.get("note")
        else failing.GIVEN_UP(node=place, by=by)
    )
    return RunError(Code.OUTCOME_UNKNOWN, message, node=place)


def _fail(marking: Marking, activation: Activation, error: RunError, decision: Decision) -> None:
    if activation.of is None:
        refuse(marking, activation, error, decision)
        return
    data = {"error": error.as_dict()}
    event = about(EventKind.ATTEMPT_FAILED, activation, data, activation.attempts)
    emit(marking, decision, event)


def _taken(
    rules: StateRules, activation: Activation, said: Mapping[str, Any]
) -> Update | tuple[Json]:
    """What a completed attempt changes; of an item what it gave, alone in a tuple.

    Raises RunError.
    """
    node, choice = activation.place.node, said["choice"]
    data = activation.token.version.data
    if activation.of is not None:
        if choice == OutcomeChoice.SKIP:
            return (None,)
        given = said["output"] if choice == OutcomeChoice.DONE else said.get("result")
        return (of_item(node, given, rules, None)[0],)
    if choice == OutcomeChoice.SKIP:
        return Update(node, data, rules)
    if choice == OutcomeChoice.ADOPT:
        return _adopted(activation, said.get("ops", ()), rules)
    names = {"error": activation.token.error, "iteration": activation.visit}
    return from_result(node, said["output"], data, rules, names=names)


def _adopted(activation: Activation, ops: list[Op], rules: StateRules) -> Update:
    """The update that a late result brought, if the state can still take it. Raises RunError."""
    node, data = activation.place.node, activation.token.version.data
    update = Update(node, data, rules)
    try:
        if any(op[0] == RED and op[1] not in rules.reducers for op in ops):
            raise ValueRefused("ops", "a key of it has no reducer any more")
        apply(data.copy(), ops, rules.reducers)
    except (ValueRefused, KeyError, IndexError, TypeError, ValueError) as error:
        message = failing.LATE_RESULT(node=node.id, why=str(error))
        raise RunError(Code.OUTPUT, message, node=node.id) from error
    update.ops = list(ops)
    update.size = sum(weight(part) for op in ops for part in op[2:])
    return update
