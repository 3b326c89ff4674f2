"""Random graphs for property tests: well-formed ones built from blocks, and arbitrary DAGs."""

import random
from typing import Any

KEYS = ("p", "q", "r")
"""Keys of the initial state that conditions read; nobody writes them."""


class Builder:
    """Grows a document block by block; each block has one way in and one way out."""

    def __init__(self, seed: int, *, conflicts: bool = True, failures: bool = True) -> None:
        self.dice = random.Random(seed)
        self.conflicts = conflicts
        self.failures = failures
        self.nodes: dict[str, Any] = {}
        self.edges: list[dict[str, Any]] = []
        self.tools: dict[str, Any] = {}
        self.last = ""
        """The node at which the main branch ends."""

    def document(self, depth: int = 3) -> dict[str, Any]:
        first, last = self.block(depth)
        if self.dice.random() < 0.3:
            end = self.node("noop")
            self.edge(last, end)
            last = end
        self.last = last
        return {
            "format": "treadle/1",
            "key": "random",
            "entry": [first],
            "state": {
                "reducers": {"log": "append", "total": "sum", "seen": "union", "top": "max"},
                "defaults": {"log": []},
            },
            "limits": {"max_steps": 100_000, "no_progress": 0},
            "nodes": self.nodes,
            "edges": self.edges,
        }

    # Pieces -------------------------------------------------------------------------------------

    def node(self, kind: str, **fields: Any) -> str:
        name = f"{kind[0]}{len(self.nodes)}"
        self.nodes[name] = {"type": kind, **fields}
        return name

    def edge(self, source: str, target: str, **fields: Any) -> None:
        self.edges.append({"id": f"e{len(self.edges)}", "from": source, "to": target, **fields})

    def task(self) -> str:
        name = f"t{len(self.nodes)}"
        self.nodes[name] = {"type": "tool", "tool": name}
        self.tools[name] = self.behaviour(name)
        return name

    def behaviour(self, name: str) -> Any:
        number = len(self.nodes)
        kind = self.dice.choice(["own", "log", "total", "seen", "top", "many", "shared", "nothing"])
        if kind == "shared" and not self.conflicts:
            kind = "own"
        equal = self.dice.random() < 0.5

        def tool(state: dict[str, Any], attempt: int = 1) -> Any:
            if kind == "own":
                return {name: state.get(name, 0) + 1}
            if kind == "log":
                return {"log": [name]}
            if kind == "total":
                return {"total": number}
            if kind == "seen":
                return {"seen": [number % 3, name]}
            if kind == "top":
                return {"top": number}
            if kind == "many":
                return {"log": name, "total": 1, name: len(state["log"])}
            if kind == "shared":
                return {"shared": 7 if equal else number}
            return None

        return tool

    def condition(self) -> str:
        key, op = self.dice.choice(KEYS), self.dice.choice(["<", "==", ">="])
        return f"{key} {op} {self.dice.randrange(3)}"

    # Blocks -------------------------------------------------------------------------------------

    def block(self, depth: int) -> tuple[str, str]:
        if depth == 0:
            name = self.task()
            return name, name
        makers = [
            self.sequence,
            self.parallel,
            self.exclusive,
            self.inclusive,
            self.loop,
            self.leaf,
        ]
        if self.failures:
            makers.append(self.failing)
        return self.dice.choice(makers)(depth - 1)

    def sequence(self, depth: int) -> tuple[str, str]:
        first, middle = self.block(depth)
        second, last = self.block(depth)
        self.edge(middle, second)
        return first, last

    def parallel(self, depth: int) -> tuple[str, str]:
        fork = self.node("noop")
        policy = self.dice.choice(["all_active", "all_active", "all"])
        join = self.node("noop", join={"policy": policy})
        for _ in range(self.dice.randint(2, 4)):
            self.between(fork, join, depth)
        return fork, join

    def exclusive(self, depth: int) -> tuple[str, str]:
        fork, join = self.node("noop", route="first"), self.node("noop")
        for _ in range(self.dice.randint(1, 3)):
            self.between(fork, join, depth, when=self.condition())
        self.between(fork, join, depth, **{"else": True})
        return fork, join

    def inclusive(self, depth: int) -> tuple[str, str]:
        fork, join = self.node("noop"), self.node("noop")
        for _ in range(self.dice.randint(2, 3)):
            self.between(fork, join, depth, when=self.condition())
        self.between(fork, join, depth, **{"else": True})
        if self.dice.random() < 0.3:
            self.between(fork, join, depth)
        return fork, join

    def between(self, fork: str, join: str, depth: int, **fields: Any) -> None:
        """One branch from a fork to a join; now and then it is just an edge, or ends early."""
        if self.dice.random() < 0.15:
            self.edge(fork, join, **fields)
            return
        first, last = self.block(depth)
        self.edge(fork, first, **fields)
        if self.dice.random() < 0.15 and self.nodes[join].get("join", {}).get("policy") != "all":
            self.nodes[last]["on_no_route"] = "end"
            self.edge(last, join, when=self.condition())
        else:
            self.edge(last, join)

    def loop(self, depth: int) -> tuple[str, str]:
        head = self.node("noop")
        first, last = self.block(depth)
        tail, after = f"c{len(self.nodes)}", None
        self.nodes[tail] = {"type": "tool", "tool": tail, "route": "first"}
        self.tools[tail] = lambda state, attempt=1: {tail: state.get(tail, 0) + 1}
        after = self.node("noop")
        self.edge(head, first)
        self.edge(last, tail)
        rounds = self.dice.randint(1, 3)
        if self.dice.random() < 0.4:
            self.edge(tail, head, when=f"{tail} < 1000", max=rounds)
            self.edge(tail, after, on="exhausted")
        else:
            self.edge(tail, head, when=f"{tail} < {rounds}")
            self.edge(tail, after, **{"else": True})
        return head, after

    def leaf(self, depth: int) -> tuple[str, str]:
        fork = self.node("noop")
        first, last = self.block(depth)
        side, _ = self.block(0)
        self.edge(fork, first)
        self.edge(fork, side)
        return fork, last

    def failing(self, depth: int) -> tuple[str, str]:
        name = self.task()
        kind = self.dice.choice(["always", "never", "by_state"])
        work = self.tools[name]

        def tool(state: dict[str, Any], attempt: int = 1) -> Any:
            if kind == "always" or (kind == "by_state" and state["p"] == 1):
                raise RuntimeError("as planned")
            return work(state)

        self.tools[name] = tool
        join = self.node("noop")
        self.edge(name, join)
        first, last = self.block(depth)
        if self.dice.random() < 0.9:
            self.edge(name, first, on="error")
        else:
            self.edge(name, first)
        self.edge(last, join)
        return name, join


def random_dag(seed: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """A document and tools of an acyclic graph with conditions everywhere."""
    dice = random.Random(seed)
    count = dice.randint(3, 12)
    nodes: dict[str, Any] = {}
    tools: dict[str, Any] = {}
    for at in range(count):
        name = f"n{at}"
        route = dice.choice(["all", "all", "first"])
        nodes[name] = {"type": "tool", "tool": name, "on_no_route": "end", "route": route}
        tools[name] = lambda state, attempt=1, name=name, at=at: {
            "log": [name],
            name: len(state["log"]) + at,
        }
    edges = []
    for target in range(1, count):
        for source in dice.sample(range(target), min(target, dice.randint(1, 3))):
            edge = {"id": f"e{len(edges)}", "from": f"n{source}", "to": f"n{target}"}
            if dice.random() < 0.4:
                edge["when"] = f"{dice.choice(KEYS)} {dice.choice(['<', '=='])} {dice.randrange(3)}"
            edges.append(edge)
    dice.shuffle(edges)
    document = {
        "format": "treadle/1",
        "key": "dag",
        "entry": ["n0"],
        "state": {"reducers": {"log": "append"}, "defaults": {"log": []}},
        "nodes": nodes,
        "edges": edges,
    }
    return document, tools
