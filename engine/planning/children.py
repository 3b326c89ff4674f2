"""Nodes that start a run of another workflow, and items of maps that are runs. Pure.

The activation waits without an attempt: `child.started` says which run works for it, and
`child.ended`, appended by whoever ends that run, what came of it.
"""

from typing import Any

from engine import failing
from engine.errors import Code, RunError
from engine.events import EventKind
from engine.expressions import ExpressionError
from engine.graph.model import Callee
from engine.graph.subgraphs import INPUTS, RESULT
from engine.planning.child_calls import MAX_DEPTH, ChildCall
from engine.planning.childmarks import child_of
from engine.planning.items import names_of_item
from engine.planning.marking import Activation, Marking
from engine.planning.routing import scope
from engine.planning.signals import Bounds, Decision
from engine.planning.steps import about, commit, emit, handle, stop, update_of
from engine.policies import ActivationStatus, RunStatus
from engine.values.jsonvalue import Json, clean

_CHILD = ActivationStatus.CHILD
TIMED_OUT = "timed_out"


def concerns(marking: Marking, activation: Activation) -> bool:
    """Whether the activation starts a run, or has one to make something of."""
    node = activation.place.node
    child = activation.child
    if child is not None and child.outcome is not None:
        return True  # also where the run was moved to a version in which the node starts none
    stuck = activation.status is ActivationStatus.STUCK
    return node.runs is not None and not stuck and node.id not in marking.pinned


def visit(marking: Marking, activation: Activation, decision: Decision, bounds: Bounds) -> None:
    """Start the run of a node that the token came to; commit what came of one that has ended."""
    child = activation.child
    if child is not None and child.outcome is not None:
        _finish(marking, activation, child.outcome, decision)
        return
    resumes = child is not None and child.status == RunStatus.FAILED
    attempt = activation.attempts + 1
    run = child.run if child and resumes else bounds.name_child(activation.id, attempt)
    try:
        call = _call(marking, activation, run, attempt, resumes=resumes)
    except RunError as error:
        _fail(marking, activation, error, decision)
        return
    data: dict[str, Any] = {"run": run, "workflow": call.callee.workflow}
    if call.callee.version is not None:
        data["version"] = call.callee.version
    if resumes:
        data["resumes"] = True
    if activation.place.node.timeout_s is not None:
        data["due"] = bounds.now() + activation.place.node.timeout_s
        decision.retries += (data["due"],)
    emit(marking, decision, about(EventKind.CHILD_STARTED, activation, data, attempt))
    decision.calls.append(call)


def fall_due(marking: Marking, activation: Activation, decision: Decision) -> None:
    """The child took too long: nobody waits for it any more."""
    run = child_of(activation).run
    decision.drops.append(run)
    data = {"run": run, "status": TIMED_OUT}
    emit(marking, decision, about(EventKind.CHILD_ENDED, activation, data, activation.attempts))


def again(marking: Marking, decision: Decision) -> None:
    """A driver took the run over: the runs that it waits for may not have been started."""
    for activation in _waiting(marking):
        run, attempt = child_of(activation).run, activation.attempts
        resumes = child_of(activation).status == RunStatus.FAILED
        decision.calls.append(_call(marking, activation, run, attempt, resumes=resumes))


def drop_all(marking: Marking, decision: Decision) -> None:
    """The run is ending: its children are cancelled."""
    stop(marking, _waiting(marking), decision)


def _waiting(marking: Marking) -> list[Activation]:
    return [a for a in marking.waiting.values() if a.status is _CHILD]


def _call(
    marking: Marking, activation: Activation, run: str, attempt: int, *, resumes: bool
) -> ChildCall:
    """The run that an activation wants. Raises RunError (E_DEPTH, E_EXPRESSION, E_INPUT)."""
    node, depth = activation.place.node, marking.depth + 1
    if depth > MAX_DEPTH:
        message = failing.DEPTH(node=node.id, index=depth, most=MAX_DEPTH)
        raise RunError(Code.DEPTH, message, node=node.id, details={"max_depth": MAX_DEPTH})
    return ChildCall(
        run=run,
        callee=node.runs or Callee(""),
        node=node.id,
        act=activation.id,
        att=attempt,
        item=None if activation.of is None else activation.index,
        depth=depth,
        state=_start_state(activation),
        resumes=resumes,
    )


