"""What is run while processes are killed: one program for each effect and each way to wait."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from tests.faults.checking import Expected

Document = dict[str, Any]
STEPS = 3


@dataclass(frozen=True)
class Program:
    """Runs that are started together, and what should come of each."""

    name: str
    documents: list[Document]
    """All but the last `len(expected)` are only called by others."""
    expected: list[Expected]
    state: dict[str, Any] = field(default_factory=dict)
    apart: bool = True
    """Whether a web process starts the runs; else the driver does, and claims them with that."""
    drivers: int = 1
    """How many processes drive it beside each other."""
    most: int = 16
    """Times of one place that are killed at."""
    stops: bool = False
    """Whether the first driver is told to stop while it calls its first tool."""


def document(key: str, nodes: dict[str, Any], edges: Sequence[Any], **more: Any) -> Document:
    return {
        "format": "treadle/1",
        "key": key,
        "name": key,
        "entry": [next(iter(nodes))],
        "nodes": nodes,
        "edges": [
            {"id": f"e{number}", "from": one, "to": other}
            for number, (one, other) in enumerate(edges, 1)
        ],
        **more,
    }


def tool(effect: str) -> dict[str, Any]:
    return {"type": "tool", "tool": f"fault.{effect}"}


def chain(effect: str, steps: int = STEPS, key: str = "") -> Document:
    names = [f"s{number}" for number in range(1, steps + 1)]
    return document(key or effect, {name: tool(effect) for name in names}, list(pairwise(names)))


def counted(steps: int, log: list[str] | None = None) -> Expected:
    names = log or [f"s{number}" for number in range(1, steps + 1)]
    return Expected(
        state={"n": steps, "log": names},
        visits=dict.fromkeys(names, 1),
        view=lambda state: {key: state.get(key) for key in ("n", "log")},
    )


def of_effect(effect: str) -> Program:
    """A chain; every value too large for its row is a blob."""
    state = {"large": "x" * 40_000} if effect == "idempotent" else {}
    return Program(effect, [chain(effect)], [counted(STEPS)], state, apart=effect != "pure")


def branches() -> Program:
    """Two branches beside each other, which meet."""
    nodes = {"a": tool("idempotent"), "b": tool("idempotent"), "c": tool("once"), "d": None}
    nodes["d"] = {"type": "noop"}
    for name in ("b", "c"):
        nodes[name]["outputs"] = {name: "result.n"}
    edges = [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]
    expected = Expected(
        state={"n": 1, "b": 2, "c": 2},
        visits=dict.fromkeys("abcd", 1),
        view=lambda state: {key: state.get(key) for key in ("n", "b", "c")},
    )
    return Program("branches", [document("branches", nodes, edges)], [expected])


def signals() -> Program:
    """One run waits for what the other one sends."""
    wait = {"type": "wait", "signal": "paid", "key": "order", "outputs": {"sum": "payload.sum"}}
    send = {"type": "emit", "signal": "paid", "key": "order", "payload": {"sum": "n + 6"}}
    waits = {"s1": tool("idempotent"), "w": wait, "s2": tool("idempotent")}
    sends = {"s1": tool("idempotent"), "e": send}

    def view(state: dict[str, Any]) -> Any:
        return {key: state.get(key) for key in ("n", "sum")}

    return Program(
        "signals",
        [
            document("waits", waits, [("s1", "w"), ("w", "s2")]),
            document("sends", sends, [("s1", "e")]),
        ],
        [
            Expected(state={"n": 2, "sum": 7}, visits=dict.fromkeys(waits, 1), view=view),
            Expected(state={"n": 1}, visits=dict.fromkeys(sends, 1), view=view),
        ],
    )


def timer() -> Program:
    """A wait that is long enough for its run to be laid down."""
    nodes = {"s1": tool("idempotent"), "w": {"type": "wait", "for": "1.3s"}}
    nodes["s2"] = tool("idempotent")
    expected = Expected(state={"n": 2}, visits=dict.fromkeys(nodes, 1), view=_only_n)
    return Program("timer", [document("timer", nodes, [("s1", "w"), ("w", "s2")])], [expected])


def children() -> Program:
    """A workflow run along, and a map whose items are runs."""
    below = {"type": "subgraph", "workflow": "below", "in": {"n": "n"}, "out": {"n": "state.n"}}
    each = {
        "type": "map",
        "over": "xs",
        "as": "n",
        "dispatch": "queue",
        "body": {"tool": "fault.idempotent"},
        "collect": {"sums": "results.map(r, r.n)"},
    }
    nodes = {"s1": tool("idempotent"), "c": below, "m": each, "s2": tool("idempotent")}
    edges = [("s1", "c"), ("c", "m"), ("m", "s2")]

    def view(state: dict[str, Any]) -> Any:
        return {key: state.get(key) for key in ("n", "sums")}

    expected = Expected(
        state={"n": 4, "sums": [6, 8]}, visits=dict.fromkeys(["s1", "c", "s2"], 1), view=view
    )
    documents = [chain("idempotent", 2, "below"), document("children", nodes, edges)]
    return Program("children", documents, [expected], {"xs": [5, 7]})


def crowd() -> Program:
    """A map whose items are so many runs in two processes that one ends, and the next is decided
    on, at every moment at which others are being written and started."""
    each = {
        "type": "map",
        "over": "xs",
        "as": "n",
        "dispatch": "queue",
        "max_concurrency": 8,
        "body": {"tool": "fault.pure"},
        "collect": {"sums": "results.map(r, r.n)"},
    }
    xs = list(range(40))
    expected = Expected(
        state={"sums": [x + 1 for x in xs]},
        visits={"s": 1},
        view=lambda state: {"sums": state.get("sums")},
    )
    nodes = {"m": each, "s": tool("idempotent")}
    documents = [document("crowd", nodes, [("m", "s")])]
    return Program("crowd", documents, [expected], {"xs": xs}, drivers=2, most=3)


def dropped() -> Program:
    """A run that lost a race is cancelled."""
    nodes = {
        "f": {"type": "noop"},
        "c": {"type": "subgraph", "workflow": "slow", "in": {"slow_s": "0.4"}},
        "q": tool("idempotent"),
        "j": {"type": "noop", "join": {"policy": "first_cancel"}},
        "s": tool("idempotent"),
    }
    edges = [("f", "c"), ("f", "q"), ("c", "j"), ("q", "j"), ("j", "s")]
    expected = Expected(state={"n": 2}, visits=dict.fromkeys("qjs", 1), view=_only_n)
    documents = [chain("idempotent", 3, "slow"), document("dropped", nodes, edges)]
    return Program("dropped", documents, [expected])


def stopped() -> Program:
    """Its driver is told to stop in the first step, and hands it back."""
    state = {"slow_s": 0.1}
    return Program("stopped", [chain("idempotent", 3, "stopped")], [counted(3)], state, stops=True)


def _only_n(state: dict[str, Any]) -> Any:
    return {"n": state.get("n")}


EFFECTS = [of_effect(effect) for effect in ("pure", "idempotent", "once", "transactional")]
ALL = [*EFFECTS, branches(), signals(), timer(), children(), crowd(), dropped(), stopped()]
