"""Why a run stands where it stands: what each part of it waits for.

`EXPLAINERS` is the table: one function per kind of reason, asked in this order. Somebody who adds
something to wait for adds its row here, or its row in `WAITS` if it is a kind of wait.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from engine.events import Event, EventKind, timestamp
from engine.planning.childmarks import child_of
from engine.planning.joins import awaited, missing, strict
from engine.planning.locks import holders, is_free
from engine.planning.marking import Activation, Marking
from engine.planning.outcomes import is_adoptable
from engine.planning.unknowns import undecided, unknown
from engine.policies import (
    TERMINAL_RUN_STATUSES,
    ActivationStatus,
    OutcomeChoice,
    RunStatus,
    WaitKind,
)

Reason = dict[str, Any]
"""{"what": the kind of reason, "node": its node or None, "text": a sentence} and what `what` adds:

over, paused, failed, cancelling  {code?}: why the run does not go on by itself
attempt  {attempt, since, item?}: a call is under way
items    {done, failed, total}: a map node works on its list
retry    {attempt, due, item?}: a failed call is made again
outcome  {attempt, since, late, decided?: the choice, item?}: a tool that must not be called twice
         was cut, and a person says what became of it; `late`: what it brought too late is there
child    {run, item?}: a run of another workflow works for the node
lock     {lock, holders: nodes}: other nodes of the same lock come first
ready    {item?}: it starts when there is room
timer, signal, human  {due?, name?, key?, title?, assignees?, alternative?}: something has to come
         from outside; of a node's alternatives, the first one
