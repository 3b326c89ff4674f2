"""What each visit of a node found and left behind: the ground on which an expression is tried.

A journal says what a step wrote, not what its tool returned. What is known of a result is put
together here from what was written: all of it where the result became the state's keys, the parts
that `outputs` took where there are some.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.events import Event, EventKind
from engine.graph.model import Graph, Node
from engine.keeping.replay import begun
from engine.planning.evolve import evolve
from engine.planning.marking import Activation, Kin, Marking
from engine.planning.routing import scope
from engine.policies import ActivationStatus, NodeType
from engine.values.jsonvalue import Json

MOST = 200
"""Visits of a node that are kept, the last ones."""

State = dict[str, Json]


@dataclass(slots=True)
class Visit:
    """One visit of a run to a node."""

    number: int
    """Which visit of its node it is, from 1."""
    activation: int
    began: int
    """The event that shows it first."""
    before: State
    """The state that it found."""
    error_before: dict[str, Any] | None
    """What expressions saw as `error` then."""
    status: str = ActivationStatus.READY
    ended: int | None = None
    """The event in which it chose its ways on; None while it has not."""
    after: State | None = None
    """The state that its ways on were chosen on."""
    error_after: dict[str, Any] | None = None
    taken: dict[str, bool] = field(default_factory=dict)
    """By edge that was looked at: whether it was taken."""
    ops: list[list[Json]] = field(default_factory=list)
    """What it wrote: [set|red|over, key, value] or [del, key]."""
    failure: dict[str, Any] | None = None
    """Its last error."""
    brought: dict[str, Json] = field(default_factory=dict)
    """What `outputs` see beside the state: result, answer, payload, alternative, results …"""
    whole: bool = False
    """Whether all of the result is known, and not only what was written of it."""
    item: dict[str, Json] | None = None
    """Of a map node: what its body sees of the first item."""

    def names(self, at: str) -> Mapping[str, Any] | None:
        """What an expression of the node sees: `before` its work, in its `item` body, on its
        `result`, or `after` it, on the edges. None where the visit did not come so far."""
        if at == "after":
            return self._after()
        if at == "result" and self.ended is None:
            return None
        if at == "item" and self.item is None:
            return None
        seen = {**self.before, **(self.item or {})} if at == "item" else self.before
        names = scope(seen, error=self.error_before, iteration=self.number)
        return {**names, **self.brought, "state": self.before} if at == "result" else names

    def _after(self) -> Mapping[str, Any] | None:
        if self.after is None:
            return None
        return scope(self.after, error=self.error_after, iteration=self.number)


def visits(
    graph: Graph, events: Iterable[Event], node: str, kin: Kin | None = None, most: int = MOST
) -> list[Visit]:
    """The last visits of `node`, the oldest first. Raises JournalCorrupt."""
    told = iter(events)
    first = next(told, None)
    if first is None:
        return []
    looker = _Looker(begun(graph, first, kin), node, most)
    looker.take(first)
    for event in told:
        looker.take(event)
    return looker.found()


class _Looker:
    """Follows a journal and notes what happens at one node."""

    def __init__(self, marking: Marking, node: str, most: int) -> None:
        self._marking = marking
        self._node = node
        self._seen: dict[int, Visit] = {}
        self._kept: deque[Visit] = deque(maxlen=most)
        self._last = 0

    def take(self, event: Event) -> None:
        self._last = event.seq
        here = event.node == self._node and event.act is not None
        activation = self._marking.activations.get(event.act or 0) if here else None
        if activation is None or activation.of is not None:
            evolve(self._marking, event)
            return
        visit = self._visit(activation, event.seq)
        evolve(self._marking, event)
        self._note(visit, activation, event)

    def _visit(self, activation: Activation, seq: int) -> Visit:
        visit = self._seen.get(activation.id)
        if visit is None:
            token = activation.token
            before = dict(token.version.data)
            visit = Visit(activation.visit, activation.id, seq, before, token.error)
            self._seen[activation.id] = visit
            self._kept.append(visit)
        return visit

    def _note(self, visit: Visit, activation: Activation, event: Event) -> None:
        data = event.data
        visit.status = str(activation.status)
        if "error" in data:
            visit.failure = data["error"]
        if event.kind is EventKind.MAP_STARTED:
            visit.item = _first_item(self._marking, activation)
        elif event.kind is EventKind.WAIT_CLOSED:
            visit.brought |= _came(data)
        elif event.kind is EventKind.OUTCOME_DECIDED and "output" in data:
            visit.brought, visit.whole = {"result": data["output"]}, True
        elif event.kind is EventKind.CHILD_ENDED and "state" in data:
            visit.brought, visit.whole = {"result": data["state"]}, True
        if "edges" in data:
            self._ended(visit, activation, event)

    def _ended(self, visit: Visit, activation: Activation, event: Event) -> None:
        """It chose its ways on, or was kept from doing so."""
        token, data = activation.token, event.data
        visit.ended, visit.after = event.seq, dict(token.version.data)
        visit.error_after = token.error
        visit.taken = {each["edge"]: bool(each["taken"]) for each in data["edges"]}
        if event.kind is EventKind.ATTEMPT_SUCCEEDED:
            visit.status = "ok"
            visit.ops = data["ops"]
            _know_result(visit, activation.place.node, self._marking.pinned)
        elif event.kind is EventKind.EDGES_TAKEN:
            visit.status = "ok"
        else:
            visit.status = "error"

    def found(self) -> list[Visit]:
        for activation in self._marking.activations.values():
            if activation.place.id == self._node and activation.of is None:
                self._visit(activation, self._last)
        return sorted(self._kept, key=lambda visit: visit.activation)


def _first_item(marking: Marking, activation: Activation) -> dict[str, Json] | None:
    items, spec = marking.maps.get(activation.id), activation.place.node.map
    if items is None or spec is None or not items.values:
        return None
    value = items.values[0]
    return {spec.name: value, "item": value, "index": 0}


def _came(data: Mapping[str, Any]) -> dict[str, Json]:
    """What a wait brought, under the names that outputs read."""
    brought = {key: data[key] for key in ("answer", "payload") if key in data}
    if "on" in data:
        brought["alternative"] = data["on"]
    if brought:
        brought["result"] = data.get("answer", data.get("payload"))
    return brought


def _know_result(visit: Visit, node: Node, pinned: Mapping[str, Json]) -> None:
    """What can be told of the result of a step that is done."""
    if "result" in visit.brought:
        visit.whole = True
    elif node.id in pinned:
        visit.brought["results" if node.map else "result"] = pinned[node.id]
        visit.whole = True
    elif node.type is NodeType.TOOL and node.outputs is None:
        visit.brought["result"], visit.whole = _merged(visit.ops, node.id), True
    elif node.outputs is not None and node.type in (NodeType.TOOL, NodeType.MAP):
        visit.brought |= _parts(visit.ops, node)


def _merged(ops: Iterable[list[Json]], node: str) -> Json:
    """The result that was merged into the state: its keys, or a plain value under the node's id."""
    written: dict[str, Json] = {str(op[1]): op[2] for op in ops if op[0] != "del"}
    return written[node] if list(written) == [node] else written


def _parts(ops: Iterable[list[Json]], node: Node) -> dict[str, Json]:
    """What `outputs` took of a result as it was, put back to where it was taken from."""
    written = {str(op[1]): op[2] for op in ops if op[0] in ("set", "red", "over")}
    known: dict[str, Json] = {}
    for key, expression in (node.outputs or {}).items():
        if key in written and (path := _plain(expression.source)):
            _put(known, path, written[key])
    return known


def _plain(source: str) -> list[str]:
    """The path of an expression that only reads a part of a result; empty for any other."""
    path = source.strip().split(".")
    plain = path[0] in ("result", "results") and all(part.isidentifier() for part in path)
    return path if plain else []


def _put(known: dict[str, Json], path: list[str], value: Json) -> None:
    """Set a nested value, unless a part of the way is known to be something else."""
    at = known
    for part in path[:-1]:
        inner = at.setdefault(part, {})
        if not isinstance(inner, dict):
            return
        at = inner
    at.setdefault(path[-1], value)
