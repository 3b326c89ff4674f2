"""The in-memory store keeps the contract, and replay reads its journals."""

import pytest

from engine import Event, JournalCorrupt, MemoryStore, RunStatus, fold, replay, run, state_at
from engine.events import moment, timestamp
from tests.engine.helpers import graph_of, run_tools, state_tools

pytest.register_assert_rewrite("tests.engine.store_contract")

from tests.engine.store_contract import StoreContract  # noqa: E402


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self):
        return MemoryStore()


def looped():
    graph = graph_of(
        {"a": "bump", "end": {"type": "end", "set": {"done": "true"}}},
        [("a", "a", {"when": "n < 3"}), ("a", "end", {"else": True})],
    )
    return graph, run_tools(graph, {"bump": lambda s: {"n": s["n"] + 1}}, {"n": 0})


def test_run_can_write_to_a_store():
    store = MemoryStore()
    graph, _ = looped()
    registry = state_tools({"bump": lambda s: {"n": s["n"] + 1}})
    result = run(graph, {"n": 0}, registry=registry, store=store, run_id="r1")

    assert [e.as_dict() for e in store.events("r1")] == result.events
    assert result.status == "completed"


def test_replay_tells_the_steps_and_the_nodes():
    graph, result = looped()
    told = replay(graph, result.events)

    assert (told.status, told.state, told.error) == (RunStatus.COMPLETED, result.state, None)
    assert [(node, state) for _, node, state in told.steps] == [
        ("a", {"n": 1}), ("a", {"n": 2}), ("a", {"n": 3}), ("end", {"n": 3, "done": True}),
    ]  # fmt: skip
    assert (told.activations["a"].count, told.activations["a"].status) == (3, "completed")
    assert told.activations["a"].ms >= 0
    assert told.current_nodes == []


def test_replay_of_a_run_under_way_names_its_nodes():
    graph, result = looped()
    told = replay(graph, result.events[:4])

    assert (told.status, told.current_nodes) == (RunStatus.RUNNING, ["a"])
    assert told.activations["a"].status == "running"


def test_the_state_at_any_event():
    graph, result = looped()
    states = [state_at(graph, result.events, e["seq"])["n"] for e in result.events]

    assert states == [0, 0, 1, 1, 2, 2, 3, 3, 3]


def test_an_empty_journal_is_a_queued_run():
    graph, _ = looped()

    assert fold(graph, []).status is RunStatus.QUEUED
    assert replay(graph, []).status is RunStatus.QUEUED


def test_events_that_do_not_fit_are_refused():
    graph, result = looped()

    with pytest.raises(JournalCorrupt):
        fold(graph, [result.events[0], result.events[4]])
    with pytest.raises(JournalCorrupt):
        Event.from_dict({"k": "no.such"})
    with pytest.raises(JournalCorrupt):
        Event.from_dict({})


def test_timestamps_read_back():
    assert timestamp(1_800_000_000.123) == "2027-01-15T08:00:00.123Z"
    assert moment("2027-01-15T08:00:00.123Z") == 1_800_000_000.123


@pytest.mark.parametrize(
    ("at", "change"),
    [
        (0, {"data": {}}),
        (0, {"data": {"state": [1], "limits": {}}}),
        (0, {"data": {"state": {}, "limits": {"max_steps": "x"}}}),
        (2, {"data": {}}),
        (2, {"data": {"ops": [["what", "n", 1]], "edges": [{"edge": "zz", "taken": True}]}}),
        (2, {"data": {"ops": [["red", "n", 1]], "edges": []}}),
        (2, {"act": None}),
        (1, {"act": 99}),
    ],
)
def test_altered_events_are_refused_and_never_crash(at, change):
    graph, result = looped()
    events = [dict(event) for event in result.events]
    events[at] = {**events[at], **change}

    with pytest.raises(JournalCorrupt):
        fold(graph, events)
    with pytest.raises(JournalCorrupt):
        replay(graph, events)


def test_a_journal_of_another_graph_is_refused():
    _, result = looped()
    other = graph_of({"a": "bump"}, [])

    with pytest.raises(JournalCorrupt, match="another version"):
        fold(other, result.events)