join     {arrived: edges, awaited: nodes by edge}: other tokens can still come
"""

Call = tuple[int | None, int | None]
"""Which attempt it is: its activation and number."""
Explainer = Callable[[Marking, Sequence[Event]], Iterator[Reason]]
_RUNNING = ActivationStatus.RUNNING
_UNDER_WAY = (_RUNNING, ActivationStatus.CHILD)


def reasons(marking: Marking, events: Sequence[Event]) -> list[Reason]:
    """Everything that the run waits for now, by what its journal says."""
    return [reason for explain in EXPLAINERS for reason in explain(marking, events)]


# The run ----------------------------------------------------------------------------------------


def _rest(marking: Marking, events: Sequence[Event]) -> Iterator[Reason]:
    """Why the run does not go on by itself, or starts nothing new."""
    status, error = marking.status, marking.error
    if status is RunStatus.CANCELLING:
        text = "The run is being cancelled: it ends when what runs has ended."
        yield {"what": "cancelling", "node": None, "text": text}
    elif status in TERMINAL_RUN_STATUSES and error is None:
        yield {"what": "over", "node": None, "text": f"The run is {status}."}
    elif error is not None and _rests(marking):
        failed = status is RunStatus.FAILED
        stands, verb = ("has failed", "retried") if failed else ("is paused", "resumed")
        message = error.message.rstrip(".")
        then = "when that is decided" if undecided(marking) else f"when it is {verb}"
        yield {
            "what": str(status),
            "node": error.node,
            "text": f"The run {stands}: {message}. It goes on {then}.",
            "code": str(error.code),
        }


def _rests(marking: Marking) -> bool:
    return marking.status in TERMINAL_RUN_STATUSES or marking.status is RunStatus.PAUSED


def _is_over(marking: Marking) -> bool:
    return marking.status in TERMINAL_RUN_STATUSES


# Calls ------------------------------------------------------------------------------------------


def _attempts(marking: Marking, events: Sequence[Event]) -> Iterator[Reason]:
    """The calls that are under way, oldest first."""
    running = [a for a in marking.activations.values() if a.status is _RUNNING]
    if not running:
        return
    began = {
        (event.act, event.att): event.time
        for event in events
        if event.kind is EventKind.ATTEMPT_STARTED
    }
    for activation in running:
        since = began.get((activation.id, activation.attempts))
        yield {
            **about(activation, "attempt"),
            "text": f"{_named(activation)} is running, attempt {activation.attempts}.",
            "since": None if since is None else timestamp(since),
        }


def _items(marking: Marking, events: Sequence[Event]) -> Iterator[Reason]:
    """Map nodes that are at their items."""
    if _is_over(marking):
        return
    for number, items in marking.maps.items():
        activation = marking.activations.get(number)
        if activation is None or activation.status is not ActivationStatus.ITEMS:
            continue
        done, failed, total = len(items.results), len(items.failures), len(items.values)
        under_way = sum(item.status in _UNDER_WAY for item in items.open.values())
        yield {
            **about(activation, "items"),
            "text": f"{_named(activation)} has done {done + failed} of its {total} items;"
            f" {under_way} of them are running.",
            "done": done,
            "failed": failed,
            "total": total,
        }


def _retries(marking: Marking, events: Sequence[Event]) -> Iterator[Reason]:
    """Failed calls that are made again when their time has come."""
    if _is_over(marking):
        return
    for activation in marking.waiting.values():
        if activation.status is ActivationStatus.RETRY_WAIT:
            due = timestamp(activation.due)
            said = f" after: {activation.error.message}" if activation.error else ""
            yield {
                **about(activation, "retry"),
                "text": f"{_named(activation)} is tried again at {due}{said}",
                "due": due,
            }


def _outcomes(marking: Marking, events: Sequence[Event]) -> Iterator[Reason]:
    """Calls of which nobody knows whether they acted; until a person has said so, and after."""
    found = unknown(marking)
    if not found or marking.status in (RunStatus.COMPLETED, RunStatus.CANCELLED):
        return
    began: dict[Call, float] = {}
    late: dict[Call, Mapping[str, Any]] = {}
    for event in events:
        call = event.act, event.att
        if event.kind is EventKind.ATTEMPT_STARTED:
            began[call] = event.time
        elif event.kind is EventKind.ATTEMPT_LATE_RESULT and is_adoptable(event.data):
            late.setdefault(call, event.data)
    for activation in found:
        call = activation.id, activation.attempts
        since = began.get(call)
        told: Reason = {
            **about(activation, "outcome"),
            "text": _unknown_text(activation, since, late.get(call)),
            "since": None if since is None else timestamp(since),
            "late": call in late,
        }
        if activation.decided is not None:
            told["decided"] = activation.decided["choice"]
        yield told


def _unknown_text(
    activation: Activation, since: float | None, late: Mapping[str, Any] | None
) -> str:
    """What is known of a call that was cut, and what a person has to do, or has done."""
    begun = "" if since is None else f", begun at {timestamp(since)},"
    text = (
        f"The worker of attempt {activation.attempts} of {_named(activation)}{begun} went away"
        " while the tool was being called, and the tool must not be called twice"
    )
    if activation.decided is not None:
        by = activation.decided.get("by") or "Somebody"
        meant = CHOICES[OutcomeChoice(activation.decided["choice"])]
        return f"{text}. {by} decided: {meant}. That takes effect when the run goes on."
    if late is not None:
        said = "succeeded" if late.get("ok") else f"failed: {late['error'].get('message', '')}"
        text += f". Its result came too late and can be adopted: the call {said.rstrip('.')}"
    return f"{text}. A person has to say what became of it."


CHOICES = {
    OutcomeChoice.ADOPT: "what it brought too late counts",
    OutcomeChoice.DONE: "it is done, with an output given by hand",
    OutcomeChoice.RETRY: "it is called again",
    OutcomeChoice.SKIP: "it is skipped",
    OutcomeChoice.FAIL: "it failed",
}
"""What each decision about an unknown outcome means, in words."""


def _turns(marking: Marking, events: Sequence[Event]) -> Iterator[Reason]:
    """Activations that could start, but for a lock or for want of room."""
    if _rests(marking) or marking.status is RunStatus.CANCELLING:
        return
    held = holders(marking)
    for activation in (*marking.ready.values(), *marking.inline.values()):
        if not is_free(activation, held):
            lock = activation.place.node.lock or ""
            holder = held[lock]
            yield {
                **about(activation, "lock"),
                "text": f"{_named(activation)} waits for the lock {lock!r}, which"
                f" {_named(holder)} has until its step is done.",
                "lock": lock,
                "holders": [holder.place.id],
            }
        elif activation.id in marking.ready:
            yield {
                **about(activation, "ready"),
                "text": f"{_named(activation)} is ready; it starts when {_room(marking)}.",
            }


def _room(marking: Marking) -> str:
    most = marking.limits.max_parallel
    if marking.running >= most:
        return f"one of the {most} calls under way has ended (limits.max_parallel)"
    return "its driver has room for it"


# Child runs -------------------------------------------------------------------------------------


def _children(marking: Marking, events: Sequence[Event]) -> Iterator[Reason]:
    """Runs of other workflows that have to end."""
    if _is_over(marking):
        return
    for activation in marking.waiting.values():
        if activation.status is ActivationStatus.CHILD:
            run, runs = child_of(activation).run, activation.place.node.runs
            of = f" of workflow {runs.workflow!r}" if runs is not None and runs.workflow else ""
            text = f"{_named(activation)} waits for run {run}{of}."
            yield {**about(activation, "child"), "text": text, "run": run}


# Waits ------------------------------------------------------------------------------------------


def _waits(marking: Marking, events: Sequence[Event]) -> Iterator[Reason]:
    """What has to come from outside."""
    if _is_over(marking):
        return
    for activation in marking.waiting.values():
        if activation.status is ActivationStatus.WAITING:
            for wait in activation.waits:
                kind = str(wait.get("kind"))
                tell = WAITS.get(kind, _something)
                yield {**about(activation, kind), **_told(wait), **tell(_named(activation), wait)}


def _told(wait: Mapping[str, Any]) -> Reason:
    """What is told of every kind of wait: until when, and which of several it is."""
    told: Reason = {"due": timestamp(wait["due"])} if "due" in wait else {}
    return told | ({"alternative": wait["on"]} if "on" in wait else {})


def _timer(name: str, wait: Mapping[str, Any]) -> Reason:
    due = timestamp(wait["due"]) if "due" in wait else "its time"
    return {"text": f"{name} waits until {due}."}


def _signal(name: str, wait: Mapping[str, Any]) -> Reason:
    told = {key: wait[key] for key in ("name", "key") if key in wait}
    which = f" with the key {wait['key']!r}" if "key" in wait else ""
    return {**told, "text": f"{name} waits for the signal {wait.get('name')!r}{which}."}


def _human(name: str, wait: Mapping[str, Any]) -> Reason:
    told = {key: wait[key] for key in ("title", "assignees") if key in wait}
    asked = wait.get("assignees") or {}
    people = [
        *asked.get("users", ()),
        *([f"the group {asked['group']}"] if "group" in asked else ()),
    ]
    who = ", ".join(people) or "somebody who sees the run"
    late = f" It ends at {timestamp(wait['due'])}." if "due" in wait else ""
    return {**told, "text": f"{name} waits for an answer of {who}.{late}"}


def _something(name: str, wait: Mapping[str, Any]) -> Reason:
    return {"text": f"{name} waits for something of the kind {wait.get('kind')!r}."}


WAITS: dict[str, Callable[[str, Mapping[str, Any]], Reason]] = {
    WaitKind.TIMER: _timer,
    WaitKind.SIGNAL: _signal,
    WaitKind.HUMAN: _human,
}
"""What is told of each kind of wait: (the node in words, the wait as `wait.opened` has it)."""


# Joins ------------------------------------------------------------------------------------------


def _joins(marking: Marking, events: Sequence[Event]) -> Iterator[Reason]:
    """Joins that hold tokens, with what can still come to them."""
    if _is_over(marking):
        return
    for group in marking.waiting_groups():
        queues = marking.parked[group.index]
        coming = awaited(marking, group)
        told = "; ".join(f"{way} from {', '.join(nodes)}" for way, nodes in coming.items())
        text = f"The join {group.place.id!r} waits for {told or 'nothing that can come'}."
        if strict(group) and not coming:
            text = f"The join {group.place.id!r} lacks {', '.join(missing(marking, group))}."
        yield {
            "what": "join",
            "node": group.place.id,
            "text": text,
            "arrived": [way.id for at, way in enumerate(group.ways) if at in queues],
            "awaited": coming,
        }


EXPLAINERS: tuple[Explainer, ...] = (
    _rest,
    _attempts,
    _items,
    _retries,
    _outcomes,
    _turns,
    _children,
    _waits,
    _joins,
)
"""Every kind of reason, in the order in which they are told."""


def about(activation: Activation, what: str) -> Reason:
    """The beginning of every reason about an activation."""
    told: Reason = {"what": what, "node": activation.place.id, "attempt": activation.attempts}
    if activation.of is not None:
        told["item"] = activation.index
    return told


def _named(activation: Activation) -> str:
    name = repr(activation.place.id)
    return name if activation.of is None else f"item {activation.index} of {name}"
