"""What must hold of every run's journal. Knows the words of the journal, nothing of the engine."""

from collections import Counter
from typing import Any

LEGAL = {
    "running": {"waiting", "paused", "cancelling", "completed", "failed"},
    "waiting": {"running", "paused", "cancelling"},
    "paused": {"running", "cancelling"},
    "cancelling": {"cancelled"},
    "failed": {"running"},
    "completed": set(),
    "cancelled": set(),
}
ENDS = {
    "attempt.succeeded", "attempt.failed", "attempt.timed_out", "attempt.cancelled", "attempt.lost",
}  # fmt: skip
NOTES = {"log", "progress", "warning", "attempt.late_result", "signal.received", "run.claimed"}
SLACK_S = 0.0011
"""Times are written to the millisecond."""


def faults(events: list[dict[str, Any]], document: dict[str, Any]) -> list[str]:
    """Everything that is wrong with a journal."""
    found: list[str] = []
    if [e["seq"] for e in events] != list(range(1, len(events) + 1)):
        found.append("seq is not contiguous")
    times = [e["time"] for e in events]
    if times != sorted(times):
        found.append("time goes back")
    found += _statuses(events)
    found += _attempts(events, document)
    found += _waits(events)
    found += _tokens(events, document)
    return found


def _statuses(events: list[dict[str, Any]]) -> list[str]:
    """Only legal changes of the run's status, and silence after its end."""
    found, status = [], "running"
    for event in events[1:]:
        kind, new = event["k"], None
        if status in ("completed", "cancelled") and kind not in NOTES:
            found.append(f"{kind} after the run was {status}")
        if kind in ("run.completed", "run.failed", "run.cancelled"):
            new = kind[4:]
        elif kind == "run.paused" and status in ("running", "waiting"):
            new = "paused"
        elif kind == "run.cancel_requested":
            new = "cancelling"
        elif kind == "run.resumed":
            new = "running"
        elif kind == "run.waiting" and status == "running":
            new = "waiting"
        elif kind in ("run.claimed", "wait.closed") and status == "waiting":
            new = "running"
        if new is not None and new != status:
            if new not in LEGAL[status]:
                found.append(f"from {status} to {new}")
            status = new
    return found


def _attempts(events: list[dict[str, Any]], document: dict[str, Any]) -> list[str]:
    """Attempts are numbered, end once, and come no earlier than their retry is due."""
    found: list[str] = []
    open_: dict[int, int] = {}
    number: Counter[int] = Counter()
    failures: Counter[int] = Counter()
    due: dict[int, float] = {}
    done: set[int] = set()
    for event in events:
        act, kind, data = event["act"], event["k"], event["data"]
        if kind == "run.resumed":
            failures.clear()
        if kind == "attempt.started":
            number[act] += 1
            if act in open_ or act in done:
                found.append(f"activation {act} of {event['node']} starts while open or done")
            if event["att"] != number[act]:
                found.append(f"attempt {event['att']} of {event['node']} after {number[act] - 1}")
            if event["time"] < due.pop(act, 0.0) - SLACK_S:
                found.append(f"{event['node']} was tried again before it was due")
            open_[act] = event["att"]
        elif kind == "wait.opened":
            open_.pop(act, None)  # a tool that asks is called again with the answer
        elif kind in ENDS:
            if act in done:
                found.append(f"activation {act} of {event['node']} ends twice")
            if act in open_ and open_.pop(act) != event["att"]:
                found.append(f"another attempt of {event['node']} ends than started")
            if kind == "attempt.succeeded" or "edges" in data:
                done.add(act)
            if kind in ("attempt.failed", "attempt.timed_out"):
                failures[act] += 1
                most = _policy(document, event["node"]).get("max_attempts", 3)
                if "retry_at" in data and failures[act] >= most:
                    found.append(f"{event['node']} is tried more than {most} times")
                if "retry_at" in data:
                    due[act] = data["retry_at"]
                    found += _backoff(document, event, failures[act])
        for gone in data.get("withdrawn", ()):
            open_.pop(gone, None)
            done.add(gone)
    if events[-1]["k"] == "run.completed" and open_:
        left = [e["node"] for e in events if e["act"] in open_]
        found.append(f"the run completed while {sorted(set(left))} ran")
    return found


def _policy(document: dict[str, Any], node: str) -> dict[str, Any]:
    spec = document["nodes"][node]
    retry: dict[str, Any] = spec.get("body", spec).get("retry", {})
    return retry


def _backoff(document: dict[str, Any], event: dict[str, Any], failure: int) -> list[str]:
    """The wait before a retry is what the policy says, within its jitter.

    Lost attempts count as tries too, so a wait may be that of a later failure.
    """
    policy = _policy(document, event["node"])
    if not policy:
        return []
    wait = event["data"]["retry_at"] - event["time"]
    steps = [min(2.0 * 3.0**n, 15.0) for n in range(failure - 1, 3)]
    if any(step * 0.5 - SLACK_S <= wait <= step * 1.5 + SLACK_S for step in steps):
        return []
    return [f"{event['node']} waits {wait:.2f} s before attempt {failure + 1}"]


def _waits(events: list[dict[str, Any]]) -> list[str]:
    """A wait opens once, ends once, and no earlier than it is due."""
    found: list[str] = []
    due: dict[str, float | None] = {}
    closed: set[str] = set()
    for event in events:
        if event["k"] == "wait.opened":
            for wait in event["data"]["waits"]:
                if wait["id"] in due:
                    found.append(f"wait {wait['id']} opens twice")
                due[wait["id"]] = wait.get("due")
        elif event["k"] == "wait.closed":
            name, how = event["data"]["wait"], event["data"]["how"]
            if name in closed:
                found.append(f"wait {name} of {event['node']} ends twice")
            closed.add(name)
            at = due.get(name)
            if how in ("fired", "timeout") and (at is None or event["time"] < at - SLACK_S):
                found.append(f"wait {name} of {event['node']} fires before it is due")
    return found


def _tokens(events: list[dict[str, Any]], document: dict[str, Any]) -> list[str]:
    """No token is lost: what was forked has joined or ended. Races give up tokens on purpose."""
    if events[-1]["k"] != "run.completed":
        return []
    if any("withdrawn" in e["data"] or "orphaned" in e["data"] for e in events):
        return []
    live = len(document["entry"])
    for event in events:
        data = event["data"]
        if event["k"] in ("join.fired", "join.forced"):
            live -= len(data["edges"]) - 1
        elif "edges" in data and not (event["k"] == "attempt.succeeded" and "error" in data):
            live += _born(data["edges"])
    return [] if live == 0 else [f"{live} tokens are left"]


def _born(reports: list[dict[str, Any]]) -> int:
    return sum(report["taken"] for report in reports) - 1


def steps(events: list[dict[str, Any]]) -> int:
    """How many steps the run has used."""
    begun = {
        event["act"]
        for event in events
        if "item" not in event["data"] and event["k"] in {"attempt.started", *ENDS}
    }
    return len(begun)
