"""Events as lines a person reads, in the words of the run page's log."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.events import timestamp
from studio.templatetags.treadle import duration

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LogLine:
    """`level` is debug, info, warning or error; `time` is the time of day in UTC."""

    time: str
    level: str
    kind: str
    node: str
    text: str


_LEVELS = {"debug": "debug", "warning": "warning", "error": "error", "critical": "error"}
_LEVEL_OF_KIND = {
    "run.failed": "error",
    "attempt.timed_out": "error",
    "attempt.failed": "error",
    "run.paused": "warning",
    "run.cancelled": "warning",
    "run.cancel_requested": "warning",
    "attempt.cancelled": "warning",
    "attempt.lost": "warning",
    "attempt.late_result": "warning",
    "child.dropped": "warning",
    "join.forced": "warning",
    "truncated": "warning",
    "warning": "warning",
}


def log_line(event: Mapping[str, Any]) -> LogLine:
    """One event of the API's shape as a line."""
    kind, data = str(event["k"]), event.get("data") or {}
    tell = _TELL.get(kind)
    return LogLine(
        str(event["ts"])[11:23],
        _level(kind, data),
        kind.rpartition(".")[2],
        str(event.get("node") or ""),
        tell(data) if tell else kind,
    )


def _level(kind: str, data: Data) -> str:
    if kind == "log":
        return _LEVELS.get(str(data.get("level", "info")).lower(), "info")
    if kind in ("attempt.failed", "attempt.timed_out") and data.get("retry_at"):
        return "warning"
    return _LEVEL_OF_KIND.get(kind, "info")


def _succeeded(data: Data) -> str:
    what = "Done" if data.get("item") is None else f"Item {data['item']} done"
    parts = [what if data.get("ms") is None else f"{what} in {duration(data['ms'])}"]
    keys = dict.fromkeys(str(op[1]) for op in data.get("ops") or () if len(op) > 1)
    if keys:
        parts.append(f"wrote {', '.join(keys)}")
    return "; ".join([*parts, *_because(data)])


def _edges_taken(data: Data) -> str:
    return "; ".join(["Found a way on", *_because(data)])


def _because(data: Data) -> list[str]:
    return [f"because {_decision(edge)}" for edge in data.get("edges") or () if _told(edge)]


def _told(edge: Any) -> bool:
    return isinstance(edge, Mapping) and bool(edge.get("taken")) and bool(edge.get("when"))


def _decision(edge: Data) -> str:
    values = edge.get("values") or {}
    told = ", ".join(f"{name} = {_brief(value)}" for name, value in values.items())
    return f"{edge['when']} is true" + (f" ({told})" if told else "")