def _start_state(activation: Activation) -> dict[str, Json]:
    """What the run starts with. Raises RunError."""
    node = activation.place.node
    body = node.runs is not None and not node.runs.workflow
    there: dict[str, Json] = {}
    if activation.of is None:
        token = activation.token
        names = scope(token.version.data, error=token.error, iteration=activation.visit)
    else:
        there, extra = names_of_item(activation)
        names = {**there, "iteration": activation.visit, **extra}
    given = {}
    for key, expression in node.inputs.items():
        try:
            given[key] = clean(expression.evaluate(names), key)
        except ExpressionError as error:
            raise RunError(
                Code.EXPRESSION,
                failing.INPUT_EXPRESSION(name=key, why=f"{error}\n{error.caret}"),
                node=node.id,
                details={"key": key, "source": error.source, **error.as_dict()},
            ) from None
    if body:
        return {**there, INPUTS: given} if given else there
    return given


# What came --------------------------------------------------------------------------------------


def _finish(
    marking: Marking, activation: Activation, outcome: dict[str, Any], decision: Decision
) -> None:
    """Commit what the child left, or fail as it did."""
    error = _failure(activation, outcome)
    if error is None:
        try:
            _succeed(marking, activation, outcome.get("state") or {}, decision)
            return
        except RunError as refusal:
            error = refusal
    late = outcome["status"] == TIMED_OUT
    _fail(marking, activation, error, decision, timed_out=late)


def _succeed(
    marking: Marking, activation: Activation, state: dict[str, Json], decision: Decision
) -> None:
    node = activation.place.node
    if activation.of is not None:
        result = state if node.runs is not None and node.runs.workflow else state.get(RESULT)
        data = {"result": result}
        kind = EventKind.ATTEMPT_SUCCEEDED
        emit(marking, decision, about(kind, activation, data, activation.attempts))
        return
    update = update_of(activation, state, marking.plan.rules)
    commit(marking, activation, update, decision, None)


def _failure(activation: Activation, outcome: dict[str, Any]) -> RunError | None:
    """Why the node fails: as its child did, with the run named."""
    node, status, run = activation.place.node, outcome["status"], outcome["run"]
    if status == RunStatus.COMPLETED:
        return None
    details: dict[str, Any] = {"run": run}
    if node.runs is not None and node.runs.workflow:
        details["workflow"] = node.runs.workflow
    if status == TIMED_OUT:
        message = failing.CHILD_TIMEOUT(run=run, node=node.id, seconds=node.timeout_s)
        details["type"] = "TimeoutError"
        return RunError(Code.TIMEOUT, message, node=node.id, details=details)
    if status == RunStatus.CANCELLED:
        message = failing.CHILD_CANCELLED(run=run, node=node.id)
        return RunError(Code.CANCELLED, message, node=node.id, details=details)
    error = RunError.from_dict(outcome["error"])
    if status == "refused":
        return RunError(error.code, error.message, node=node.id, details=error.details)
    # Of a failure that came up through several runs, the one that it began in is told.
    origin = error.details.get("origin") or {"run": run, **error.as_dict()}
    details |= {"type": error.details.get("type", ""), "origin": origin}
    why = str(origin["message"])
    message = (
        failing.CHILD(workflow=node.runs.workflow, run=run, why=why)
        if details.get("workflow") and node.runs
        else failing.BODY(run=run, why=why)
    )
    return RunError(error.code, message, node=node.id, details=details)


def _fail(
    marking: Marking,
    activation: Activation,
    error: RunError,
    decision: Decision,
    *,
    timed_out: bool = False,
) -> None:
    data: dict[str, Any] = {"error": error.as_dict()}
    if activation.of is None:
        handle(marking, activation, error, data, timed_out=timed_out)
    kind = EventKind.ATTEMPT_TIMED_OUT if timed_out else EventKind.ATTEMPT_FAILED
    emit(marking, decision, about(kind, activation, data, activation.attempts or 1))
