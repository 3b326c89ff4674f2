"""How each event changes a marking: the only code that does.

A driver and a fold both go through here, so a run that was cut goes on from its journal exactly
as it would have gone on by itself.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.errors import JournalCorrupt, RunError
from engine.events import TOOL_DRIFT, Event, EventKind
from engine.graph.part import Part
from engine.graph.plan import ENTRY, plan_of
from engine.limits import changed
from engine.planning import childmarks, items, locks, parking, unknowns
from engine.planning.marking import Activation, Marking, Token
from engine.planning.patching import patch
from engine.planning.tokens import follow, joined, merge_tokens, put
from engine.planning.transplant import transplant
from engine.planning.withdrawal import withdraw
from engine.policies import ActivationStatus, RunStatus
from engine.values.state import Commit, Op, Version

READY = ActivationStatus.READY
RUNNING = ActivationStatus.RUNNING


def evolve(marking: Marking, event: Event) -> None:
    """Change the marking by one event. Raises JournalCorrupt when the event cannot follow."""
    rule = _RULES.get(event.kind)
    if rule is not None:
        rule(marking, event)


def _activation(marking: Marking, event: Event) -> Activation:
    try:
        return marking.activations[event.act]  # type: ignore[index]
    except KeyError:
        raise JournalCorrupt(f"event {event.seq}: no activation {event.act} is open") from None


# The run ---------------------------------------------------------------------------------------


def _created(marking: Marking, event: Event) -> None:
    data = event.data
    graph = marking.plan.graph
    if data.get("graph", graph.hash) != graph.hash:
        raise JournalCorrupt("the run was made from another version of the graph")
    part = Part(data.get("start"), data.get("until"))
    if part:
        marking.follow(plan_of(graph, part))
    limits = data.get("limits")
    if limits and limits != marking.limits.as_dict():  # most runs begin with those of their graph
        marking.limits = changed(marking.limits, limits)
    marking.pinned = data.get("pinned") or {}
    marking.tools = data.get("tools") or {}
    marking.depth = (data.get("parent") or {}).get("depth", 0)
    marking.status = RunStatus.RUNNING
    version = Version(Commit(0, (), (), ENTRY), dict(data["state"]), holders=0)
    if event.memo is not None:
        version.spare = marking.limits.max_state_bytes - event.memo
    last: Token | None = None
    for way in marking.plan.entries:
        token = Token(version)
        token.error = data.get("error")
        version.holders += 1
        marking.insert(token, last)
        last = token
        put(marking, token, way)


def _warned(marking: Marking, event: Event) -> None:
    """A change of a tool is told once."""
    if event.data.get("code") == TOOL_DRIFT:
        marking.tools = {**marking.tools, str(event.data["tool"]): str(event.data["now"])}


def _cancel_requested(marking: Marking, event: Event) -> None:
    if marking.status in _CANCELLABLE:
        marking.status = RunStatus.CANCELLING
        marking.cancel_reason = str(event.data.get("reason") or "")


_CANCELLABLE = (RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.WAITING, RunStatus.PAUSED)


def _paused(marking: Marking, event: Event) -> None:
    if marking.status in (RunStatus.RUNNING, RunStatus.WAITING):
        data = event.data
        reason = data.get("reason") or "paused on request"
        marking.status = RunStatus.PAUSED
        marking.error = _error_of(data) or RunError(data.get("code") or "paused", reason)


def _resumed(marking: Marking, event: Event) -> None:
    if marking.status not in (RunStatus.PAUSED, RunStatus.FAILED):
        return
    marking.status = RunStatus.RUNNING
    marking.error = None
    marking.limits = marking.limits.raised(event.data.get("limits") or {})
    marking.rounds.clear()
    troubled = list(marking.troubled.values())
    marking.troubled.clear()
    for activation in troubled:
        if unknowns.is_undecided(activation):
            # Nobody has said yet what became of it: it is not called again by itself.
            marking.troubled[activation.id] = activation
            continue
        if unknowns.is_settled(activation):
            marking.inline[activation.id] = activation
            continue
        if activation.status is ActivationStatus.STUCK:
            _forget_uses(marking, activation)
            marking.inline[activation.id] = activation
        elif activation.id in marking.maps:
            items.reopen(marking, activation)
        else:
            activation.tries = activation.losses = 0
            _make_ready(marking, activation)
        activation.error = None


def _forked(marking: Marking, event: Event) -> None:
    patch(marking, event.data["ops"])
    childmarks.forget(marking)


def _moved(marking: Marking, event: Event) -> None:
    graph, wanted = marking.plan.graph, event.data["graph"]
    if wanted != graph.hash:
        if marking.kin is None:
            raise JournalCorrupt(f"event {event.seq}: the version that it names is not at hand")
        graph = marking.kin(wanted)
    transplant(marking, graph, event.data.get("map") or {})


def _forget_uses(marking: Marking, activation: Activation) -> None:
    """Let a stuck node's bounded edges be used anew."""
    for ways in activation.place.ways_out.values():
        for way in ways:
            marking.uses.pop(way.index, None)


