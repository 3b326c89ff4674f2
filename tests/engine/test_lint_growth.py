"""Lint takes as long as the graph is large, whatever its shape: lines of code are counted, not
time."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from engine import Graph, ToolRegistry
from engine.linting import effort
from engine.linting.lint import lint
from tests.bench import shapes

SMALL, LARGE = 200, 400
LINEAR = 2.4
"""Twice the graph takes at most so many times the lines."""
ORDINARY = {
    name: shapes.SHAPES[name]
    for name in (
        "chain",
        "chain that writes one key",
        "fan",
        "diamonds in a row",
        "side leaves in a loop",
        "a loop with many exits",
    )
}


def lines_of(work: Callable[[], Any]) -> int:
    """How many lines of Python a call executes."""
    count = 0

    def trace(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def lines_for(make: Callable[[int], dict[str, Any]], nodes: int) -> int:
    """The lines that planning and linting a graph of this size takes."""
    registry = ToolRegistry()
    registry.register("bump", lambda n: {"n": n + 1}, effect="pure")
    graph = Graph.from_dict(make(nodes))
    return lines_of(lambda: lint(graph, registry))


@pytest.mark.parametrize("shape", ORDINARY)
def test_twice_the_graph_takes_twice_the_work(shape: str) -> None:
    make = ORDINARY[shape]

    assert lines_for(make, LARGE) < LINEAR * lines_for(make, SMALL)


@pytest.mark.parametrize("shape", shapes.SHAPES)
def test_what_is_nested_without_end_is_looked_at_only_so_far(
    shape: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(effort, "LOOKS", 2_000)
    make = shapes.SHAPES[shape]

    assert lines_for(make, LARGE) < LINEAR * lines_for(make, SMALL)


def test_what_lies_beyond_the_looks_is_left_unsaid_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    graph = Graph.from_dict(shapes.many_exits(40))
    whole = [problem.as_dict() for problem in lint(graph)]
    monkeypatch.setattr(effort, "LOOKS", 300)

    partly = [problem.as_dict() for problem in lint(graph)]

    assert [p for p in whole if p["code"] == "open_region"]
    assert 0 < len(partly) < len(whole)
    assert all(problem in whole for problem in partly)
