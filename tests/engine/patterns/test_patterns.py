"""One small graph per workflow control-flow pattern, by the catalogue's numbers."""

import pytest

from tests.engine.helpers import graph_of, run_tools

NOOP = {"type": "noop"}
END = {"type": "end"}
SEEDS = (None, *range(10))


def tool(name, **more):
    return {"type": "tool", "tool": name, **more}


def join(policy, **more):
    return {"join": {"policy": policy, **more}}


SPLIT = [("f", "a"), ("f", "b")]
BOTH = [*SPLIT, ("a", "j"), ("b", "j")]
THREE = [*SPLIT, ("f", "c"), ("a", "j"), ("b", "j"), ("c", "j")]
FORK = {"f": NOOP, "a": "a", "b": "b"}
WIDE = {**FORK, "c": "c"}
DEEP = ("f", "b", {"when": "deep"})
AGAIN = [("j", "f", {"when": "size(log) < 6"}), ("j", "end", {"else": True})]

PATTERNS = {
    "01 sequence": ({"f": "a", "b": "b"}, [("f", "b")], {"a b"}),
    "02 parallel split": (FORK, SPLIT, {"a b"}),
    "03 synchronisation": ({**FORK, "j": tool("j", **join("all"))}, BOTH, {"a b j"}),
    "04 exclusive choice": (
        {**FORK, "f": {**NOOP, "route": "first"}},
        [DEEP, ("f", "a", {"else": True})],
        {"a"},
    ),
    "05 simple merge": (
        {**FORK, "f": {**NOOP, "route": "first"}, "j": "j"},
        [DEEP, ("f", "a", {"else": True}), *BOTH[2:]],
        {"a j"},
    ),
    "06 multi-choice": (WIDE, [("f", "a", {"when": "!deep"}), DEEP, ("f", "c")], {"a c"}),
    "07 structured synchronising merge": (
        {**WIDE, "j": "j"},
        [("f", "a", {"when": "!deep"}), DEEP, ("f", "c"), *THREE[3:]],
        {"a c j"},
    ),
    "08 multi-merge": ({**FORK, "j": tool("j", **join("each"))}, BOTH, {"a j b j"}),
    "09 structured discriminator": (
        {**FORK, "j": tool("j", **join("first"))},
        BOTH,
        {"a j", "b j"},
    ),
    "10 arbitrary cycles": (
        {"f": "a", "b": "b", "end": END},
        [("f", "b"), ("b", "f", {"when": "size(log) < 4"}), ("b", "end", {"else": True})],
        {"a b a b"},
    ),
    "11 implicit termination": ({**FORK, "c": "c"}, [*SPLIT, ("a", "c")], {"a c b"}),
    "17 interleaved parallel routing": (
        {"f": NOOP, "a": tool("a", lock="x"), "b": tool("b", lock="x"), "j": "j"},
        BOTH,
        {"a b j"},
    ),
    "19 cancel task": (
        {"f": NOOP, "a": tool("a", cancels=["b"]), "b": "b", "c": "c"},
        [*SPLIT, ("b", "c")],
        {"a", "a b c", "a c"},
    ),
    "20 cancel case": (
        {**FORK, "c": "c", "stop": {**END, "terminate": True}},
        [*SPLIT, ("b", "c"), ("a", "stop")],
        {"a"},
    ),
    "21 structured loop": (
        {"f": "a", "end": END},
        [("f", "f", {"when": "size(log) < 3"}), ("f", "end", {"else": True})],
        {"a a a"},
    ),
    "25 cancel region": (
        {"f": NOOP, "a": tool("a", cancels=["b", "c"]), "b": "b", "c": "c", "d": "d"},
        [*SPLIT, ("b", "c"), ("c", "d")],
        {"a", "a b c d", "a d"},
    ),
    "28 blocking discriminator": (
        {**FORK, "j": tool("j", **join("first")), "end": END},
        [*BOTH, *AGAIN],
        {"a j a j a j", "a j a j b j", "a j b j a j", "a j b j b j",
         "b j a j a j", "b j a j b j", "b j b j a j", "b j b j b j"},
    ),
    "29 cancelling discriminator": (
        {**FORK, "j": tool("j", **join("first_cancel"))},
        BOTH,
        {"a j", "b j"},
    ),
    "30 structured partial join": (
        {**WIDE, "j": tool("j", **join("n_of_m", n=2))},
        THREE,
        {"a b j", "a c j", "b c j"},
    ),
    "32 cancelling partial join": (
        {**WIDE, "j": tool("j", **join("n_of_m", n=2, cancel=True))},
        THREE,
        {"a b j", "a c j", "b c j"},
    ),
    "33 generalised AND-join": (
        {**WIDE, "m": {**NOOP, **join("each")}, "j": tool("j", **join("all"))},
        [*SPLIT, ("f", "c"), ("a", "m"), ("m", "j"), ("b", "j")],
        {"a b j c"},
    ),
    "37 local synchronising merge": (
        {**FORK, "c": "c", "j": "j"},
        [*SPLIT, ("b", "c", {"when": "deep"}), ("b", "j", {"else": True}), ("a", "j"), ("c", "j")],
        {"a b j", "b a j"},
    ),
    "38 general synchronising merge": (
        {"f": NOOP, "a": "a", "b": "b", "j": "j"},
        [*SPLIT, ("b", "b", {"when": "size(log) < 3"}), ("b", "j", {"else": True}), ("a", "j")],
        {"b b b a j", "a b b b j"},
    ),
    "39 critical section": (
        {"f": NOOP, "a": tool("a", lock="x"), "b": tool("b", lock="x"), "c": "c"},
        [*SPLIT, ("f", "c")],
        {"a b c"},
    ),
    "40 interleaved routing": (
        {"f": NOOP, "a": tool("a", lock="x"), "b": tool("b", lock="x")},
        SPLIT,
        {"a b"},
    ),
    "42 thread split": (
        {"f": NOOP, "a": tool("a", **join("each"))},
        [{"id": "one", "from": "f", "to": "a"}, {"id": "two", "from": "f", "to": "a"}],
        {"a a"},
    ),
    "43 explicit termination": (
        {**FORK, "stop": {**END, "terminate": True}},
        [("f", "a"), ("a", "stop")],
        {"a"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_leaves_only_what_it_may(pattern):
    nodes, edges, allowed = PATTERNS[pattern]
    reached = {"f", *(edge["to"] if isinstance(edge, dict) else edge[1] for edge in edges)}
    graph = graph_of(
        {name: spec for name, spec in nodes.items() if name in reached},
        edges,
        "f",
        state={"reducers": {"log": "append"}},
    )
    tools = {name: (lambda s, name=name: {"log": name}) for name in "abcdj"}

    for seed in SEEDS:
        result = run_tools(graph, tools, {"deep": False, "log": []}, schedule_seed=seed)

        assert result.status == "completed", result.error
        assert " ".join(result.state["log"]) in allowed, seed
