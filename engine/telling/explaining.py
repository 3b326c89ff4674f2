"""Why a run stands where it stands: what each part of it waits for.

`EXPLAINERS` is the table: one function per kind of reason, asked in this order. Somebody who adds
something to wait for adds its row here, or its row in `WAITS` if it is a kind of wait.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from engine import failing
from engine.errors import RunError
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
from engine.said import Said, Step, joined, quoted, say

Reason = dict[str, Any]
"""{"what": the kind of reason, "node": its node or None, "text": a Said} and what `what` adds:

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
        text = say("The run is being cancelled: it ends when what runs has ended.")
        yield {"what": "cancelling", "node": None, "text": text}
    elif status in TERMINAL_RUN_STATUSES and error is None:
        yield {"what": "over", "node": None, "text": _OVER[status]}
    elif error is not None and _rests(marking):
        why = _mention(marking, error, error.message.rstrip("."))
        if status is RunStatus.FAILED:
            stands = say("The run has failed: {error}.", error=why)
            then = say("It goes on when it is retried.")
        else:
            stands = say("The run is paused: {error}.", error=why)
            then = say("It goes on when it is resumed.")
        if undecided(marking):
            then = say("It goes on when that is decided.")
        yield {
            "what": str(status),
            "node": error.node,
            "text": say("{one} {other}", one=stands, other=then),
            "code": str(error.code),
        }


_OVER = {
    RunStatus.COMPLETED: say("The run is completed."),
    RunStatus.FAILED: say("The run is failed."),
    RunStatus.CANCELLED: say("The run is cancelled."),
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
            "text": say(
                "{step} is running, attempt {n}.",
                step=_named(marking, activation),
                n=activation.attempts,
            ),
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
            "text": say(
                "{step} has done {n} of its {total} items; {running} of them are running.",
                step=_named(marking, activation),
                n=done + failed,
                total=total,
                running=under_way,
            ),
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
            text = say("{step} is tried again at {due}", step=_named(marking, activation), due=due)
            if activation.error:
                why = _mention(marking, activation.error, activation.error.message)
                text = say("{sentence} after: {error}", sentence=text, error=why)
            yield {**about(activation, "retry"), "text": text, "due": due}


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
            "text": _unknown_text(marking, activation, since, late.get(call)),
            "since": None if since is None else timestamp(since),
            "late": call in late,
        }
        if activation.decided is not None:
            told["decided"] = activation.decided["choice"]
        yield told


def _unknown_text(
    marking: Marking, activation: Activation, since: float | None, late: Mapping[str, Any] | None
) -> Said:
    """What is known of a call that was cut, and what a person has to do, or has done."""
    lost = (
        say(
            "The worker of attempt {n} of {step} went away while the tool was being called, and "
            "the tool must not be called twice.",
            n=activation.attempts,
            step=_named(marking, activation),
        )
        if since is None
        else say(
            "The worker of attempt {n} of {step}, begun at {since}, went away while the tool was "
            "being called, and the tool must not be called twice.",
            n=activation.attempts,
            step=_named(marking, activation),
            since=timestamp(since),
        )
    )
    if activation.decided is not None:
        return say(
            "{sentence} {person} decided: {meant}. That takes effect when the run goes on.",
            sentence=lost,
            person=activation.decided.get("by") or say("Somebody"),
            meant=CHOICES[OutcomeChoice(activation.decided["choice"])],
        )
    if late is not None:
        brought = (
            say("Its result came too late and can be adopted: the call succeeded.")
            if late.get("ok")
            else say(
                "Its result came too late and can be adopted: the call failed: {error}.",
                error=str(late["error"].get("message", "")).rstrip("."),
            )
        )
        lost = say("{one} {other}", one=lost, other=brought)
    return say("{one} {other}", one=lost, other=say("A person has to say what became of it."))


CHOICES = {
    OutcomeChoice.ADOPT: say("what it brought too late counts"),
    OutcomeChoice.DONE: say("it is done, with an output given by hand"),
    OutcomeChoice.RETRY: say("it is called again"),
    OutcomeChoice.SKIP: say("it is skipped"),
    OutcomeChoice.FAIL: say("it failed"),
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
                "text": say(
                    "{step} waits for the lock {lock}, which {holder} has until its step is done.",
                    step=_named(marking, activation),
                    lock=quoted(lock),
                    holder=_named(marking, holder),
                ),
                "lock": lock,
                "holders": [holder.place.id],
            }
        elif activation.id in marking.ready:
            yield {
                **about(activation, "ready"),
                "text": _ready(marking, _named(marking, activation)),
            }


