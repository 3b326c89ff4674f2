"""Small things that many engine tests need."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from engine import Event, Graph, MemoryJournal, RunResult, ToolRegistry, run
from engine.planning.marking import Activation, Marking

Tools = Mapping[str, Callable[..., Any]]


def registry_of(tools: Tools, effect: str = "pure") -> ToolRegistry:
    """A registry with these functions; lambdas of one line may share a home, so each is wrapped."""
    registry = ToolRegistry()
    for name, function in tools.items():
        registry.register(name, function, effect=effect)
    return registry


def state_tools(tools: Tools, effect: str = "pure") -> ToolRegistry:
    """A registry of functions that all take the whole state, whatever they call it."""

    def taking_state(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def call(state: Any) -> Any:
            return function(state)

        return call

    return registry_of({name: taking_state(f) for name, f in tools.items()}, effect)


def graph_of(
    nodes: Mapping[str, Any], edges: list[Any], entry: str | list[str] = "a", **more: Any
) -> Graph:
    """A graph; a node given as text calls the tool of that name, an edge may be (from, to, …)."""
    document = {
        "format": "treadle/1",
        "key": "test",
        "entry": [entry] if isinstance(entry, str) else entry,
        "nodes": {name: _node(spec) for name, spec in nodes.items()},
        "edges": [_edge(at, spec) for at, spec in enumerate(edges)],
        **more,
    }
    return Graph.from_dict(document)


def _node(spec: Any) -> Any:
    return {"type": "tool", "tool": spec} if isinstance(spec, str) else spec


def _edge(at: int, spec: Any) -> Any:
    if isinstance(spec, tuple):
        source, target, *more = spec
        return {
            "id": f"{source}-{target}",
            "from": source,
            "to": target,
            **(more[0] if more else {}),
        }
    return spec


def run_tools(graph: Graph, tools: Tools, state: Any = None, **more: Any) -> RunResult:
    """Run with pure tools that take the whole state."""
    return run(graph, state, registry=state_tools(tools), **more)


def kinds(result: RunResult, node: str | None = None) -> list[str]:
    """The kinds of the events, of one node or of all."""
    return [e["k"] for e in result.events if node is None or e["node"] == node]


def through_json(events: list[Event]) -> list[dict[str, Any]]:
    """The events as they come back from a database."""
    loaded: list[dict[str, Any]] = json.loads(json.dumps([event.as_dict() for event in events]))
    return loaded


def _counted(activation: Activation) -> tuple[int, ...]:
    return activation.attempts, activation.tries, activation.losses, activation.visit


def dump(marking: Marking) -> dict[str, Any]:
    """Everything about a marking that decides how a run goes on, comparable."""
    tokens = list(marking.in_order())
    number = {id(token): at for at, token in enumerate(tokens)}
    return {
        "status": str(marking.status),
        "error": marking.error and marking.error.as_dict(),
        "tools": dict(marking.tools),
        "depth": marking.depth,
        "tokens": [(t.version.data, t.version.commit.id, t.error) for t in tokens],
        "ended": marking.ended,
        "activations": {
            a.id: (
                (a.place.id, str(a.status), *_counted(a), number[id(a.token)]),
                a.child and (a.child.run, a.child.status, a.child.outcome),
                a.came,
                a.decided,
                a.asked and (a.asked.number, a.asked.memo, a.asked.answered, a.asked.answer),
            )
            for a in marking.activations.values()
        },
        # A retry whose time has come is ready without an entry: a fold finds it by its due time.
        "ready": [number for number in marking.ready if number not in marking.waiting],
        "inline": list(marking.inline),
        "troubled": list(marking.troubled),
        "parked": {
            group: {at: [number[id(t)] for t in queue] for at, queue in queues.items()}
            for group, queues in marking.parked.items()
        },
        "live": marking.live,
        "orphans": {
            n: (stage.live, stage.present, stage.uses, sorted(stage.parked))
            for n, stage in marking.orphans.items()
        },
        "uses": marking.uses,
        "rounds": dict(marking.rounds),
        "steps": marking.steps,
        "running": marking.running,
        "waiting": {a.id: (a.due, list(a.waits)) for a in marking.waiting.values()},
        "signals": marking.signals,
        "next": (marking.next_activation, marking.next_commit),
        "visits": marking.visits,
        "maps": {
            act: (m.next, list(m.open), [a.id for a in m.aside], list(m.results.items()), m.over)
            for act, m in marking.maps.items()
        },
    }


class RecordingJournal(MemoryJournal):
    """A journal that notes the marking after every append."""

    def __init__(self) -> None:
        super().__init__()
        self.marking: Marking | None = None
        self.seen: list[tuple[int, dict[str, Any]]] = []

    def append(self, events: Any) -> None:
        super().append(events)
        if self.marking is not None:
            noted = json.loads(json.dumps(dump(self.marking)))
            self.seen.append((len(self.events), noted))
