"""Why an edge was taken or not: what the journal says of the last time that it was its turn."""

from collections.abc import Sequence
from typing import Any

from engine.events import Event
from engine.graph.plan import PlannedEdge
from engine.planning.marking import Marking
from engine.policies import TERMINAL_RUN_STATUSES, EdgeOn
from engine.said import say

Story = dict[str, Any]
"""{"edge", "node": where it leads away from, "seq": of the event that tells it or None, "taken",
"when": the condition, "values": of the names in it, "reason": a word or None, "text": a sentence,
"times": {"taken", "skipped"}}"""


def edge_story(marking: Marking, events: Sequence[Event], edge: str) -> Story:
    """What was found the last time at an edge of the marking's graph. Raises KeyError."""
    way = marking.plan.edge_by_id[edge]
    node = way.source.id if way.source is not None else ""
    reports = [
        (event, report)
        for event in events
        for report in event.data.get("edges") or ()
        if isinstance(report, dict) and report.get("edge") == edge
    ]
    taken = sum(bool(report["taken"]) for _, report in reports)
    decided = _last_decision(events, node)
    story: Story = {
        "edge": edge,
        "node": node,
        "seq": None,
        "taken": False,
        "when": None if way.when is None else way.when.source,
        "values": {},
        "reason": None,
        "times": {"taken": taken, "skipped": len(reports) - taken},
    }
    if reports and (decided is None or reports[-1][0].seq >= decided.seq):
        story |= _reported(*reports[-1])
    elif decided is not None:
        story |= {"seq": decided.seq, "reason": "passed_over", "text": _passed_over(way, node)}
    else:
        story |= {"reason": "not_decided", "text": _undecided(marking, node)}
    return story


def _last_decision(events: Sequence[Event], node: str) -> Event | None:
    """The last event in which this node chose among its ways on."""
    for event in reversed(events):
        if event.node == node and _chooses(event.data.get("edges")):
            return event
    return None


def _chooses(edges: Any) -> bool:
    return bool(edges) and all(isinstance(report, dict) for report in edges)


def _reported(event: Event, report: dict[str, Any]) -> Story:
    when, values, reason = report.get("when"), report.get("values") or {}, report.get("reason")
    taken = bool(report["taken"])
    verb = "was taken" if taken else "was not taken"
    return {
        "seq": event.seq,
        "taken": taken,
        "when": when,
        "values": values,
        "reason": reason,
        "text": f"It {verb}: {_because(report, event.data.get('error'))}.",
    }


def _because(report: dict[str, Any], stuck: dict[str, Any] | None) -> str:
    """The condition with its values, and what else counted."""
    when, reason, taken = report.get("when"), report.get("reason"), bool(report["taken"])
    said = []
    if when is not None:
        values = (report.get("values") or {}).items()
        told = ", ".join(f"{name} = {value!r}" for name, value in values)
        blocked = stuck is not None and not taken and reason is None
        held = "false" if not taken and reason is None else "true"
        verdict = "was looked at" if blocked else f"was {held}"
        said.append(f"{when} {verdict}" + (f" ({told})" if told else ""))
    if reason is not None:
        said.append(REASONS.get((reason, taken), str(reason)))
    if stuck is not None and not taken:
        said.append(str(stuck.get("message", "no way on could be chosen")).rstrip("."))
    return "; ".join(said) or ("it has no condition" if taken else "another way was chosen")


REASONS = {
    ("else", True): say("no other condition was true"),
    ("exhausted", True): say("a way that was wanted is used up, or its loop stands still"),
    ("exhausted", False): say("it was taken as often as its max allows"),
    ("no progress", False): say("its loop went round without changing the state"),
}
"""The words that reports use, by whether the edge was taken."""


def _passed_over(way: PlannedEdge, node: str) -> str:
    on = way.edge.on if way.edge is not None else EdgeOn.OK
    if on is not EdgeOn.OK:
        return f"It was not taken: it is only for the outcome {on!s} of {node!r}."
    return f"It was not taken: {node!r} had chosen another way before it was its turn."


def _undecided(marking: Marking, node: str) -> str:
    """Why its node has never chosen."""
    here = [a for a in marking.activations.values() if a.place.id == node]
    if here:
        return f"{node!r} has not decided yet: it is {here[-1].status}."
    over = marking.status in TERMINAL_RUN_STATUSES
    seen = marking.visits[marking.plan.by_id[node].index]
    if seen:
        return f"{node!r} did not come to choose its ways on."
    return f"{node!r} was never reached." if over else f"{node!r} has not been reached yet."
