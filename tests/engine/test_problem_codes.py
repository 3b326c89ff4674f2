"""Every problem has a row in the docs, a document that has it, and one beside it that has not."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from engine import ToolRegistry, validate
from engine.graph.model import Graph
from engine.planning.child_calls import WorkflowTable
from tests.engine.helpers import registry_of

ROOT = Path(__file__).resolve().parents[2]
NOOP: dict[str, Any] = {"type": "noop"}
END: dict[str, Any] = {"type": "end"}
TOOL: dict[str, Any] = {"type": "tool", "tool": "t"}
WAIT: dict[str, Any] = {"type": "wait", "any": {"go": {"signal": "go"}, "late": {"for": "1h"}}}
DEMO = {
    "name": "d", "start_node": "a", "edges": [],
    "nodes": [{"name": "a", "tool": "t"}, {"name": "b", "tool": "t"}],
}  # fmt: skip
FORK = [("a", "b"), ("a", "c"), ("b", "j"), ("c", "j")]
ABCJ = {"a": NOOP, "b": NOOP, "c": NOOP, "j": NOOP}
LOOP = {"a": NOOP, "b": NOOP, "c": NOOP, "d": NOOP, "j": NOOP}
OPEN = [("a", "b"), ("a", "c"), ("b", "a", {"when": "x"}), ("b", "d", {"else": True}),
        ("d", "j"), ("c", "j")]  # fmt: skip
CLOSED = [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d"), ("d", "a", {"when": "x"}),
          ("d", "j", {"else": True})]  # fmt: skip


def doc(nodes: Any = None, edges: Any = (), entry: Any = ("a",), **more: Any) -> dict[str, Any]:
    made = [
        {"id": f"{e[0]}-{e[1]}", "from": e[0], "to": e[1], **(e[2] if len(e) > 2 else {})}
        if isinstance(e, tuple)
        else e
        for e in edges
    ]
    nodes = {"a": NOOP} if nodes is None else nodes
    document = {"format": "treadle/1", "key": "x", "entry": list(entry), "nodes": nodes}
    return {**document, "edges": made, **more}


def node(**spec: Any) -> dict[str, Any]:
    return doc({"a": spec})


def schema(*keys: str, **more: Any) -> dict[str, Any]:
    return {"state": {"schema": {"properties": {key: {} for key in keys}}, **more}}


def join(policy: str, **more: Any) -> dict[str, Any]:
    return {**NOOP, "join": {"policy": policy, **more}}


def waiting(*ways: Any) -> dict[str, Any]:
    return doc({"a": WAIT, "b": END}, ways)


GOOD = doc()
AB = {"a": NOOP, "b": END}

EXAMPLES: dict[str, tuple[Any, Any]] = {
    # Reading
    "bad_expression": (node(type="set", set={"x": "1 +"}), node(type="set", set={"x": "1 + 1"})),
    "bad_format": ({**GOOD, "format": "treadle/9"}, GOOD),
    "bad_input": (
        node(type="tool", tool="typed", inputs={"n": "'many'"}),
        node(type="tool", tool="typed", inputs={"n": "3"}),
    ),
    "bad_key": (doc({"": NOOP}, entry=[""]), GOOD),
    "bad_schema": (doc(state={"schema": {"type": "nothing"}}), doc(**schema("x"))),
    "bad_text": (doc(name="\ud800"), doc(name="ü \U0001f600")),
    "bad_value": (
        node(**TOOL, effect="transactional", isolation="process"),
        node(**TOOL, effect="once", isolation="process"),
    ),
    "bad_wait": (
        node(type="wait", **{"for": "1s", "until": "5"}),
        node(type="wait", **{"for": "1s"}),
    ),
    "double_entry": (doc(entry=["a", "a"]), GOOD),
    "double_id": (
        doc(AB, [("a", "b", {"id": "e"}), ("a", "b", {"id": "e"})]),
        doc(AB, [("a", "b", {"id": "e"}), ("a", "b", {"id": "f"})]),
    ),
    "double_node": ({**DEMO, "nodes": [*DEMO["nodes"], {"name": "a", "tool": "t"}]}, DEMO),
    "else_with_when": (
        doc(AB, [("a", "b", {"when": "x", "else": True})]),
        doc(AB, [("a", "b", {"else": True})]),
    ),
    "forbidden_key": (doc(state={"defaults": {"__proto__": 1}}), doc(state={"defaults": {"p": 1}})),
    "missing_key": (node(), GOOD),
    "no_entry": (doc(entry=[]), GOOD),
    "no_nodes": (doc({}, entry=[]), GOOD),
    "not_json": (doc(meta={"x": float("nan")}), doc(meta={"x": 1.5})),
    "too_deep": (doc(meta={"x": __import__("functools").reduce(lambda d, _: [d], range(99), 1)}),
                 doc(meta={"x": [[[1]]]})),
    "too_long": (doc(meta={"x": "y" * 100_001}), doc(meta={"x": "y" * 100_000})),
    "too_many": (doc({f"n{i}": NOOP for i in range(20_001)}), GOOD),
    "unknown_alternative": (
        waiting(("a", "b", {"on": "gone"})),
        waiting(("a", "b", {"on": "go"}), ("a", "b", {"id": "l", "on": "late"})),
    ),
    "unknown_edge": (
        doc(AB, [("a", "b", {"resets": ["zz"]})]),
        doc(AB, [("a", "b", {"resets": ["a-b"]})]),
    ),
    "unknown_key": (node(**NOOP, colour="red"), node(**NOOP, title="red")),
    "unknown_node": (doc(AB, [("a", "zz")]), doc(AB, [("a", "b")])),
    "unknown_type": (node(type="magic"), GOOD),
    "unknown_word": (
        doc(state={"reducers": {"x": "magic"}}),
        doc(state={"reducers": {"x": "append"}}),
    ),
    "wrong_type": (node(**TOOL, timeout="soon"), node(**TOOL, timeout="5s")),
    # Errors
    "empty_race": (
        doc({"a": NOOP, "j": join("first")}, [("a", "j", {"id": i}) for i in "xy"]),
        doc({**ABCJ, "j": join("first")}, FORK),
    ),
    "endless_cycle": (
        doc({"a": NOOP, "b": NOOP}, [("a", "b"), ("b", "a")]),
        doc({"a": NOOP, "b": NOOP, "c": END}, [("a", "b"), ("b", "a", {"when": "x"}), ("b", "c")]),
    ),
    "irreducible_cycle": (
        doc(ABCJ, [("a", "b"), ("a", "c"), ("b", "c"), ("c", "b"), ("c", "j")]),
        doc({**ABCJ, "a": {**NOOP, "route": "first"}, "c": {**NOOP, "route": "first"}},
            [("a", "b"), ("a", "c"), ("b", "c"), ("c", "b"), ("c", "j")]),
    ),
    "n_too_big": (
        doc({**ABCJ, "j": join("n_of_m", n=3)}, FORK),
        doc({**ABCJ, "j": join("n_of_m", n=2)}, FORK),
    ),
    "not_transactional": (
        node(type="tool", tool="async", effect="transactional"),
        node(**TOOL, effect="transactional"),
    ),
    "open_region": (doc(LOOP, OPEN), doc(LOOP, CLOSED)),
    "starving_join": (
        doc({**ABCJ, "j": join("all")}, [("a", "b"), ("a", "c", {"when": "x"}), *FORK[2:]]),
        doc({**ABCJ, "j": join("all")}, FORK),
    ),
    "unbound_input": (
        {**node(type="tool", tool="needs"), **schema("n")},
        {**node(type="tool", tool="needs"), **schema("code")},
    ),
    "unknown_input": (
        node(type="tool", tool="needs", inputs={"code": "1", "speed": "1"}),
        node(type="tool", tool="needs", inputs={"code": "1"}),
    ),
    "unknown_tool": (node(type="tool", tool="zz"), node(**TOOL)),
    "unknown_version": (
        node(type="subgraph", workflow="other", version=9),
        node(type="subgraph", workflow="other", version=1),
    ),
    "unknown_workflow": (
        node(type="subgraph", workflow="zz"),
        node(type="subgraph", workflow="other"),
    ),
    "unreachable_node": (doc({"a": NOOP, "b": NOOP}), doc(AB, [("a", "b")])),
    # Warnings
    "idle_timeout_unused": (
        node(type="tool", tool="async", timeout="1s", idle_timeout="2s"),
        node(type="tool", tool="async", timeout="2s", idle_timeout="1s"),
    ),
    "no_else": (
        doc(AB, [("a", "b", {"when": "x"})]),
        doc({**AB, "c": END}, [("a", "b", {"when": "x"}), ("a", "c", {"else": True})]),
    ),
    "no_way": (waiting(("a", "b", {"on": "go"})), waiting(("a", "b"))),
    "once_with_retries": (
        node(**TOOL, effect="once", retry={"max_attempts": 2}),
        node(**TOOL, effect="once", retry={"max_attempts": 1}),
    ),
    "racing_writes": (
        doc({**ABCJ, **{n: {"type": "set", "set": {"x": f"'{n}'"}} for n in "bc"}}, FORK),
        doc({**ABCJ, **{n: {"type": "set", "set": {"x": f"'{n}'"}} for n in "bc"}}, FORK,
            state={"reducers": {"x": "append"}}),
    ),
    "ring_of_joins": (
        doc(ABCJ, [("a", "b"), ("a", "c"), ("b", "c"), ("c", "b"), ("c", "j")]),
        doc(ABCJ, FORK),
    ),
    "soft_timeout": (
        node(**TOOL, timeout="5s"),
        node(**TOOL, timeout="5s", isolation="process"),
    ),
    "unread_key": (
        {**node(type="set", set={"lost": "1"}), **schema("n")},
        {**node(type="set", set={"n": "1"}), **schema("n")},
    ),
    "unwritten_key": (
        {**node(type="set", set={"n": "scoer"}), **schema("n")},
        {**node(type="set", set={"n": "n"}), **schema("n")},
    ),
}  # fmt: skip


async def patient() -> None:
    """An async tool."""


def typed(n: int) -> None: ...


@pytest.fixture(scope="module")
def registry() -> ToolRegistry:
    tools = {"t": lambda: None, "needs": lambda code: None, "async": patient, "typed": typed}
    return registry_of(tools)


def found(document: Any, registry: ToolRegistry) -> list[Any]:
    other = Graph.from_dict(GOOD)
    return validate(document, registry, workflows=WorkflowTable({"other": {1: other}}))


@pytest.mark.parametrize("code", sorted(EXAMPLES))
def test_a_document_has_the_problem_and_one_beside_it_has_not(
    code: str, registry: ToolRegistry
) -> None:
    bad, good = EXAMPLES[code]

    problems = {problem.code: problem for problem in found(bad, registry)}

    assert code in problems, problems
    assert problems[code].message
    assert problems[code].pointer.startswith("/") or code in ("missing_key", "unknown_key")
    assert problems[code].severity == documented()[code]
    assert code not in {problem.code for problem in found(good, registry)}


def documented() -> dict[str, str]:
    """The severity of every code that has a row in the docs."""
    text = (ROOT / "docs" / "problems.md").read_text(encoding="utf-8")
    *errors, warnings = text.split("\n## ")
    rows = {"error": "".join(errors), "warning": warnings}
    return {
        code: severity
        for severity, part in rows.items()
        for code in re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE)
    }


def written(folder: str = "engine") -> set[str]:
    """Every code that the engine's sources, or those of another folder, give a problem."""
    codes: set[str] = set()
    for path in (ROOT / folder).rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call):
                codes |= set(_codes_of(call))
    return codes


_PLACES = {"add": 0, "Problem": 0, "WorkflowNotFound": 0, "on_node": 1, "on_edge": 1, "_error": 1}


def _codes_of(call: ast.Call) -> list[str]:
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    place = _PLACES.get(name)
    if place is None or len(call.args) < 3 + place:
        return []
    given = call.args[place]
    said = [given.body, given.orelse] if isinstance(given, ast.IfExp) else [given]
    made = [part.value for part in said if isinstance(part, ast.Constant)]
    named = [f"E_{part.attr}" for part in said if ast.unparse(part).startswith("Code.")]
    return [*map(str, made), *named]


def test_the_docs_know_every_code_and_no_other() -> None:
    assert set(documented()) == written() | written("studio")
    assert set(EXAMPLES) == written()
