"""Tracebacks in the errors of runs: the frames of the tool and below, and none above."""

import asyncio
import functools
import re

import pytest

from engine import ToolRegistry, arun, run
from engine.driving import failures
from tests.engine import isolated_tools
from tests.engine.helpers import graph_of


def boom(state):
    raise KeyError("boom")


def below(state):
    return boom(state)


def caused(state):
    try:
        boom(state)
    except KeyError as error:
        raise ValueError("no good") from error


def stops(state):
    raise StopIteration("enough")


@functools.wraps(boom)
def wrapped(*args, **more):
    return boom(*args, **more)


async def later(state):
    await asyncio.sleep(0)
    boom(state)


async def together(state):
    async with asyncio.TaskGroup() as group:
        group.create_task(later(state))


TOOLS = {
    "boom": (boom, ["boom"]),
    "below": (below, ["below", "boom"]),
    "caused": (caused, ["caused", "boom", "caused"]),
    "stops": (stops, ["stops"]),
    "wrapped": (wrapped, ["wrapped", "boom"]),
    "later": (later, ["later", "boom"]),
}


def frames(text):
    """The functions that a traceback names, in order."""
    return re.findall(r'File ".*", line \d+, in (\w+)', text)


def on_a_loop(*args, **more):
    return asyncio.run(arun(*args, **more))


@pytest.mark.parametrize("start", [run, on_a_loop])
@pytest.mark.parametrize("more", [{}, {"timeout": "60s"}, {"idle_timeout": "60s"}])
@pytest.mark.parametrize("effect", ["pure", "once"])
@pytest.mark.parametrize("name", TOOLS)
def test_a_traceback_begins_at_the_tool(name, effect, more, start):
    tool, expected = TOOLS[name]
    tools = ToolRegistry()
    tools.register("t", tool, effect=effect)

    result = start(graph_of({"n": {"type": "tool", "tool": "t", **more}}, [], "n"), registry=tools)

    told = result.error.details["traceback"]
    assert result.error.code == "E_TOOL"
    assert sorted(frames(told)) == sorted(expected), told


def graph_of_item():
    return graph_of({"n": {"type": "map", "over": "[1]", "body": {"tool": "t"}}}, [], entry="n")


@pytest.mark.parametrize("start", [run, on_a_loop])
def test_so_does_that_of_an_item(start):
    tools = ToolRegistry()
    tools.register("t", below, effect="once")

    assert frames(start(graph_of_item(), registry=tools).error.details["traceback"]) == [
        "below",
        "boom",
    ]


@pytest.mark.parametrize("start", [run, on_a_loop])
def test_errors_of_tasks_that_a_tool_waits_for_are_shown_below_it(start):
    tools = ToolRegistry()
    tools.register("t", together, effect="once")

    told = start(graph_of({"n": "t"}, [], entry="n"), registry=tools).error.details["traceback"]

    assert frames(told)[0] == "together"
    assert frames(told)[-2:] == ["later", "boom"]
    assert "/driving/" not in told


def test_so_does_that_of_a_process():
    tools = ToolRegistry()
    tools.register("t", isolated_tools.refuse)
    node = {"type": "tool", "tool": "t", "isolation": "process", "inputs": {"text": "'x'"}}

    told = run(graph_of({"n": node}, [], entry="n"), registry=tools).error.details["traceback"]

    assert frames(told)[0] == "refuse"


def test_a_fault_of_the_engine_keeps_its_frames():
    """Nothing of a tool is on the way, so the engine's own frames are all there is to see."""

    def broken(*args, **more):
        raise AssertionError("ours")

    broken.__code__ = broken.__code__.replace(co_filename=failures.__file__)
    try:
        broken()
    except AssertionError as error:
        # This test's own frame stands above: as a caller of the engine it is left out first.
        told = failures.tool_traceback(error.with_traceback(error.__traceback__.tb_next))

    assert frames(told) == ["broken"]


class Unspeakable(Exception):
    """An error that fails when somebody asks what it says."""

    def __str__(self):
        raise RuntimeError("no words")


def unspeakable(state):
    raise Unspeakable


def run_in_a_loop(graph, registry):
    return asyncio.run(arun(graph, registry=registry))


@pytest.mark.parametrize("door", [run, run_in_a_loop])
def test_an_error_that_cannot_be_shown_fails_its_node_and_not_the_engine(door):
    graph, registry = graph_of({"a": "tool"}, []), ToolRegistry()
    registry.register("tool", unspeakable)
    result = door(graph, registry=registry)

    assert (result.status, result.error.code, result.error.node) == ("failed", "E_TOOL", "a")
    assert result.error.message == "Unspeakable: (its text cannot be had: RuntimeError)"
    assert result.error.details["type"] == "Unspeakable"
    assert "in unspeakable" in result.error.details["traceback"]
