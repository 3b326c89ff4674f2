"""Events as lines a person reads, in the words of the run page's log."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from engine.events import timestamp
from engine.planning.outcomes import is_adoptable
from engine.policies import OutcomeChoice
from studio.templatetags.treadle import duration, status_words

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LogLine:
    """`level` is debug, info, warning or error; `time` is the time of day in UTC."""

    time: str
    level: str
    kind: str
    node: str
    step: str
    """What the node is called."""
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


def log_line(event: Mapping[str, Any], titles: Mapping[str, str]) -> LogLine:
    """One event of the API's shape as a line; `titles` are those of the nodes that have one."""
    kind, data = str(event["k"]), event.get("data") or {}
    node = str(event.get("node") or "")
    tell = _TELL.get(kind)
    return LogLine(
        str(event["ts"])[11:23],
        _level(kind, data),
        kind.rpartition(".")[2],
        node,
        titles.get(node, node),
        tell(_named(kind, data, titles)) if tell else kind,
    )


def _named(kind: str, data: Data, titles: Mapping[str, str]) -> Data:
    """With the titles of the nodes that an event is told by."""
    if kind != "run.created":
        return data
    ends = {end: titles.get(node, node) for end in ("start", "until") if (node := data.get(end))}
    return {**data, **ends}


def _level(kind: str, data: Data) -> str:
    if kind == "log":
        return _LEVELS.get(str(data.get("level", "info")).lower(), "info")
    if kind in ("attempt.failed", "attempt.timed_out") and data.get("retry_at"):
        return "warning"
    return _LEVEL_OF_KIND.get(kind, "info")


def _succeeded(data: Data) -> str:
    what = _("Done") if data.get("item") is None else _("Item {item} done").format_map(data)
    if data.get("ms") is not None:
        what = _("{what} in {time}").format(what=what, time=duration(data["ms"]))
    parts = [what]
    keys = dict.fromkeys(str(op[1]) for op in data.get("ops") or () if len(op) > 1)
    if keys:
        parts.append(_("wrote {keys}").format(keys=", ".join(keys)))
    return "; ".join([*parts, *_because(data)])


def _edges_taken(data: Data) -> str:
    return "; ".join([_("Found a way on"), *_because(data)])


def _because(data: Data) -> list[str]:
    edges = [edge for edge in data.get("edges") or () if _told(edge)]
    return [_("because {decision}").format(decision=_decision(edge)) for edge in edges]


def _told(edge: Any) -> bool:
    return isinstance(edge, Mapping) and bool(edge.get("taken")) and bool(edge.get("when"))


def _decision(edge: Data) -> str:
    values = edge.get("values") or {}
    told = ", ".join(f"{name} = {_brief(value)}" for name, value in values.items())
    return _("{when} is true").format(when=edge["when"]) + (f" ({told})" if told else "")