def _ready(marking: Marking, name: str) -> Said:
    most = marking.limits.max_parallel
    if marking.running < most:
        return say("{step} is ready; it starts when its driver has room for it.", step=name)
    return say(
        "{step} is ready; it starts when one of the {most} calls under way has ended "
        "(limits.max_parallel).",
        step=name,
        most=most,
    )


# Child runs -------------------------------------------------------------------------------------


def _children(marking: Marking, events: Sequence[Event]) -> Iterator[Reason]:
    """Runs of other workflows that have to end."""
    if _is_over(marking):
        return
    for activation in marking.waiting.values():
        if activation.status is ActivationStatus.CHILD:
            run, runs = child_of(activation).run, activation.place.node.runs
            text = say("{step} waits for run {run}.", step=_named(marking, activation), run=run)
            if runs is not None and runs.workflow:
                text = say(
                    "{step} waits for run {run} of workflow {workflow}.",
                    step=_named(marking, activation),
                    run=run,
                    workflow=quoted(runs.workflow),
                )
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
                yield {
                    **about(activation, kind),
                    **_told(wait),
                    **tell(_named(marking, activation), wait),
                }


def _told(wait: Mapping[str, Any]) -> Reason:
    """What is told of every kind of wait: until when, and which of several it is."""
    told: Reason = {"due": timestamp(wait["due"])} if "due" in wait else {}
    return told | ({"alternative": wait["on"]} if "on" in wait else {})


def _timer(name: str, wait: Mapping[str, Any]) -> Reason:
    due = timestamp(wait["due"]) if "due" in wait else say("its time")
    return {"text": say("{step} waits until {due}.", step=name, due=due)}


def _signal(name: str, wait: Mapping[str, Any]) -> Reason:
    told = {key: wait[key] for key in ("name", "key") if key in wait}
    signal = quoted(str(wait.get("name")))
    if "key" not in wait:
        return {
            **told,
            "text": say("{step} waits for the signal {name}.", step=name, name=signal),
        }
    text = say(
        "{step} waits for the signal {name} with the key {key}.",
        step=name,
        name=signal,
        key=repr(wait["key"]),
    )
    return {**told, "text": text}


def _human(name: str, wait: Mapping[str, Any]) -> Reason:
    told = {key: wait[key] for key in ("title", "assignees") if key in wait}
    asked = wait.get("assignees") or {}
    people = [
        *asked.get("users", ()),
        *([say("the group {name}", name=asked["group"])] if "group" in asked else ()),
    ]
    who = joined(people) or say("somebody who sees the run")
    text = say("{step} waits for an answer of {person}.", step=name, person=who)
    if "due" in wait:
        late = say("It ends at {due}.", due=timestamp(wait["due"]))
        text = say("{one} {other}", one=text, other=late)
    return {**told, "text": text}


def _something(name: str, wait: Mapping[str, Any]) -> Reason:
    kind = repr(wait.get("kind"))
    return {"text": say("{step} waits for something of the kind {kind}.", step=name, kind=kind)}


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
        join = _step(marking, group.place.id)
        told: str = ""
        for way, nodes in coming.items():
            steps = joined(_bare(marking, node) for node in nodes)
            part = say("{edge} from {steps}", edge=way, steps=steps)
            told = say("{one}; {other}", one=told, other=part) if told else part
        what = told or say("nothing that can come")
        text = say("The join {step} waits for {what}.", step=join, what=what)
        if strict(group) and not coming:
            edges = ", ".join(missing(marking, group))
            text = say("The join {step} lacks {edges}.", step=join, edges=edges)
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


def _named(marking: Marking, activation: Activation) -> str:
    name = _step(marking, activation.place.id)
    if activation.of is None:
        return name
    return say("item {index} of {step}", index=activation.index, step=name)


def _step(marking: Marking, node: str) -> Step:
    return Step(repr(node), node, _title(marking, node))


def _bare(marking: Marking, node: str) -> Step:
    """A step whose id stands without quotes in English."""
    return Step(node, node, _title(marking, node))


def _mention(marking: Marking, error: RunError, message: str) -> str:
    """What an error says; a sentence where it is the engine that says it."""
    names = failing.Names(partial(_title, marking), partial(_between, marking))
    said = failing.reread({**error.as_dict(), "message": message}, names)
    return message if said is None else said


def _between(marking: Marking, edge: str) -> str:
    """An edge by the steps that it joins."""
    way = marking.plan.edge_by_id.get(edge)
    if way is None or way.source is None:
        return ""
    ends = (way.source, way.target)
    return " → ".join(place.node.title or place.id for place in ends)


def _title(marking: Marking, node: str) -> str:
    place = marking.plan.by_id.get(node)
    return "" if place is None else place.node.title