def _claimed(marking: Marking, event: Event) -> None:
    parking.wake(marking)


def _waits(marking: Marking, event: Event) -> None:
    """The run waits, unless something came before this was written."""
    if marking.status is RunStatus.RUNNING and not locks.has_work(marking):
        marking.status = RunStatus.WAITING


def _completed(marking: Marking, event: Event) -> None:
    marking.status = RunStatus.COMPLETED
    if marking.terminated is not None:
        withdraw(marking, marking, list(marking.activations), -1)
        marking.final = marking.terminated.version.data
        return
    merged = event.memo or merge_tokens(marking, marking.counting())
    marking.final = merged.data


def _failed_run(marking: Marking, event: Event) -> None:
    marking.status = RunStatus.FAILED
    marking.error = RunError.from_dict(event.data["error"])


def _cancelled_run(marking: Marking, event: Event) -> None:
    marking.status = RunStatus.CANCELLED
    marking.cancel_reason = str(event.data.get("reason") or marking.cancel_reason)


# Attempts --------------------------------------------------------------------------------------


def _started(marking: Marking, event: Event) -> None:
    start(marking, _activation(marking, event))


def start(marking: Marking, activation: Activation) -> None:
    """An attempt of the activation is under way."""
    marking.ready.pop(activation.id, None)
    if marking.troubled:
        # Its failure was written after the resume that its driver took in after it.
        marking.troubled.pop(activation.id, None)
    if marking.waiting:
        marking.waiting.pop(activation.id, None)
    activation.status = RUNNING
    if not activation.attempts and activation.of is None:
        marking.steps += 1
    activation.attempts += 1
    activation.tries += 1
    marking.running += 1


def _succeeded(marking: Marking, event: Event) -> None:
    activation = _activation(marking, event)
    if activation.of is not None:
        items.succeeded(marking, activation, event.data["result"])
        return
    commit(marking, activation, event.data["ops"])
    depart(marking, activation, event.data["edges"], _error_of(event.data))


def commit(marking: Marking, activation: Activation, ops: Sequence[Op]) -> int:
    """First half of a success: the step's ops become part of its token's state.

    Answers the number of the commit.
    """
    if activation.status is RUNNING:
        marking.running -= 1
    else:
        _stop_running(marking, activation)
        if marking.maps:
            items.close(marking, activation)
    token = activation.token
    token.error = None
    version = token.version
    made = marking.commit(version, ops, activation.place.id)
    token.version = version.advanced(made, marking.plan.reducers)
    return made.id


def depart(
    marking: Marking,
    activation: Activation,
    reports: Sequence[dict[str, Any]],
    error: RunError | None,
) -> None:
    """Second half of a success: the token takes its edges, or is stuck because of `error`."""
    if error is not None:
        _trouble(marking, activation, ActivationStatus.STUCK, error)
        return
    del marking.activations[activation.id]
    if marking.has_joins:
        (activation.token.orphans or marking).leave(activation.place)
    follow(marking, activation, reports)


def _edges_taken(marking: Marking, event: Event) -> None:
    activation = _activation(marking, event)
    marking.inline.pop(activation.id, None)
    depart(marking, activation, event.data["edges"], _error_of(event.data))


def _failed(marking: Marking, event: Event) -> None:
    activation = _activation(marking, event)
    data = event.data
    if activation.child is not None:
        activation.child.outcome = None
    elif activation.status is READY:
        activation.attempts += 1
        activation.tries += 1
    _stop_running(marking, activation)
    activation.decided = None
    error = RunError.from_dict(data["error"])
    if "retry_at" in data:
        activation.status = ActivationStatus.RETRY_WAIT
        marking.waiting[activation.id] = activation
        activation.due = data["retry_at"]
        activation.error = error
        if activation.of is not None:
            items.go_on(marking, activation.of)
    elif activation.of is not None:
        items.failed(marking, activation, error)
    elif "edges" in data:
        items.close(marking, activation)
        activation.token.error = carried(error, activation.attempts)
        depart(marking, activation, data["edges"], None)
    else:
        _trouble(marking, activation, ActivationStatus.FAILED, error)


def _map_started(marking: Marking, event: Event) -> None:
    activation = _activation(marking, event)
    count = items.begin(marking, activation, event.memo)
    if count != event.data["count"]:
        raise JournalCorrupt(f"event {event.seq}: the list of {event.node!r} has {count} items")