def _brief(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _failed(data: Data) -> str:
    one = data.get("item") is None
    return _ended(data, _("Failed") if one else _("Item {item} failed").format_map(data))


def _timed_out(data: Data) -> str:
    one = data.get("item") is None
    return _ended(data, _("Timed out") if one else _("Item {item} timed out").format_map(data))


def _ended(data: Data, what: str) -> str:
    told = f"{what}: {error_words(data.get('error'))}"
    if not data.get("retry_at"):
        return told
    time = timestamp(data["retry_at"])[11:19]
    return _("{what}. Next try at {time}").format(what=told, time=time)


def lost_words(error: Any) -> str:
    """What follows from the loss of a worker."""
    if not isinstance(error, Mapping):
        return _("Lost with its worker; it is tried again")
    if error.get("code") == "E_OUTCOME_UNKNOWN":
        return _("Lost with its worker; what it did is not known, somebody must decide")
    return _("Lost with its worker: {error}").format(error=error_words(error))


_MEANT = {
    OutcomeChoice.ADOPT: gettext_noop("what it brought too late counts"),
    OutcomeChoice.DONE: gettext_noop("it is done, with an output given by hand"),
    OutcomeChoice.RETRY: gettext_noop("it is called again"),
    OutcomeChoice.SKIP: gettext_noop("it is skipped"),
    OutcomeChoice.FAIL: gettext_noop("it failed"),
}


def _outcome_decided(data: Data) -> str:
    choice = str(data.get("choice"))
    meant = _(_MEANT[OutcomeChoice(choice)]) if choice in set(OutcomeChoice) else choice
    note = f" ({_brief(data['note'])})" if data.get("note") else ""
    who = _("{what} by {name}").format(what=_("Decided"), name=data["by"]) if data.get("by") else ""
    return _of_item(data, f"{who or _('Decided')}: {meant}{note}")


def error_words(error: Any) -> str:
    """`CODE: message`, or what there is of it."""
    if not isinstance(error, Mapping):
        return str(error or _("no reason given"))
    told = [str(error[key]) for key in ("code", "message") if error.get(key)]
    return ": ".join(told) or _("no reason given")


def _waits(data: Data) -> str:
    told = [_wait(wait) for wait in data.get("waits") or () if isinstance(wait, Mapping)]
    what = _(" or ").join(told)
    words = _("Waits {what}").format(what=what) if told else pgettext("a step", "Waits")
    return _of_item(data, words)


def _of_item(data: Data, words: str) -> str:
    if data.get("item") is None:
        return words
    return _("Item {item}: {words}").format(item=data["item"], words=words)


def _wait(wait: Data) -> str:
    due = timestamp(wait["due"]) if wait.get("due") is not None else None
    if wait.get("kind") == "timer":
        return _("until {due}").format(due=due)
    if wait.get("kind") == "signal":
        return _("for the signal {signal}").format(signal=_signal(wait))
    who = wait.get("assignees") or {}
    group = [_("the group {group}").format(group=who["group"])] if who.get("group") else []
    people = ", ".join([*who.get("users", ()), *group]) or _("a person")
    if not due:
        return _("for an answer of {people}").format(people=people)
    return _("for an answer of {people} until {due}").format(people=people, due=due)


def _signal(data: Data) -> str:
    """Its name, and its key if it has one."""
    name = str(data.get("name", ""))
    if data.get("key") is None:
        return name
    return _("{signal} with the key {key}").format(signal=name, key=_brief(data["key"]))


def _came(data: Data) -> str:
    told = _how(data)
    if data.get("by"):
        told = _("{what} by {name}").format(what=told, name=data["by"])
    if data.get("on") and data.get("item") is None:
        return _("{what}; goes on by {way}").format(what=told, way=data["on"])
    return _of_item(data, told)


def _how(data: Data) -> str:
    told = {
        "fired": _("Its time has come"),
        "timeout": _("Nobody answered in time"),
        "dropped": _("The answer is not needed any more"),
        "answered": _("Answered"),
        "received": _("Took the signal {name}").format(name=data.get("name", "")).rstrip(),
    }
    return told.get(str(data.get("how")), _("What it waited for came"))


def _sent(data: Data) -> str:
    where = {
        "run": _("Sent the signal {signal}, to this run"),
        "runs": _("Sent the signal {signal}, to whichever run waits for it"),
        "nobody": _("Sent the signal {signal}, which nobody waited for"),
    }
    said = where.get(str(data.get("to")), _("Sent the signal {signal}"))
    return said.format(signal=_signal(data))


def _withdrawn(data: Data) -> str:
    if data.get("orphan"):
        return _("Its branch has lost a race and ends here: nobody is asked or waited for")
    return _("The branches that it cancels were withdrawn")


def _join_fired(data: Data) -> str:
    if "orphaned" in data:
        return _("The first to come go on; what the other branches do counts no more")
    if "withdrawn" in data:
        return _("The first to come go on; the other branches were withdrawn")
    return _("All that could still arrive has arrived")


def _child_started(data: Data) -> str:
    workflow = data.get("workflow")
    what = _("a run of {workflow}").format(workflow=workflow) if workflow else _("a run")
    if data.get("item") is not None:
        what = _("{run} for item {item}").format(run=what, item=data["item"])
    said = _("Lets {run} go on") if data.get("resumes") else _("Started {run}")
    return said.format(run=what)


def _child_ended(data: Data) -> str:
    if data.get("status") == "refused":
        why = error_words(data.get("error"))
        return _("Its run could not be started: {reason}").format(reason=why)
    return _("Its run ended: {status}").format(status=status_words(str(data.get("status", ""))))


def _progress(data: Data) -> str:
    done, total, note = data.get("done"), data.get("total"), data.get("note")
    share = str(done)
    if total is not None:
        share = _("{n} of {total}").format(n=done, total=total)
    return f"{share}: {note}" if note else share


def _created(data: Data) -> str:
    if "start" in data and "until" in data:
        return _("Run created for a part: from {start} to {until}").format_map(data)
    if "start" in data:
        return _("Run created for a part: from {start}").format_map(data)
    if "until" in data:
        return _("Run created for a part: to {until}").format_map(data)
    return _("Run created")


def _moved(data: Data) -> str:
    if data.get("number") is None:
        return _("Moved to a draft")
    return _("Moved to version {number}").format_map(data)


def _forked(data: Data) -> str:
    origin, seq = data.get("run"), data.get("seq")
    return _("Forked from run {run} after event {event}").format(run=origin, event=seq)


def _truncated(data: Data) -> str:
    limit = round(data.get("limit", 0) / 2**20)
    said = _("Wrote over {n} MiB in this try: what came after it is missing here")
    return said.format(n=limit)


def _started(data: Data) -> str:
    return _("Started") if data.get("item") is None else _("Item {item} started").format_map(data)


def _plain(text: str) -> Callable[[Data], str]:
    """`text` is marked with gettext_noop."""
    return lambda data: _(text)


def _reason(prefix: str) -> Callable[[Data], str]:
    def tell(data: Data) -> str:
        reason = data.get("reason") or data.get("code")
        return f"{_(prefix)}: {reason}" if reason else _(prefix)

    return tell


_TELL: Mapping[str, Callable[[Data], str]] = {
    "run.created": _created,
    "run.claimed": lambda data: _("Picked up by {owner}").format(owner=data.get("owner", "–")),
    "run.resumed": _plain(gettext_noop("Run resumed")),
    "run.forked": _forked,
    "run.moved": _moved,
    "run.waiting": _plain(gettext_noop("Parked: it goes on when what it waits for comes")),
    "wait.opened": _waits,
    "wait.closed": _came,
    "signal.emitted": _sent,
    "signal.received": lambda data: _("Signal {name}").format(name=data.get("name", "")).rstrip(),
    "run.paused": _reason(gettext_noop("Run paused")),
    "run.cancel_requested": _reason(gettext_noop("Cancel asked for")),
    "run.completed": _plain(gettext_noop("Run completed")),
    "run.failed": lambda data: _("Run failed: {error}").format(
        error=error_words(data.get("error"))
    ),
    "run.cancelled": _reason(gettext_noop("Run cancelled")),
    "attempt.started": _started,
    "map.started": lambda data: _("Took a list of {n}").format(n=data.get("count")),
    "attempt.succeeded": _succeeded,
    "edges.taken": _edges_taken,
    "attempt.failed": _failed,
    "attempt.timed_out": _timed_out,
    "attempt.cancelled": _reason(gettext_noop("Cancelled")),
    "attempt.lost": lambda data: lost_words(data.get("error")),
    "attempt.late_result": lambda data: (
        _("A late result came in and was kept")
        if is_adoptable(data)
        else _("A late result came in and was not used")
    ),
    "outcome.decided": _outcome_decided,
    "child.started": _child_started,
    "child.ended": _child_ended,
    "child.dropped": _plain(gettext_noop("Its run is cancelled: nobody waits for it any more")),
    "join.fired": _join_fired,
    "join.forced": _plain(gettext_noop("Went on although not everything came")),
    "tokens.withdrawn": _withdrawn,
    "log": lambda data: str(data.get("message", "")),
    "progress": _progress,
    "truncated": _truncated,
    "warning": lambda data: error_words(data),
}
