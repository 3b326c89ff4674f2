"""Random workflows, and the model of what a run of each leaves in its state.

A program is a document together with a model that knows nothing of the engine: a tree of parts,
each of which says what it adds to the state, given what people and signals did (`Story`).
"""

import random
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

RETRY = {"max_attempts": 4, "initial": "2s", "factor": 3, "max": "15s", "jitter": 0.5,
         "on": ["ConnectionError", "TimeoutError"]}  # fmt: skip
LONGEST_S = 3.0
"""No tool call that returns takes longer, in virtual seconds."""


@dataclass
class Story:
    """What happened to a run from outside, by node, in the order in which it counted."""

    answers: dict[str, deque[str | None]] = field(default_factory=lambda: defaultdict(deque))
    """A person's word; None: nobody said anything in time. `node.2` is item 2 of a map."""
    signals: dict[str, deque[int]] = field(default_factory=lambda: defaultdict(deque))
    left_out: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    """Visits of nodes that a person skipped, or let fail."""
    visits: Counter[str] = field(default_factory=Counter)
    """How often the model has come to a node that may be left out."""


@dataclass(frozen=True)
class Deed:
    """What a tool of a program does: how long it takes, and which attempts of it fail."""

    name: str
    fails: int = 0
    """Attempts that fail; more than any policy allows: always."""
    hangs: bool = False
    """Whether it fails by not returning."""
    heals: bool = False
    """Whether it fails until somebody has retried the run."""
    effect: str = "idempotent"
    asks: bool = False
    """Whether it asks a person, and is called again with the answer."""
    due: str | None = None
    """How long the person has."""
    body: bool = False
    """Whether it is done for the items of a map; then every other item asks, if it asks at all."""

    def asks_about(self, item: int | None) -> bool:
        """Whether this call asks a person."""
        return self.asks and (item is None or item % 2 == 0)


ALWAYS = 1_000


class Part:
    """A piece of a program: its nodes, and the entries of the log that it leaves."""

    first: str
    last: str

    def log(self, story: Story) -> Iterator[str]:
        """What the state's log holds after this part, in order."""
        raise NotImplementedError


class Program:
    """A document, its deeds, and its model."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.dice = random.Random(seed)
        self.nodes: dict[str, Any] = {}
        self.edges: list[dict[str, Any]] = []
        self.deeds: dict[str, Deed] = {}
        self.signals: dict[str, int] = {}
        """How many signals of each name the run needs."""
        self.in_loop = 1
        parts = [self.part(2) for _ in range(self.dice.randint(1, 3))]
        self.root: Part = Sequence(self, parts)
        self.document = {
            "format": "treadle/1", "key": f"program-{seed}", "entry": [self.root.first],
            "state": {"reducers": {"log": "append"}, "defaults": {"log": []}},
            "failure_mode": self.dice.choice(["drain", "drain", "cancel"]),
            "limits": {"max_active": "30d", "max_steps": self.dice.choice([1_000, 1_000, 12])},
            "nodes": self.nodes, "edges": self.edges,
        }  # fmt: skip

    def expected(self, story: Story) -> list[str]:
        """The log of a completed run."""
        return list(self.root.log(story))

    def part(self, depth: int) -> Part:
        """A random part."""
        simple = [Call, Call, Call, Call, Flaky, Timer, Human, Signalled, Once, Mapped, Healed,
                  Handled, Asking, Either]  # fmt: skip
        nested = [Parallel, Parallel, Loop, Race]
        kinds = simple if depth == 0 else simple + nested * 2
        return self.dice.choice(kinds)(self, depth)

    def name(self, kind: str) -> str:
        """A new node's name."""
        return f"{kind}{len(self.nodes)}"

    def add(self, kind: str, **spec: Any) -> str:
        """A new node."""
        name = self.name(kind)
        self.nodes[name] = spec
        return name

    def tool(self, kind: str, deed: dict[str, Any] | None = None, **spec: Any) -> str:
        """A new node that calls a tool of its own."""
        name = self.add(kind, type="tool", tool="", **spec)
        self.nodes[name]["tool"] = name
        self.deeds[name] = Deed(name, **(deed or {}))
        return name

    def edge(self, source: str, target: str, **more: Any) -> None:
        """A new edge."""
        self.edges.append({"id": f"e{len(self.edges)}", "from": source, "to": target, **more})