def carried(error: RunError, attempts: int) -> dict[str, Any]:
    """What expressions and tools behind an error edge see as `error`."""
    details = error.details
    return {
        "node": error.node,
        "code": error.code,
        "type": details.get("type", ""),
        "message": error.message,
        "traceback": details.get("traceback", ""),
        "attempts": attempts,
    }


def _cancelled(marking: Marking, event: Event) -> None:
    activation = _activation(marking, event)
    _stop_running(marking, activation)
    _make_ready(marking, activation)


def _lost(marking: Marking, event: Event) -> None:
    activation = _activation(marking, event)
    _stop_running(marking, activation)
    activation.losses += 1
    error = _error_of(event.data)
    if error is None:
        _make_ready(marking, activation)
    elif "edges" in event.data:
        depart(marking, activation, event.data["edges"], None)
    else:
        _trouble(marking, activation, ActivationStatus.UNKNOWN, error)


def _decided(marking: Marking, event: Event) -> None:
    """What a person said counts once, and for the attempt that was lost last."""
    activation = marking.activations.get(event.act or 0)
    if activation is None or event.att != activation.attempts:
        return  # the end of the run, or of its branch, was quicker
    if unknowns.is_undecided(activation):
        activation.decided = event.data


# Waits -----------------------------------------------------------------------------------------


def _opened(marking: Marking, event: Event) -> None:
    parking.opened(marking, _activation(marking, event), event)


def _stop_running(marking: Marking, activation: Activation) -> None:
    """The activation leaves the running ones, or the ones that call no tool."""
    if activation.status is RUNNING:
        marking.running -= 1
    else:
        marking.inline.pop(activation.id, None)
        marking.ready.pop(activation.id, None)
        # A step whose outcome a person decided was counted when its attempt was started.
        marking.steps += activation.of is None and activation.decided is None


def _make_ready(marking: Marking, activation: Activation) -> None:
    activation.status = READY
    activation.came = activation.decided = None
    place = activation.place
    at_once = place.inline or place.id in marking.pinned or parking.asks_again(activation)
    (marking.inline if at_once else marking.ready)[activation.id] = activation


def _trouble(
    marking: Marking, activation: Activation, status: ActivationStatus, error: RunError
) -> None:
    activation.status = status
    activation.error = error
    activation.decided = None
    marking.troubled[activation.id] = activation


def _error_of(data: Mapping[str, Any]) -> RunError | None:
    error = data.get("error")
    return None if error is None else RunError.from_dict(error)


def _child_started(marking: Marking, event: Event) -> None:
    childmarks.started(marking, _activation(marking, event), event)


def _withdrawn(marking: Marking, event: Event) -> None:
    if event.data.get("orphan"):
        withdraw(marking, marking, event.data["withdrawn"], 0)
        return
    cancelled = marking.plan.by_id[event.node or ""].node.cancels
    withdraw(marking, marking, event.data["withdrawn"], marking.plan.bits(cancelled))


_RULES: dict[EventKind, Callable[[Marking, Event], None]] = {
    EventKind.RUN_CREATED: _created,
    EventKind.WARNING: _warned,
    EventKind.RUN_CANCEL_REQUESTED: _cancel_requested,
    EventKind.RUN_PAUSED: _paused,
    EventKind.RUN_RESUMED: _resumed,
    EventKind.RUN_FORKED: _forked,
    EventKind.RUN_MOVED: _moved,
    EventKind.RUN_CLAIMED: _claimed,
    EventKind.RUN_WAITING: _waits,
    EventKind.WAIT_OPENED: _opened,
    EventKind.WAIT_CLOSED: parking.closed,
    EventKind.SIGNAL_RECEIVED: parking.signalled,
    EventKind.SIGNAL_EMITTED: parking.emitted,
    EventKind.RUN_COMPLETED: _completed,
    EventKind.RUN_FAILED: _failed_run,
    EventKind.RUN_CANCELLED: _cancelled_run,
    EventKind.ATTEMPT_STARTED: _started,
    EventKind.ATTEMPT_SUCCEEDED: _succeeded,
    EventKind.MAP_STARTED: _map_started,
    EventKind.EDGES_TAKEN: _edges_taken,
    EventKind.ATTEMPT_FAILED: _failed,
    EventKind.ATTEMPT_TIMED_OUT: _failed,
    EventKind.ATTEMPT_CANCELLED: _cancelled,
    EventKind.ATTEMPT_LOST: _lost,
    EventKind.OUTCOME_DECIDED: _decided,
    EventKind.JOIN_FIRED: joined,
    EventKind.JOIN_FORCED: joined,
    EventKind.TOKENS_WITHDRAWN: _withdrawn,
    EventKind.CHILD_STARTED: _child_started,
    EventKind.CHILD_ENDED: childmarks.ended,
    EventKind.CHILD_DROPPED: childmarks.dropped,
}
