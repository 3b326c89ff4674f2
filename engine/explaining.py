"""Why a run stands where it stands: what each part of it waits for, and why an edge was taken."""

from collections.abc import Iterator, Sequence
from typing import Any

from engine.events import Event, EventKind, timestamp
from engine.joins import awaited
from engine.marking import Activation, Marking
from engine.policies import TERMINAL_RUN_STATUSES, ActivationStatus, RunStatus

Reason = dict[str, Any]
"""{"what": join|retry|attempt|ready|paused|failed|over, "node", "text": a sentence} and more."""


def reasons(marking: Marking, events: Sequence[Event]) -> list[Reason]:
    """Everything that the run waits for now, by what its journal says."""
    status = marking.status
    if status in TERMINAL_RUN_STATUSES or status is RunStatus.PAUSED:
        return [_rest(marking), *_attempts(marking, events)]
    return [*_attempts(marking, events), *_idle(marking), *_joins(marking)]


def _rest(marking: Marking) -> Reason:
    """Why the run does not go on by itself."""
    status, error = marking.status, marking.error
    if error is None:
        return {"what": "over", "node": None, "text": f"The run is {status}."}
    failed = status is RunStatus.FAILED
    stands, then = ("has failed", "retried") if failed else ("is paused", "resumed")
    message = error.message.rstrip(".")
    return {
        "what": str(status),
        "node": error.node,
        "text": f"The run {stands}: {message}. It goes on when it is {then}.",
        "code": str(error.code),
    }


def _attempts(marking: Marking, events: Sequence[Event]) -> Iterator[Reason]:
    """The calls that are under way, oldest first."""
    running = [a for a in marking.activations.values() if a.status is ActivationStatus.RUNNING]
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
            **_about(activation, "attempt"),
            "text": f"{activation.place.id!r} is running, attempt {activation.attempts}.",
            "since": None if since is None else timestamp(since),
        }


def _idle(marking: Marking) -> Iterator[Reason]:
    """Activations that wait for their retry, or for their turn."""
    for activation in marking.activations.values():
        name = activation.place.id
        if activation.status is ActivationStatus.RETRY_WAIT:
            due = timestamp(activation.due)
            said = f" after: {activation.error.message}" if activation.error else ""
            yield {
                **_about(activation, "retry"),
                "text": f"{name!r} is tried again at {due}{said}",
                "due": due,
            }
        elif activation.id in marking.ready:
            yield {
                **_about(activation, "ready"),
                "text": f"{name!r} is ready; it starts when its driver has room for it.",
            }


def _about(activation: Activation, what: str) -> Reason:
    return {"what": what, "node": activation.place.id, "attempt": activation.attempts}


def _joins(marking: Marking) -> Iterator[Reason]:
    """Joins that hold tokens, with what can still come to them."""
    for group in marking.waiting_groups():
        queues = marking.parked[group.index]
        coming = awaited(marking, group)
        told = "; ".join(f"{way} from {', '.join(nodes)}" for way, nodes in coming.items())
        yield {
            "what": "join",
            "node": group.place.id,
            "text": f"The join {group.place.id!r} waits for {told or 'nothing that can come'}.",
            "arrived": [way.id for at, way in enumerate(group.ways) if at in queues],
            "awaited": coming,
        }


def last_report(events: Sequence[Event], edge: str) -> Reason | None:
    """What was found the last time this edge was looked at; None if that never happened."""
    for event in reversed(events):
        for report in event.data.get("edges") or ():
            if isinstance(report, dict) and report.get("edge") == edge:
                return {
                    "edge": edge,
                    "seq": event.seq,
                    "node": event.node,
                    "taken": bool(report["taken"]),
                    "when": report.get("when"),
                    "values": report.get("values") or {},
                    "reason": report.get("reason"),
                }
    return None
