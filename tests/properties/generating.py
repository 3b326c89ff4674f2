"""Random well-formed graphs of everything whose result is defined not to depend on timing.

What depends on it by its meaning is left out, or built so that every outcome is the same: races
are between branches that do the same, `complete_when` belongs to maps that take one item at a
time, and a map that may fail fails in one way only.
"""

from typing import Any

from tests.engine.graphs import KEYS, Builder
from tests.properties.deeds import Deed

LISTS = ("xs", "none", "[1,2,3]", "[2]")
"""What maps go over; `xs` and `none` belong to the initial state."""


def start_of(seed: int) -> dict[str, Any]:
    """The initial state of the run of a graph made from this seed."""
    xs = [(seed >> at) % 7 for at in range(seed % 5)]
    return {"p": seed % 3, "q": (seed // 3) % 3, "r": (seed // 9) % 3, "xs": xs, "none": []}


class Richer(Builder):
    """A builder that knows maps, retries, timeouts, timers, policies and the rest."""

    def __init__(self, seed: int, **more: Any) -> None:
        super().__init__(seed, **more)
        self.untimed: set[str] = set()
        """Nodes whose number of visits depends on timing."""
        self.needs_time = False
        """Whether something waits, so that a run needs a clock and an event loop."""

    def document(self, depth: int = 3) -> dict[str, Any]:
        document = super().document(depth)
        dice = self.dice
        if dice.random() < 0.15:
            self._enter_twice(document, depth)
        document["state"]["reducers"] |= {"low": "min", "notes": "merge"}
        if dice.random() < 0.4:
            policies = ["first", "last", "collect"]
            document["state"]["on_conflict"] = {
                key: dice.choice(policies) for key in ("shared", "log") if dice.random() < 0.7
            }
        document["limits"]["no_progress"] = dice.choice([0, 1, 3])
        return document

    def _enter_twice(self, document: dict[str, Any], depth: int) -> None:
        """A run that begins in two places, which meet; and perhaps where they meet."""
        first, last = self.block(max(0, depth - 1))
        join = self.node("noop")
        self.edge(last, join)
        self.edge(self.last, join)
        more = self.dice.choice([[first], [join, first]])
        document["entry"] = [*document["entry"], *more]

    # Pieces -------------------------------------------------------------------------------------

    def behaviour(self, name: str) -> Deed:
        kinds = ["own", "log", "total", "seen", "top", "low", "notes", "many", "nothing"]
        if self.conflicts:
            kinds += ["shared", "over", "forget"]
        return Deed(name, self.dice.choice(kinds), len(self.nodes))

    def task(self) -> str:
        name = super().task()
        spec, dice = self.nodes[name], self.dice
        if dice.random() < 0.1:
            spec["lock"] = dice.choice(["one", "two"])
        if dice.random() < 0.15:
            self._let_it_be_tried_again(name)
        if self.tools[name].do in ("total", "top", "low") and dice.random() < 0.4:
            spec["outputs"] = {name: f"result.{self.tools[name].do}", "log": f'"{name}"'}
        return name

    def _let_it_be_tried_again(self, name: str) -> None:
        """The first attempts fail; mostly fewer than there are."""
        most, dice = self.dice.randint(2, 4), self.dice
        how = dice.choice(["raises", "connection", "hangs"])
        times = dice.randint(1, most if self.failures and dice.random() < 0.3 else most - 1)
        self.tools[name] = Deed(name, "own", len(self.nodes), "first", times, how)
        self._give_time(self.nodes[name], how, most)

    def _give_time(self, spec: dict[str, Any], how: str, most: int) -> None:
        self.needs_time = True
        if how == "hangs":
            spec["timeout"] = self.dice.choice(["1s", "10s"])
        if how != "connection" or most != 3:
            kinds = {"raises": "RuntimeError", "hangs": "TimeoutError"}
            initial = self.dice.choice(["1s", "5s"])
            spec["retry"] = {"max_attempts": most, "initial": initial, "on": ["ConnectionError"]}
            if how in kinds:
                spec["retry"]["on"] = self.dice.choice([[kinds[how]], ["Exception"]])

    def setting(self, key: str, text: str) -> str:
        """A node that sets one key."""
        name = f"s{len(self.nodes)}"
        self.nodes[name] = {"type": "set", "set": {key: text}}
        return name

    # Blocks -------------------------------------------------------------------------------------

    def block(self, depth: int) -> tuple[str, str]:
        if depth == 0 or self.dice.random() < 0.5:
            return super().block(depth)
        makers = [
            self.mapping,
            self.mapping,
            self.timer,
            self.bounded,
            self.idle_loop,
            self.again,
            self.same_race,
            self.lone_race,
            self.each_leaf,
            self.set_block,
            self.wide_join,
        ]
        if self.failures:
            makers += [self.timing_out, self.lenient, self.broken_set]
        return self.dice.choice(makers)(depth - 1)

    def set_block(self, depth: int) -> tuple[str, str]:
        first, last = self.block(depth)
        name = f"s{len(self.nodes)}"
        text = self.dice.choice(["p + 1", "q * 2", "r", '"text"', "xs"])
        self.nodes[name] = {"type": "set", "set": {name: text, "total": "p + q"}}
        self.edge(last, name)
        return first, name

    def wide_join(self, depth: int) -> tuple[str, str]:
        """Branches that meet at a node which works; what they disagree about is settled there."""
        fork, join = self.node("noop"), self.task()
        self.nodes[join]["join"] = {"on_conflict": self.dice.choice(["first", "last", "collect"])}
        for at in range(self.dice.randint(2, 3)):
            first, last = self.block(max(0, depth - 1))
            writer = self.setting("shared", str(at % 2))
            self.edge(fork, first)
            self.edge(last, writer)
            self.edge(writer, join)
        return fork, join

    def mapping(self, depth: int) -> tuple[str, str]:
        """A map, with a way on for its failure if it may fail."""
        dice = self.dice
        name = f"m{len(self.nodes)}"
        tool = f"{name}_item"
        mode = dice.choice(["fail", "collect", "skip"])
        spec: dict[str, Any] = {"type": "map", "over": dice.choice(LISTS), "as": "x"}
        spec["body"] = {"tool": tool}
        spec["on_item_error"] = mode
        self.nodes[name] = spec
        self.tools[tool] = self._body(tool, spec["body"], fails=mode != "fail" or self.failures)
        if dice.random() < 0.3:
            spec["max_concurrency"] = 1
            spec["complete_when"] = f"done >= {dice.randint(1, 3)}"
        elif dice.random() < 0.5:
            spec["max_concurrency"] = dice.randint(1, 3)
        if dice.random() < 0.6:
            spec["collect"] = dice.choice(
                [{name: "done", "log": "results"}, {"total": "failed + total", name: "results"}]
            )
        return self._handled(name, depth) if mode == "fail" and self.failures else (name, name)

    def _body(self, tool: str, body: dict[str, Any], *, fails: bool) -> Deed:
        how = self.dice.choice(["raises", "connection", "hangs"])
        kind = self.dice.choice(["never", "odd", "first"]) if fails else "never"
        most = self.dice.randint(2, 3)
        if kind != "never":
            self._give_time(body, how, most)
        do = "item"
        if self.dice.random() < 0.4:
            do, self.needs_time = "asked", True
        return Deed(tool, do, len(self.nodes), kind, self.dice.randint(1, 3), how)

    def _handled(self, name: str, depth: int) -> tuple[str, str]:
        """A node with an error edge, whose branch meets the other way again."""
        join = self.node("noop")
        self.edge(name, join)
        first, last = self.block(depth)
        note = self.setting(f"{name}_error", "error.attempts")
        on = self.dice.choice(["error", "error", "timeout"])
        sure = {"when": "error.attempts >= 1"} if self.dice.random() < 0.3 else {}
        self.edge(name, note, on=on, **sure)
        self.edge(note, first)
        self.edge(last, join)
        if on == "timeout" and self.dice.random() < 0.7:
            self.edge(name, join, on="error")
        return name, join

    def timing_out(self, depth: int) -> tuple[str, str]:
        """A tool that hangs, always or by the state."""
        name = self.task()
        fails = self.dice.choice(["always", "by_state", "first"])
        self.tools[name] = Deed(name, "own", len(self.nodes), fails, 2, "hangs")
        self.nodes[name].pop("outputs", None)
        self._give_time(self.nodes[name], "hangs", 2)
        return self._handled(name, depth)

    def lenient(self, depth: int) -> tuple[str, str]:
        """A tool whose failure goes on as if nothing was, or ends its branch."""
        first, last = self.block(depth)
        name = self.task()
        fails = self.dice.choice(["always", "by_state"])
        self.tools[name] = Deed(name, "own", len(self.nodes), fails)
        self.nodes[name]["on_error"] = self.dice.choice(["continue", "end_branch"])
        self.edge(last, name)
        if self.nodes[name]["on_error"] == "continue":
            return first, name
        fork, join = self.node("noop"), self.node("noop")
        self.edge(fork, first)
        self.edge(fork, join)
        self.edge(name, join)
        return fork, join

    def broken_set(self, depth: int) -> tuple[str, str]:
        """A node that sets a key from one that is not always there."""
        return self._handled(self.setting("odd", self.dice.choice(["missing", "shared"])), depth)

    def timer(self, depth: int) -> tuple[str, str]:
        self.needs_time = True
        name = f"w{len(self.nodes)}"
        self.nodes[name] = {"type": "wait", "for": self.dice.choice(["1s", "3s", "1h"])}
        first, last = self.block(depth)
        self.edge(name, first)
        return name, last

    def bounded(self, depth: int) -> tuple[str, str]:
        """A loop with an edge in it that may be taken only so often, unless the round renews it."""
        dice = self.dice
        head, fork, join = self.node("noop"), self.node("noop"), self.node("noop")
        first, last = self.block(depth)
        tail = f"c{len(self.nodes)}"
        self.nodes[tail] = {"type": "tool", "tool": tail, "route": "first"}
        self.tools[tail] = Deed(tail, "own")
        after = self.node("noop")
        self.edge(head, fork)
        bound = f"e{len(self.edges)}"
        self.edge(fork, first, max=dice.randint(1, 2))
        self.edge(last, join)
        self.edge(fork, join, on="exhausted")
        self.edge(join, tail)
        resets = {"resets": [bound]} if dice.random() < 0.4 else {}
        self.edge(tail, head, when=f"{tail} < {dice.randint(1, 4)}", **resets)
        self.edge(tail, after, **{"else": True})
        return head, after

    def idle_loop(self, depth: int) -> tuple[str, str]:
        """A loop whose rounds change nothing, or little: its end is the bound or standing still."""
        head, tail, after = self.node("noop"), self.node("noop", route="first"), self.node("noop")
        work = self.setting(f"held{len(self.nodes)}", self.dice.choice(["p", '"text"']))
        self.edge(head, work)
        self.edge(work, tail)
        self.edge(tail, head, when="p < 9", max=self.dice.randint(1, 6))
        self.edge(tail, after, on="exhausted")
        first, last = self.block(depth)
        self.edge(after, first)
        return head, last

    def again(self, depth: int) -> tuple[str, str]:
        """A tool that is tried again by an edge for its error, until it works or the edge is
        used up."""
        name, times = f"t{len(self.nodes)}", self.dice.randint(1, 3)
        self.nodes[name] = {"type": "tool", "tool": name, "retry": {"max_attempts": 1}}
        self.tools[name] = Deed(name, "own", 1, "until", times)
        counter = f"{name}_tries"
        count = f"n{len(self.nodes)}"
        self.nodes[count] = {"type": "tool", "tool": count}
        self.tools[count] = _Counter(counter)
        after = self.node("noop")
        self.edge(name, count, on="error")
        self.edge(count, name, max=self.dice.randint(1, 4))
        self.edge(count, after, on="exhausted")
        self.edge(name, after)
        first, last = self.block(depth)
        self.edge(after, first)
        return name, last

    def same_race(self, depth: int) -> tuple[str, str]:
        """A race between branches that do the same."""
        fork, count = self.node("noop"), self.dice.randint(2, 4)
        join = self.node("noop", join=self.race_policy(self.dice.randint(1, count)))
        for _ in range(count):
            name = self.task()
            for key in ("retry", "timeout", "lock", "outputs"):
                self.nodes[name].pop(key, None)
            self.tools[name] = Deed(name, "same")
            self.untimed.add(name)
            self.edge(fork, name)
            self.edge(name, join)
        first, last = self.block(depth)
        self.edge(join, first)
        return fork, last

    def lone_race(self, depth: int) -> tuple[str, str]:
        """A race of which one branch only is taken."""
        fork, join = self.exclusive(depth)
        if any(e["to"] == join and "join" not in self.nodes[join] for e in self.edges):
            self.nodes[join]["join"] = self.race_policy(1)
        return fork, join

    def race_policy(self, taken: int) -> dict[str, Any]:
        if taken == 1 and self.dice.random() < 0.6:
            return {"policy": self.dice.choice(["first", "first_cancel"])}
        return {"policy": "n_of_m", "n": taken, "cancel": self.dice.random() < 0.5}

    def each_leaf(self, depth: int) -> tuple[str, str]:
        """A side branch whose last node is done once for every token that comes."""
        fork, leaf = self.node("noop"), self.task()
        self.nodes[leaf]["join"] = {"policy": "each"}
        self.tools[leaf] = Deed(leaf, self.dice.choice(["log", "total", "nothing"]), 3)
        for key in ("retry", "timeout", "outputs"):
            self.nodes[leaf].pop(key, None)
        for _ in range(self.dice.randint(2, 3)):
            side, last = self.block(0)
            self.edge(fork, side)
            self.edge(last, leaf)
        first, last = self.block(depth)
        self.edge(fork, first)
        return fork, last


class _Counter:
    """Counts in a key of its own."""

    def __init__(self, key: str) -> None:
        self.key = key

    def __call__(self, state: Any, attempt: int = 1) -> Any:
        return {self.key: state.get(self.key, 0) + 1}

    def __repr__(self) -> str:
        return f"_Counter({self.key!r})"


assert set(KEYS) <= set(start_of(0))