class Sequence(Part):
    """One part after the other."""

    def __init__(self, program: Program, parts: list[Part]) -> None:
        self.parts = parts
        for one, other in pairwise(parts):
            program.edge(one.last, other.first)
        self.first, self.last = parts[0].first, parts[-1].last

    def log(self, story: Story) -> Iterator[str]:
        for part in self.parts:
            yield from part.log(story)


class Leaf(Part):
    """A single node that writes its name."""

    def log(self, story: Story) -> Iterator[str]:
        yield self.first


class Call(Leaf):
    """A tool that works, now and then one that shares a lock."""

    def __init__(self, program: Program, depth: int) -> None:
        lock = {"lock": "x"} if program.dice.random() < 0.7 else {}
        effect = program.dice.choice(["pure", "idempotent"])
        self.first = self.last = program.tool("call", {"effect": effect}, **lock)


class Flaky(Leaf):
    """A tool whose first attempts fail or hang, fewer than its policy allows."""

    def __init__(self, program: Program, depth: int) -> None:
        hangs = program.dice.random() < 0.4
        deed = {"fails": program.dice.randint(1, 3), "hangs": hangs}
        timeout = {"timeout": "10s"} if hangs else {}
        self.first = self.last = program.tool("flaky", deed, retry=RETRY, **timeout)


class Once(Part):
    """A tool that must not be called twice; a person may skip it, or let it fail."""

    def __init__(self, program: Program, depth: int) -> None:
        self.first = program.tool("once", {"effect": "once"}, effect="once")
        self.last = program.add("after", type="noop")
        program.edge(self.first, self.last)
        program.edge(self.first, self.last, on="error")

    def log(self, story: Story) -> Iterator[str]:
        story.visits[self.first] += 1
        if story.visits[self.first] not in story.left_out[self.first]:
            yield self.first


class Healed(Leaf):
    """A tool that fails the run, until somebody retries it."""

    def __init__(self, program: Program, depth: int) -> None:
        self.first = self.last = program.tool("healed", {"heals": True})


class Handled(Part):
    """A tool that always fails, and the edge for it."""

    def __init__(self, program: Program, depth: int) -> None:
        hangs = program.dice.random() < 0.3
        deed = {"fails": ALWAYS, "hangs": hangs}
        more = {"timeout": "10s"} if hangs else {}
        if program.dice.random() < 0.5:
            more["retry"] = {**RETRY, "max_attempts": 2}
        else:
            more["retry"] = {"max_attempts": 1}
        self.first = program.tool("broken", deed, **more)
        self.last = program.tool("rescue")
        program.edge(self.first, self.last, on="timeout" if hangs else "error")

    def log(self, story: Story) -> Iterator[str]:
        yield self.last


class Timer(Part):
    """A wait for some time."""

    def __init__(self, program: Program, depth: int) -> None:
        wait = program.dice.choice(["1s", "40s", "10m", "3h"])
        self.first = self.last = program.add("timer", type="wait", **{"for": wait})

    def log(self, story: Story) -> Iterator[str]:
        yield from ()


class Human(Part):
    """A question; who does not answer in time is passed over."""

    def __init__(self, program: Program, depth: int) -> None:
        due = {"due": program.dice.choice(["30s", "1h"])} if program.dice.random() < 0.7 else {}
        form = {"type": "object", "required": ["word"], "properties": {"word": {"type": "string"}}}
        self.first = program.add(
            "human", type="human", form=form, outputs={"log": "answer.word"}, **due
        )
        self.last = program.add("after", type="noop")
        program.edge(self.first, self.last)
        if due:
            program.edge(self.first, self.last, on="timeout")

    def log(self, story: Story) -> Iterator[str]:
        word = story.answers[self.first].popleft()
        if word is not None:
            yield word


class Signalled(Part):
    """A wait for a signal of a name and a key of its own."""

    def __init__(self, program: Program, depth: int) -> None:
        name = program.name("signal")
        self.first = self.last = program.add(
            "signal", type="wait", signal=name, key=f"'{name}'",
            outputs={"log": "string(payload)"},
        )  # fmt: skip
        program.signals[name] = program.in_loop

    def log(self, story: Story) -> Iterator[str]:
        yield str(story.signals[self.first].popleft())


class Asking(Part):
    """A tool that asks a person in the middle of its work."""

    def __init__(self, program: Program, depth: int) -> None:
        self.first = self.last = program.tool("asking", {"asks": True})

    def log(self, story: Story) -> Iterator[str]:
        yield str(story.answers[self.first].popleft())


