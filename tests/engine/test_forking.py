"""Runs that go on from where others stood, with another state."""

import pytest

from engine import Driver, Event, Graph, MemoryJournal, ValueRefused, fold, run
from engine.steering.forking import RunIsOver, fork
from tests.engine.graphs import Builder
from tests.engine.helpers import graph_of, state_tools

COUNT = {"count": lambda state: {"n": state.get("n", 0) + 1}}
LINE = graph_of({"a": "count", "b": "count", "c": "count"}, [("a", "b"), ("b", "c")])


def goes_on(graph, registry, events, **more):
    """How the fork of this journal ends."""
    told = [Event.from_dict(raw) for raw in events]
    made = fork(graph, told, run="origin", **more)
    for seq, event in enumerate(made, len(told) + 1):
        event.seq = seq
    journal = MemoryJournal([*told, *made])
    driver = Driver(graph, registry, journal, folded=fold(graph, [*told, *made]))
    assert driver.advance()
    assert fold(graph, journal.events).state == driver.result().state
    return driver.result()


@pytest.mark.parametrize("seed", range(40))
def test_a_fork_of_any_event_without_a_change_ends_as_its_origin(seed):
    builder = Builder(seed, conflicts=False)
    graph = Graph.from_dict(builder.document(1 + seed % 3))
    registry = state_tools(builder.tools)
    whole = run(graph, {"p": 1, "q": 0, "r": 2}, registry=registry)

    for cut in range(1, len(whole.events)):
        result = goes_on(graph, registry, whole.events[:cut])
        assert (result.status, result.state) == (whole.status, whole.state)


def test_a_changed_state_is_what_the_next_steps_see():
    registry = state_tools(COUNT)
    whole = run(LINE, {"n": 0, "old": 1}, registry=registry)
    after_a = next(e["seq"] for e in whole.events if e["k"] == "attempt.succeeded")

    result = goes_on(LINE, registry, whole.events[:after_a], patch={"n": 10, "old": None})

    assert (str(result.status), result.state) == ("completed", {"n": 12})


BRANCHES = graph_of(
    {"a": "one", "left": "left", "right": "right", "right2": "more", "end": {"type": "end"}},
    [("a", "left"), ("a", "right"), ("right", "right2"), ("left", "end"), ("right2", "end")],
    state={"reducers": {"log": "append"}},
)
BRANCH_TOOLS = {
    "one": lambda state: {"x": 0, "log": ["one"]},
    "left": lambda state: {"left": state["x"], "log": ["left"]},
    "right": lambda state: {"right": state["x"], "log": ["right"]},
    "more": lambda state: {"x": state["x"] + 1, "log": ["more"]},
}


@pytest.mark.parametrize("patch", [{"x": 100}, {"x": 100, "log": ["new"]}])
def test_branches_that_were_changed_alike_do_not_conflict(patch):
    registry = state_tools(BRANCH_TOOLS)
    whole = run(BRANCHES, {}, registry=registry)
    assert str(whole.status) == "completed"
    done = [e["seq"] for e in whole.events if e["node"] == "right" and e["k"][-9:] == "succeeded"]

    result = goes_on(BRANCHES, registry, whole.events[: done[0]], patch=patch)

    assert str(result.status) == "completed"
    assert result.state["x"] == 101
    expected = ["new", "more"] if "log" in patch else whole.state["log"]
    assert result.state["log"] == expected


def test_a_failed_run_is_forked_past_its_failure():
    graph = graph_of({"a": "check"}, [])

    def check(state):
        if not state.get("ok"):
            raise ValueError("not ok")

    registry = state_tools({"check": check})
    whole = run(graph, {}, registry=registry)
    assert str(whole.status) == "failed"

    assert str(goes_on(graph, registry, whole.events).status) == "failed"
    assert str(goes_on(graph, registry, whole.events, patch={"ok": True}).status) == "completed"


def test_what_has_ended_or_does_not_fit_is_refused():
    whole = run(LINE, {}, registry=state_tools(COUNT))
    told = [Event.from_dict(raw) for raw in whole.events]

    with pytest.raises(RunIsOver, match="completed"):
        fork(LINE, told, run="origin")
    with pytest.raises(ValueRefused, match="at most 200 characters"):
        fork(LINE, told[:1], run="origin", patch={"k" * 201: 1})
    with pytest.raises(ValueRefused, match="bytes"):
        fork(LINE, told[:1], run="origin", patch={"k": "x" * 2_000_000})
    with pytest.raises(ValueRefused):
        fork(LINE, told[:1], run="origin", patch={"k": object()})


def test_the_time_between_a_run_and_its_fork_is_not_active_time():
    created = run(LINE, {}, registry=state_tools(COUNT)).events[:3]
    told = [Event.from_dict(raw) for raw in created]
    made = fork(LINE, told, run="origin", now=told[-1].time + 1_000_000)

    assert fold(LINE, [*told, *made]).active_s < 1_000
