"""Why a run stands where it stands."""

from engine import Event, fold, run
from engine.explaining import last_report, reasons
from tests.engine.helpers import graph_of, state_tools

RETRY = {"max_attempts": 2, "initial": "1ms", "on": ["Exception"]}
FORK = graph_of(
    {"a": "one", "left": "one", "right": "one", "meet": "one"},
    [("a", "left"), ("a", "right"), ("left", "meet"), ("right", "meet")],
)


def told_until(graph, tools, kind, node):
    """The journal of a run up to the first event of this kind at this node."""
    events = [Event.from_dict(raw) for raw in run(graph, {}, registry=state_tools(tools)).events]
    end = next(at for at, e in enumerate(events) if (str(e.kind), e.node) == (kind, node))
    return events[: end + 1]


def found(graph, events):
    return {(r["what"], r["node"]): r for r in reasons(fold(graph, events).marking, events)}


def test_a_join_tells_what_came_and_what_it_waits_for():
    one = {"one": lambda state: None}
    events = told_until(FORK, one, "attempt.succeeded", "left")

    why = found(FORK, events)

    assert why["join", "meet"]["arrived"] == ["left-meet"]
    assert why["join", "meet"]["awaited"] == {"right-meet": ["right"]}
    assert "right-meet from right" in why["join", "meet"]["text"]


def test_an_attempt_tells_since_when_it_runs():
    events = told_until(FORK, {"one": lambda state: None}, "attempt.started", "a")

    why = found(FORK, events)

    assert why["attempt", "a"]["attempt"] == 1
    assert why["attempt", "a"]["since"] == events[-1].as_dict()["ts"]


def test_a_retry_tells_when_it_is_due():
    graph = graph_of({"a": {"type": "tool", "tool": "fails", "retry": RETRY}}, [])

    def fails(state):
        raise ValueError("broken")

    events = told_until(graph, {"fails": fails}, "attempt.failed", "a")

    why = found(graph, events)

    assert why["retry", "a"]["due"].endswith("Z")
    assert "broken" in why["retry", "a"]["text"]


def test_what_rests_tells_why():
    limited = graph_of({"a": "one", "b": "one"}, [("a", "b")], limits={"max_steps": 1})
    result = run(limited, {}, registry=state_tools({"one": lambda state: None}))
    paused = [Event.from_dict(raw) for raw in result.events]
    [why] = reasons(fold(limited, paused).marking, paused)
    assert (why["what"], why["code"]) == ("paused", "E_STEP_BUDGET")
    assert "It goes on when it is resumed" in why["text"]

    whole = run(FORK, {}, registry=state_tools({"one": lambda state: None}))
    done = [Event.from_dict(raw) for raw in whole.events]
    assert [r["what"] for r in reasons(fold(FORK, done).marking, done)] == ["over"]


def test_an_edge_tells_what_was_last_found_there():
    graph = graph_of(
        {"a": "count", "done": {"type": "end"}},
        [("a", "a", {"when": "n < 3"}), ("a", "done", {"else": True})],
    )
    count = {"count": lambda state: {"n": state.get("n", 0) + 1}}
    events = [Event.from_dict(raw) for raw in run(graph, {}, registry=state_tools(count)).events]

    last = last_report(events, "a-a")

    assert (last["taken"], last["when"], last["values"]) == (False, "n < 3", {"n": 3})
    assert events[last["seq"] - 1].node == "a"
    assert last_report(events[:1], "a-a") is None
