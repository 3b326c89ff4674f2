"""Two runs side by side: where their ways part, and what each node did differently.

Steps are paired by node and visit, never by the order in which they came to pass: so two runs that
differ in timing alone are the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.events import Event, EventKind
from engine.values.jsonvalue import Json, same

MISSING = object()
Change = dict[str, Any]
"""{"path": list of keys and indexes, "a"?, "b"?}: what one side has not is left out."""
MOST_CHANGES = 500
"""Changes told of one pair of values."""


@dataclass(slots=True)
class Step:
    """One visit of a node, as its journal tells it."""

    node: str
    visit: int
    seq: int
    """Of the event that ended it, or of its last one."""
    status: str = "open"
    """ok, error, timed_out, or open: it had not ended."""
    writes: dict[str, Json] = field(default_factory=dict)
    """What it wrote: for a plain key the value, for one with a reducer the update."""
    taken: tuple[str, ...] = ()
    error: dict[str, Any] | None = None
    attempts: int = 0


def steps_of(events: Sequence[Event]) -> dict[tuple[str, int], Step]:
    """The steps of a journal by node and visit, in the order in which they ended."""
    visits: dict[str, int] = {}
    numbers: dict[int, int] = {}
    found: dict[tuple[str, int], Step] = {}
    for event in events:
        told = _ENDS.get(event.kind)
        began = event.kind is EventKind.ATTEMPT_STARTED
        if event.act is None or event.node is None or "item" in event.data or not (told or began):
            continue
        if event.act not in numbers:
            visits[event.node] = numbers[event.act] = visits.get(event.node, 0) + 1
        key = event.node, numbers[event.act]
        step = found.pop(key, None) or Step(event.node, key[1], event.seq)
        found[key] = step
        step.seq = event.seq
        step.attempts = max(step.attempts, event.att or 0)
        if told:
            _note(step, event, told)
    return found


def _note(step: Step, event: Event, status: str) -> None:
    data = event.data
    retried = "retry_at" in data
    step.status = "open" if retried else status
    step.error = data.get("error")
    for op in data.get("ops") or ():
        step.writes[op[1]] = op[2] if len(op) > 2 else None
    reports = data.get("edges") or ()
    step.taken = tuple(r["edge"] for r in reports if isinstance(r, dict) and r.get("taken"))


_ENDS = {
    EventKind.ATTEMPT_SUCCEEDED: "ok",
    EventKind.ATTEMPT_FAILED: "error",
    EventKind.ATTEMPT_TIMED_OUT: "timed_out",
    EventKind.EDGES_TAKEN: "ok",
}


def compare(a: Sequence[Event], b: Sequence[Event]) -> dict[str, Any]:
    """What differs between two journals, in the order of the first: {"first", "nodes", "edges"}.

    `first` is the first step whose way on differs, or that only one of them has; None if both went
    the same way.
    """
    mine, theirs = steps_of(a), steps_of(b)
    pairs = [(mine.get(key), theirs.get(key)) for key in {**mine, **theirs}]
    return {
        "first": next(filter(None, (_parting(*pair) for pair in pairs)), None),
        "nodes": _nodes(pairs),
        "edges": _edges(mine.values(), theirs.values()),
    }


def _parting(a: Step | None, b: Step | None) -> dict[str, Any] | None:
    """How the ways of two runs part at a step; None if they go on together."""
    one = a or b
    if one is None or (
        a is not None and b is not None and (a.status, a.taken) == (b.status, b.taken)
    ):
        return None
    return {
        "node": one.node,
        "visit": one.visit,
        "a": _told(a),
        "b": _told(b),
        "text": _in_words(one, a, b),
    }


def _told(step: Step | None) -> dict[str, Any] | None:
    if step is None:
        return None
    return {"seq": step.seq, "status": step.status, "edges": list(step.taken)}


def _in_words(one: Step, a: Step | None, b: Step | None) -> str:
    where = f"visit {one.visit} of {one.node!r}"
    if a is None or b is None:
        only = "second" if a is None else "first"
        return f"Only the {only} run has {where}."
    if a.status != b.status:
        return f"They part at {where}: it is {a.status} in the first run, {b.status} in the second."
    ways = [", ".join(step.taken) or "no edge" for step in (a, b)]
    return f"They part at {where}: the first run takes {ways[0]}, the second {ways[1]}."


def _nodes(pairs: Sequence[tuple[Step | None, Step | None]]) -> list[dict[str, Any]]:
    """Every node at which something differs, with the visits at which it does."""
    found: dict[str, dict[str, Any]] = {}
    for a, b in pairs:
        one = a or b
        if one is None:
            continue
        told = found.setdefault(
            one.node, {"node": one.node, "visits": {"a": 0, "b": 0}, "steps": []}
        )
        told["visits"]["a"] += a is not None
        told["visits"]["b"] += b is not None
        changes = _step_changes(a, b)
        if changes:
            told["steps"].append({"visit": one.visit, **changes})
    return [told for told in found.values() if told["steps"]]


def _step_changes(a: Step | None, b: Step | None) -> dict[str, Any]:
    if a is None or b is None:
        return {"only": "b" if a is None else "a"}
    changes: dict[str, Any] = {}
    writes = differences(a.writes, b.writes)
    if writes:
        changes["writes"] = writes
    for key in ("status", "taken", "attempts", "error"):
        one, other = getattr(a, key), getattr(b, key)
        if one != other:
            changes[key] = {"a": _json(one), "b": _json(other)}
    return changes


def _json(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _edges(mine: Any, theirs: Any) -> list[dict[str, Any]]:
    """Edges that one run took more often than the other."""
    counts: dict[str, dict[str, int]] = {}
    for side, steps in (("a", mine), ("b", theirs)):
        for step in steps:
            for edge in step.taken:
                counts.setdefault(edge, {"a": 0, "b": 0})[side] += 1
    return [
        {"edge": edge, "taken": count} for edge, count in counts.items() if count["a"] != count["b"]
    ]


# Values -----------------------------------------------------------------------------------------


def differences(a: Json, b: Json) -> list[Change]:
    """Where two JSON values differ, at most `MOST_CHANGES` places."""
    found = []
    for change in _walk([], a, b):
        found.append(change)
        if len(found) == MOST_CHANGES:
            break
    return found


def _walk(path: list[Any], a: Any, b: Any) -> Iterator[Change]:
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        for key in {**a, **b}:
            yield from _walk([*path, key], a.get(key, MISSING), b.get(key, MISSING))
    elif isinstance(a, list) and isinstance(b, list):
        for at in range(max(len(a), len(b))):
            one = a[at] if at < len(a) else MISSING
            other = b[at] if at < len(b) else MISSING
            yield from _walk([*path, at], one, other)
    elif a is MISSING or b is MISSING or not same(a, b):
        sides = {"a": a, "b": b}
        yield {"path": path} | {side: v for side, v in sides.items() if v is not MISSING}