class Either(Part):
    """A wait for a signal or a time, of which one comes long before the other."""

    def __init__(self, program: Program, depth: int) -> None:
        name = program.name("either")
        self.signalled = program.dice.random() < 0.5
        late = {"for": "20d" if self.signalled else "40s"}
        key = f"'{name}'"
        self.first = self.last = program.add(
            "either", type="wait", outputs={"log": "alternative"},
            any={"go": {"signal": name, "key": key}, "late": late},
        )  # fmt: skip
        if self.signalled:
            program.signals[name] = program.in_loop

    def log(self, story: Story) -> Iterator[str]:
        if self.signalled:
            story.signals[self.first].popleft()
        yield "go" if self.signalled else "late"


class Mapped(Part):
    """A map whose items may fail at first, and of which every other one may ask a person.

    An item that nobody answers in time is left out.
    """

    def __init__(self, program: Program, depth: int) -> None:
        dice = program.dice
        self.count = dice.randint(0, 5)
        body = program.name("item")
        spec: dict[str, Any] = {"tool": body}
        fails = dice.choice([0, 0, 1, 2])
        if fails:
            spec["retry"] = RETRY
        self.deed = Deed(
            body, fails=fails, body=True, asks=dice.random() < 0.6, due=dice.choice([None, "40s"])
        )
        program.deeds[body] = self.deed
        policy = {"on_item_error": "skip"} if self.deed.due else {}
        window = {"max_concurrency": dice.randint(1, 3)} if dice.random() < 0.5 else {}
        self.first = self.last = program.add(
            "item", type="map", over=str(list(range(self.count))), body=spec,
            collect={"log": "results"}, **{"as": "x"}, **window, **policy,
        )  # fmt: skip

    def log(self, story: Story) -> Iterator[str]:
        for at in range(self.count):
            item = f"{self.first}.{at}"
            word = story.answers[item].popleft() if self.deed.asks_about(at) else item
            if word is not None:
                yield word


class Parallel(Part):
    """Branches that meet; the log has them in the order of their edges."""

    def __init__(self, program: Program, depth: int) -> None:
        self.first = program.add("fork", type="noop")
        policy = program.dice.choice(["all_active", "all"])
        self.last = program.add("meet", type="noop", join={"policy": policy})
        self.branches = []
        for _ in range(program.dice.randint(2, 3)):
            part = program.part(depth - 1)
            program.edge(self.first, part.first)
            program.edge(part.last, self.last)
            self.branches.append(part)

    def log(self, story: Story) -> Iterator[str]:
        for branch in self.branches:
            yield from branch.log(story)


class Loop(Part):
    """A part that is done several times."""

    def __init__(self, program: Program, depth: int) -> None:
        self.rounds = program.dice.randint(2, 3)
        before, program.in_loop = program.in_loop, program.in_loop * self.rounds
        self.first = program.add("head", type="noop")
        self.part = program.part(depth - 1)
        program.in_loop = before
        count = program.name("count")
        tail = program.add("count", type="set", route="first")
        program.nodes[tail]["set"] = {count: f"state.?{count}.orValue(0) + 1"}
        self.last = program.add("done", type="set", set={count: "0"})
        program.edge(self.first, self.part.first)
        program.edge(self.part.last, tail)
        program.edge(tail, self.first, when=f"{count} < {self.rounds}")
        program.edge(tail, self.last, **{"else": True})

    def log(self, story: Story) -> Iterator[str]:
        for _ in range(self.rounds):
            yield from self.part.log(story)


class Race(Part):
    """Branches that do the same; some of them count, in whichever order they came."""

    def __init__(self, program: Program, depth: int) -> None:
        dice = program.dice
        count = dice.randint(2, 4)
        self.taken = dice.randint(1, count)
        join = {"policy": "n_of_m", "n": self.taken, "cancel": dice.random() < 0.5}
        if self.taken == 1:
            join = {"policy": dice.choice(["first", "first_cancel"])}
        self.first = program.add("start", type="noop")
        self.last = program.add("won", type="noop", join=join)
        for _ in range(count):
            runner = program.tool("runner")
            program.edge(self.first, runner)
            if dice.random() < 0.3:
                nap = program.add("nap", type="wait", **{"for": dice.choice(["1s", "5s"])})
                program.edge(runner, nap)
                runner = nap
            program.edge(runner, self.last)

    def log(self, story: Story) -> Iterator[str]:
        yield from ["runner"] * self.taken