def _brief(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _failed(data: Data, verb: str = "Failed") -> str:
    retry = data.get("retry_at")
    again = f". Next try at {timestamp(retry)[11:19]}" if retry else ""
    what = verb if data.get("item") is None else f"Item {data['item']} {verb.lower()}"
    return f"{what}: {error_words(data.get('error'))}{again}"


def error_words(error: Any) -> str:
    """`CODE: message`, or what there is of it."""
    if not isinstance(error, Mapping):
        return str(error or "no reason given")
    told = [str(error[key]) for key in ("code", "message") if error.get(key)]
    return ": ".join(told) or "no reason given"


def _waits(data: Data) -> str:
    told = [_wait(wait) for wait in data.get("waits") or () if isinstance(wait, Mapping)]
    return f"Waits {' or '.join(told)}" if told else "Waits"


def _wait(wait: Data) -> str:
    due = timestamp(wait["due"]) if wait.get("due") is not None else None
    if wait.get("kind") == "timer":
        return f"until {due}"
    if wait.get("kind") == "signal":
        key = f" with the key {_brief(wait['key'])}" if "key" in wait else ""
        return f"for the signal {wait.get('name')}{key}"
    who = wait.get("assignees") or {}
    people = [*who.get("users", ()), *([f"the group {who['group']}"] if who.get("group") else ())]
    late = f" until {due}" if due else ""
    return f"for an answer of {', '.join(people) or 'a person'}{late}"


def _came(data: Data) -> str:
    by = f" by {data['by']}" if data.get("by") else ""
    told = {
        "fired": "Its time has come",
        "timeout": "Nobody answered in time",
        "answered": f"Answered{by}",
        "received": f"Took the signal {data.get('name', '')}".rstrip() + by,
    }.get(str(data.get("how")), "What it waited for came")
    return f"{told}; goes on by {data['on']}" if data.get("on") else told


def _sent(data: Data) -> str:
    key = f" with the key {_brief(data['key'])}" if "key" in data else ""
    where = {
        "run": "to this run",
        "runs": "to whichever run waits for it",
        "nobody": "which nobody waited for",
    }
    return f"Sent the signal {data.get('name', '')}{key}, {where.get(str(data.get('to')), '')}"


def _withdrawn(data: Data) -> str:
    if data.get("orphan"):
        return "Its branch has lost a race and ends here: nobody is asked or waited for"
    return "The branches that it cancels were withdrawn"


def _join_fired(data: Data) -> str:
    if "orphaned" in data:
        return "The first to come go on; what the other branches do counts no more"
    if "withdrawn" in data:
        return "The first to come go on; the other branches were withdrawn"
    return "All that could still arrive has arrived"


def _child_started(data: Data) -> str:
    workflow = data.get("workflow")
    what = f"a run of {workflow}" if workflow else "a run"
    if data.get("item") is not None:
        what += f" for item {data['item']}"
    return f"Lets {what} go on" if data.get("resumes") else f"Started {what}"


def _child_ended(data: Data) -> str:
    if data.get("status") == "refused":
        return f"Its run could not be started: {error_words(data.get('error'))}"
    return f"Its run ended: {data.get('status', 'done')}"


def _progress(data: Data) -> str:
    done, total, note = data.get("done"), data.get("total"), data.get("note")
    share = f"{done} of {total}" if total is not None else f"{done}"
    return f"{share}: {note}" if note else share


def _created(data: Data) -> str:
    ends = [
        f"{word} {data[key]}" for word, key in (("from", "start"), ("to", "until")) if key in data
    ]
    return " ".join(["Run created", *([f"for a part: {' '.join(ends)}"] if ends else [])])


def _version(data: Data) -> str:
    number = data.get("number")
    return "a draft" if number is None else f"version {number}"


def _reason(prefix: str) -> Callable[[Data], str]:
    def tell(data: Data) -> str:
        reason = data.get("reason") or data.get("code")
        return f"{prefix}: {reason}" if reason else prefix

    return tell


_TELL: Mapping[str, Callable[[Data], str]] = {
    "run.created": _created,
    "run.claimed": lambda data: f"Picked up by {data.get('owner', 'a driver')}",
    "run.resumed": lambda data: "Run resumed",
    "run.forked": lambda data: f"Forked from run {data.get('run')} after event {data.get('seq')}",
    "run.moved": lambda data: f"Moved to {_version(data)}",
    "run.waiting": lambda data: "Parked: it goes on when what it waits for comes",
    "wait.opened": _waits,
    "wait.closed": _came,
    "signal.emitted": _sent,
    "signal.received": lambda data: f"Signal {data.get('name', '')}".rstrip(),
    "run.paused": _reason("Run paused"),
    "run.cancel_requested": _reason("Cancel asked for"),
    "run.completed": lambda data: "Run completed",
    "run.failed": lambda data: f"Run failed: {error_words(data.get('error'))}",
    "run.cancelled": _reason("Run cancelled"),
    "attempt.started": lambda data: (
        "Started" if data.get("item") is None else f"Item {data['item']} started"
    ),
    "map.started": lambda data: f"Took a list of {data.get('count')}",
    "attempt.succeeded": _succeeded,
    "edges.taken": _edges_taken,
    "attempt.failed": _failed,
    "attempt.timed_out": lambda data: _failed(data, "Timed out"),
    "attempt.cancelled": _reason("Cancelled"),
    "attempt.lost": lambda data: "Lost with its worker; it is tried again",
    "attempt.late_result": lambda data: "A late result came in and was not used",
    "child.started": _child_started,
    "child.ended": _child_ended,
    "child.dropped": lambda data: "Its run is cancelled: nobody waits for it any more",
    "join.fired": _join_fired,
    "join.forced": lambda data: "Went on although not everything came",
    "tokens.withdrawn": _withdrawn,
    "log": lambda data: str(data.get("message", "")),
    "progress": _progress,
    "truncated": lambda data: (
        f"Wrote over {round(data.get('limit', 0) / 2**20)} MiB in this try: "
        "what came after it is missing here"
    ),
    "warning": lambda data: error_words(data),
}
