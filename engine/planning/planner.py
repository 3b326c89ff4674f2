"""The heart of the engine: what happens next.

`decide(marking, signal)` takes where a run is and what came to pass, and answers the journal's
entries and the driver's commands; the marking is carried forward in place by `evolve`, which is
all that a fold does too. There is no clock, no id and no randomness in here: times, dice and
choices come in with the signals. Everything a recovery needs is in the entries.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

from engine import failing
from engine.errors import Code, RunError, StateConflict
from engine.events import TOOL_DRIFT, Event, EventKind
from engine.graph.plan import Group
from engine.planning import children, emitting, joins, locks, outcomes, retries, unknowns, waits
from engine.planning import evolve as change
from engine.planning.marking import Activation, Marking, Orphans, Stage
from engine.planning.signals import (
    Asked,
    AttemptCancelled,
    Bounds,
    Decision,
    Failed,
    GraceOver,
    Happened,
    Idle,
    ItemSucceeded,
    Parked,
    Recovered,
    RetryDue,
    Signal,
    Succeeded,
    Woken,
)
from engine.planning.steps import (
    about,
    commit,
    do_inline,
    emit,
    finish_item,
    handle,
    stop,
    with_items,
)
from engine.planning.tokens import merge_tokens
from engine.planning.withdrawal import caught
from engine.policies import (
    TERMINAL_RUN_STATUSES,
    ActivationStatus,
    ConflictPolicy,
    Effect,
    FailureMode,
    OnStepBudget,
    RunStatus,
)
from engine.values.jsonvalue import Json
from engine.values.merge import merge

_RUNNING = RunStatus.RUNNING
_STARTED = EventKind.ATTEMPT_STARTED
_OPEN = (RunStatus.RUNNING, RunStatus.WAITING)
"""Statuses in which a run takes what comes from outside."""


def decide(marking: Marking, signal: Signal, bounds: Bounds | None = None) -> Decision:
    """What follows from a signal. Carries the marking forward in place."""
    bounds = bounds or Bounds()
    decision = Decision(bounds.proposes)
    _RULES[type(signal)](marking, signal, decision)
    if marking.status is _RUNNING:
        _settle(marking, decision, bounds)
    elif marking.status is RunStatus.CANCELLING and not marking.running:
        emit(marking, decision, Event(EventKind.RUN_CANCELLED, {"reason": marking.cancel_reason}))
    return decision


# What each signal means -------------------------------------------------------------------------


def _woken(marking: Marking, signal: Woken, decision: Decision) -> None:
    pass


def _succeeded(marking: Marking, signal: Succeeded, decision: Decision) -> None:
    commit(marking, signal.activation, signal.update, decision, signal.ms)


def _item_succeeded(marking: Marking, signal: ItemSucceeded, decision: Decision) -> None:
    finish_item(marking, signal, decision)


def _parked(marking: Marking, signal: Parked, decision: Decision) -> None:
    waits.ask(marking, signal, decision)


def _failed(marking: Marking, signal: Failed, decision: Decision) -> None:
    activation = signal.activation
    policy = retries.policy(activation.place.node.retry, signal.effect)
    wait = retries.wait_s(policy, activation.tries, signal.kinds, signal.roll)
    data: dict[str, Any] = {"error": signal.error.as_dict(), "ms": signal.ms}
    if wait is not None and marking.status is not RunStatus.CANCELLING:
        data["retry_at"] = signal.now + wait
        decision.retries += (signal.now + wait,)
    elif activation.of is None:
        handle(marking, activation, signal.error, data, timed_out=signal.timed_out)
    kind = EventKind.ATTEMPT_TIMED_OUT if signal.timed_out else EventKind.ATTEMPT_FAILED
    emit(marking, decision, about(kind, activation, data, activation.attempts))


def _recovered(marking: Marking, signal: Recovered, decision: Decision) -> None:
    if signal.tools != marking.tools and marking.status not in TERMINAL_RUN_STATUSES:
        _warn_of_drift(marking, signal.tools, decision)
    for activation in list(marking.activations.values()):
        if activation.status is ActivationStatus.RUNNING:
            error = _loss(activation, signal.effect_of(activation))
            data: dict[str, Any] = {} if error is None else {"error": error.as_dict()}
            if error is not None and activation.token.orphans is not None and not activation.of:
                data["edges"] = []
            event = about(EventKind.ATTEMPT_LOST, activation, data, activation.attempts)
            emit(marking, decision, event)
    if marking.status is RunStatus.CANCELLING:
        children.drop_all(marking, decision)
    elif marking.status in _OPEN:
        children.again(marking, decision)
    if marking.signals and marking.status in _OPEN:
        waits.take_signals(marking, decision)


def _warn_of_drift(marking: Marking, tools: Mapping[str, str], decision: Decision) -> None:
    """Say which tools are not what they were when the run saw them last."""
    for name, was in list(marking.tools.items()):
        now = tools.get(name, was)
        if now != was:
            message = (
                f"the code of the tool {name!r} changed while the run was under way: its source "
                f"hash began with {was} and begins with {now} now; what follows runs the new code"
            )
            data = {"code": TOOL_DRIFT, "message": message, "tool": name, "was": was, "now": now}
            emit(marking, decision, Event(EventKind.WARNING, data))


def _loss(activation: Activation, effect: Effect) -> RunError | None:
    """Why an attempt that lost its worker is not simply made again."""
    place = activation.place.id
    if effect is Effect.ONCE:
        message = failing.OUTCOME_UNKNOWN(node=place)
        return RunError(Code.OUTCOME_UNKNOWN, message, node=place)
    losses = activation.losses + 1
    if losses >= retries.MAX_LOST:
        message = failing.LOST(node=place, index=losses)
        return RunError(Code.LOST, message, node=place)
    return None


def _retry_due(marking: Marking, signal: RetryDue, decision: Decision) -> None:
    """Retries whose time has come are ready (the start of the attempt is the entry); waits end."""
    for activation in list(marking.waiting.values()):
        if activation.due > signal.now:
            continue
        if activation.status is ActivationStatus.RETRY_WAIT:
            marking.ready[activation.id] = activation
        elif activation.status is ActivationStatus.CHILD and marking.status in _OPEN:
            children.fall_due(marking, activation, decision)
        elif marking.status in _OPEN:
            waits.fall_due(marking, activation, decision)


def _idle(marking: Marking, signal: Idle, decision: Decision) -> None:
    """The run waits, if it still has nothing to do."""
    if marking.status is not _RUNNING or marking.running or locks.has_work(marking):
        return
    data: dict[str, Any] = {}
    if signal.until < math.inf:
        data["until"] = signal.until
    retrying = [
        {"act": activation.id, "due": activation.due}
        for activation in marking.waiting.values()
        if activation.status is ActivationStatus.RETRY_WAIT
    ]
    if retrying:
        data["retries"] = retrying
    emit(marking, decision, Event(EventKind.RUN_WAITING, data))


def _happened(marking: Marking, signal: Happened, decision: Decision) -> None:
    change.evolve(marking, signal.event)
    if marking.status is RunStatus.CANCELLING:
        children.drop_all(marking, decision)
    if signal.event.kind is EventKind.RUN_RESUMED:
        # What fell due while the run was paused was let pass: the driver looks once more.
        decision.retries += tuple(a.due for a in marking.waiting.values() if a.due < math.inf)
    if marking.signals and marking.status in _OPEN:
        waits.take_signals(marking, decision)


def _asked(marking: Marking, signal: Asked, decision: Decision) -> None:
    if marking.status not in TERMINAL_RUN_STATUSES:
        emit(marking, decision, signal.event)
        if marking.status is RunStatus.CANCELLING:
            children.drop_all(marking, decision)


def _attempt_cancelled(marking: Marking, signal: AttemptCancelled, decision: Decision) -> None:
    activation = signal.activation
    event = about(EventKind.ATTEMPT_CANCELLED, activation, {}, activation.attempts)
    emit(marking, decision, event)


def _grace_over(marking: Marking, signal: GraceOver, decision: Decision) -> None:
    for activation in list(marking.activations.values()):
        if activation.status is ActivationStatus.RUNNING:
            _attempt_cancelled(marking, AttemptCancelled(activation), decision)


_RULES: dict[type, Callable[[Marking, Any, Decision], None]] = {
    Woken: _woken,
    Succeeded: _succeeded,
    ItemSucceeded: _item_succeeded,
    Parked: _parked,
    Failed: _failed,
    Recovered: _recovered,
    RetryDue: _retry_due,
    Idle: _idle,
    Happened: _happened,
    Asked: _asked,
    AttemptCancelled: _attempt_cancelled,
    GraceOver: _grace_over,
}


# What follows of itself -------------------------------------------------------------------------


def _settle(marking: Marking, decision: Decision, bounds: Bounds) -> None:
    """Do everything that needs no tool, then start what may start, then see if this is the end."""
    patience = bounds.patience
    while marking.status is _RUNNING:
        patience -= 1
        if patience < 0:
            decision.more = True
            return
        if marking.troubled:
            _give_up(marking, decision)
            return
        at_once = locks.next_inline(marking) if marking.inline else None
        if at_once is not None:
            if marking.steps >= marking.limits.max_steps:
                _run_out_of_steps(marking, decision)
                return
            _visit(marking, at_once, decision, bounds)
        elif not (marking.parked and _fire_one(marking, marking, decision)) and not (
            marking.orphans and _fire_orphans(marking, decision)
        ):
            if marking.ready and bounds.room:
                _start(marking, decision, bounds)
            if marking.activations or not _come_to_rest(marking, decision):
                return


def _visit(marking: Marking, activation: Activation, decision: Decision, bounds: Bounds) -> None:
    """Do what a node without a tool does."""
    if unknowns.is_settled(activation):
        outcomes.visit(marking, activation, decision)
    elif waits.concerns(marking, activation):
        waits.visit(marking, activation, decision, bounds.now)
    elif children.concerns(marking, activation):
        children.visit(marking, activation, decision, bounds)
    elif emitting.concerns(marking, activation):
        emitting.visit(marking, activation, decision, bounds)
    else:
        do_inline(marking, activation, decision)


def _start(marking: Marking, decision: Decision, bounds: Bounds) -> None:
    """Start ready activations while there is room for them."""
    limits = marking.limits
    waiting = locks.startable(marking) if marking.plan.has_locks else marking.ready
    room = limits.max_parallel - marking.running
    if bounds.room < room:
        room = bounds.room
    while waiting and room > 0:
        room -= 1
        if bounds.choose is None:
            activation = next(iter(waiting.values()))
        else:
            activation = list(waiting.values())[bounds.choose(len(waiting))]
        if marking.steps >= limits.max_steps and not activation.attempts and not activation.of:
            _run_out_of_steps(marking, decision)
            return
        change.start(marking, activation)
        if waiting is not marking.ready:
            waiting = locks.startable(marking)
        data = {} if activation.of is None else {"item": activation.index}
        event = Event(_STARTED, data, activation.place.id, activation.id, activation.attempts)
        decision.events.append(event)
        decision.starts.append(activation)


def _run_out_of_steps(marking: Marking, decision: Decision) -> None:
    """The run has used its steps: it pauses, or fails once nothing runs any more."""
    limits = marking.limits
    message = failing.STEP_BUDGET(index=limits.max_steps)
    error = RunError(Code.STEP_BUDGET, message, details={"max_steps": limits.max_steps})
    if limits.on_step_budget is OnStepBudget.PAUSE:
        _pause(marking, decision, error)
    elif not marking.running:
        _fail_run(marking, decision, error)


# Joins and ends ---------------------------------------------------------------------------------


def _fire_one(marking: Marking, stage: Stage, decision: Decision) -> bool:
    """Fire the first join, in topological order, that has all it waits for."""
    for group in stage.waiting_groups():
        if joins.ready(stage, group):
            return _fire(marking, stage, group, EventKind.JOIN_FIRED, decision)
    return False


def _fire_orphans(marking: Marking, decision: Decision) -> bool:
    """Fire a join between tokens that lost the same race."""
    return any(_fire_one(marking, stage, decision) for stage in list(marking.orphans.values()))


def _fire(
    marking: Marking, stage: Stage, group: Group, kind: EventKind, decision: Decision
) -> bool:
    """Take the tokens that the join is for; those that came too late for a race are gone.

    A conflict fails the run and leaves all of them there.
    """
    queues = stage.parked[group.index]
    held = joins.taken(stage, group)
    tokens = [queues[at][0] for at in held]
    data: dict[str, Any] = {"edges": [group.ways[at].id for at in held]}
    if kind is EventKind.JOIN_FORCED:
        data["missing"] = joins.missing(marking, group)
    event = Event(kind, data, group.place.id)
    if len(tokens) > 1:
        try:
            event.memo = merge_tokens(marking, tokens, group.on_conflict)
        except StateConflict as error:
            _fail_run(marking, decision, error.at(group.place.id))
            return False
    if isinstance(stage, Orphans):
        data["orphans"] = stage.number
    if group.races:
        late = caught(marking, stage, group.region)
        gone = late if group.cancels else [a for a in late if waits.for_others(marking, a)]
        if not group.cancels:
            data["orphaned"] = [a.id for a in late if a not in gone]
        if gone or group.cancels:
            data["withdrawn"] = [a.id for a in gone]
            stop(marking, with_items(marking, gone), decision)
    emit(marking, decision, event)
    return True


def _come_to_rest(marking: Marking, decision: Decision) -> bool:
    """Nothing can happen by itself any more: force a join (then answer True), or end the run."""
    groups = marking.waiting_groups()
    if not groups:
        _complete(marking, decision)
        return False
    if joins.strict(groups[0]):
        _starve(marking, groups[0], decision)
        return False
    return _fire(marking, marking, groups[0], EventKind.JOIN_FORCED, decision)


def _starve(marking: Marking, group: Group, decision: Decision) -> None:
    """A strict join can never fire: say what is missing."""
    missing = joins.missing(marking, group)
    node, edges = group.place.id, ", ".join(missing)
    message = (
        failing.STARVED_RACE(node=node, index=group.needed, all=len(group.ways), edges=edges)
        if group.races
        else failing.STARVED(node=node, edges=edges)
    )
    details = {"missing": missing}
    error = RunError(Code.JOIN_STARVED, message, node=node, details=details)
    _fail_run(marking, decision, error)


def _complete(marking: Marking, decision: Decision) -> None:
    """Every branch has ended; their states make the final one."""
    tokens = marking.counting()
    event = Event(EventKind.RUN_COMPLETED, {})
    try:
        event.memo = merge_tokens(marking, tokens)
    except StateConflict as error:
        _fail_run(marking, decision, error)
        return
    emit(marking, decision, event)


def _give_up(marking: Marking, decision: Decision) -> None:
    """Something failed: pause where a person can help, else fail once nothing runs any more.

    Of several failures the one of the first node in the document is the run's.
    """
    troubled = list(marking.troubled.values())
    fatal = [a for a in troubled if a.error and not _is_for_a_person(a)]
    if fatal:
        first = min(fatal, key=lambda a: (a.place.index, a.id)).error
        decision.interrupts = marking.plan.graph.failure_mode is FailureMode.CANCEL
        if decision.interrupts:
            children.drop_all(marking, decision)
        if first is not None and not marking.running:
            _fail_run(marking, decision, first)
        return
    _pause(
        marking, decision, troubled[0].error or RunError(Code.OUTCOME_UNKNOWN, "needs attention")
    )


def _is_for_a_person(activation: Activation) -> bool:
    """Whether a person can help, so that the run pauses instead of failing."""
    if activation.status is ActivationStatus.UNKNOWN:
        return True
    return activation.error is not None and activation.error.code == Code.NO_PROGRESS


def _pause(marking: Marking, decision: Decision, error: RunError) -> None:
    data = {"code": error.code, "reason": error.message, "error": error.as_dict()}
    emit(marking, decision, Event(EventKind.RUN_PAUSED, data))


def _fail_run(marking: Marking, decision: Decision, error: RunError) -> None:
    emit(marking, decision, Event(EventKind.RUN_FAILED, {"error": error.as_dict()}))


def view(marking: Marking) -> dict[str, Json]:
    """The state as it can be shown now: the branches merged, the last one winning conflicts."""
    if marking.final is not None:
        return marking.final
    versions = [token.version for token in marking.counting()]
    if len(versions) == 1:
        return versions[0].data
    return merge(versions, marking.plan.reducers, {}, ConflictPolicy.LAST).data
