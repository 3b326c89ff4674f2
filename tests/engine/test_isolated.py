"""`isolation: process`: the call happens elsewhere, and is really killed at its deadline."""

import asyncio
import os
import time

import pytest

from engine import Driver, MemoryJournal, fold, new_run, run
from tests.engine import isolated_tools as tools
from tests.engine.helpers import graph_of, registry_of


def node(name="t", **fields):
    return {"type": "tool", "tool": name, "isolation": "process", **fields}


def run_isolated(function, state=None, **fields):
    return run(graph_of({"a": node(**fields)}, []), state, registry=registry_of({"t": function}))


def test_the_tool_runs_in_another_process():
    result = run_isolated(tools.process_id)

    assert result.status == "completed"
    assert result.state["pid"] != os.getpid()


def test_an_async_tool_does_too():
    assert run_isolated(tools.awaited, {"number": 4}).state["doubled"] == 8


def test_changes_of_the_state_come_back():
    graph = graph_of(
        {"a": node(), "b": node("back")},
        [("a", "b")],
        state={"reducers": {"items": "append"}},
    )
    registry = registry_of({"t": tools.grow, "back": tools.given_back})
    result = run(graph, {"items": [0]}, registry=registry)

    assert result.state == {"items": [0, 1]}
    assert result.events[2]["data"]["ops"] == [["red", "items", [1]], ["set", "seen", True]]


def test_what_is_handed_back_as_it_was_adds_nothing():
    graph = graph_of({"a": node()}, [], state={"reducers": {"items": "append"}})
    result = run(graph, {"items": [0], "n": 1}, registry=registry_of({"t": tools.hand_on}))

    assert result.state == {"items": [0], "n": 2}


def test_an_error_that_cannot_be_shown_is_a_failure_like_any_other():
    result = run_isolated(tools.unspeakable)

    assert result.error.message == "Unspeakable: (its text cannot be had: RuntimeError)"


def test_what_it_raises_is_its_failure():
    result = run_isolated(tools.refuse, {"text": "luck"})

    assert (result.status, result.error.code, result.error.node) == ("failed", "E_TOOL", "a")
    assert result.error.message == "KeyError: 'no luck'"
    assert result.error.details["type"] == "KeyError"
    assert "in refuse" in result.error.details["traceback"]
    assert "isolated.py" not in result.error.details["traceback"]


def test_retries_know_the_kind_of_error_and_lines_arrive():
    result = run_isolated(tools.flaky, retry={"max_attempts": 2, "initial": 0.01})

    assert result.state["attempt"] == 2
    lines = [e["data"]["message"] for e in result.events if e["k"] == "log"]
    assert lines == ["attempt 1", "attempt 2"]
    assert [e["data"]["done"] for e in result.events if e["k"] == "progress"] == [1, 2]


def test_a_process_that_dies_is_a_failure_that_says_so():
    result = run_isolated(tools.die)

    assert result.status == "failed"
    assert "ended with 7" in result.error.message


def test_a_tool_defined_inside_a_function_is_refused_with_what_to_do():
    def inner():
        return {}

    result = run_isolated(inner)

    assert result.status == "failed"
    assert "top level of a module" in result.error.message


def test_at_the_deadline_it_is_killed(tmp_path):
    path = tmp_path / "ticks"

    result = run_isolated(tools.spin, {"path": str(path)}, timeout=4)
    assert (result.status, result.error.code) == ("failed", "E_TIMEOUT")
    wait_until_still(path)


def test_a_tool_that_falls_silent_is_killed_and_one_that_gives_signs_of_life_is_not(tmp_path):
    path = tmp_path / "ticks"

    result = run_isolated(tools.spin_with_signs_of_life, {"path": str(path)}, idle_timeout=0.5)

    assert (result.status, result.error.code) == ("failed", "E_TIMEOUT")
    assert result.error.details["idle"] is True
    assert path.exists(), "its signs of life of the first second were heard"
    wait_until_still(path)


def test_what_one_attempt_writes_is_limited_in_another_process_too():
    result = run_isolated(tools.chatter)
    told = [e for e in result.events if e["k"] in ("log", "truncated")]

    assert result.status == "completed"
    assert [e["k"] for e in told].count("truncated") == 1
    assert told[-1]["k"] == "truncated"
    assert sum(len(e["data"].get("message", "")) for e in told) <= 10 * 1024 * 1024


def test_a_cancelled_run_kills_it(tmp_path):
    path = tmp_path / "ticks"
    graph = graph_of({"a": node()}, [])
    journal = MemoryJournal()
    created = new_run(graph, {"path": str(path)})
    journal.append([created])
    driver = Driver(graph, registry_of({"t": tools.spin}), journal, folded=fold(graph, [created]))

    async def drive():
        driving = asyncio.ensure_future(driver.drive())
        while not path.exists():
            await asyncio.sleep(0.02)
        driver.cancel("enough")
        return await asyncio.wait_for(driving, 10)

    assert asyncio.run(drive()).status == "cancelled"
    wait_until_still(path)


def wait_until_still(path):
    """The tool writes every 10 ms while it lives."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        before = path.stat().st_size if path.exists() else 0
        time.sleep(0.3)
        if before and path.stat().st_size == before:
            return
    pytest.fail("the tool still runs")
