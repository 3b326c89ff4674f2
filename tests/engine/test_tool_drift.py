"""A tool that changes under a run: the run says so once, and goes on with the new code."""

import pytest

from engine import Driver, MemoryJournal, MemoryStore, ToolRegistry, fold, new_run, run
from engine.keeping.snapshots import restore, take
from engine.toolprints import prints
from tests.engine.helpers import dump, graph_of, kinds, through_json


def old(state):
    state["by"] = "old"


def new(state):
    state["by"] = "new"


def other(state):
    state["other"] = True


def registry_with(function):
    registry = ToolRegistry()
    registry.register("t", function, effect="pure")
    registry.register("other", other, effect="pure")
    registry.register("unused", lambda: None)
    return registry


GRAPH = graph_of(
    {
        "a": "t",
        "m": {"type": "map", "over": "[1]", "body": {"tool": "other", "inputs": {}}},
        "b": "t",
    },
    [("a", "m"), ("m", "b")],
)


def begun():
    """The journal of a run that was begun with the old tool and cut at once."""
    registry = registry_with(old)
    return [new_run(GRAPH, {"x": 1}, tools=prints(GRAPH, registry))]


def gone_on(events, registry, folded=None):
    journal = MemoryJournal(list(events))
    folded = folded or fold(GRAPH, through_json(journal.events))
    driver = Driver(GRAPH, registry, journal, folded=folded)
    assert driver.advance()
    return journal.events


def drifts(events):
    return [e.data for e in events if e.kind == "warning" and e.data["code"] == "tool_drift"]


def test_the_tools_a_run_calls_are_recorded_at_its_start():
    registry = registry_with(old)
    found = prints(GRAPH, registry)

    assert sorted(found) == ["other", "t"]
    assert all(registry.get(name).source_hash.startswith(found[name]) for name in found)
    stored = run(GRAPH, {"x": 1}, registry=registry, store=MemoryStore())
    assert stored.events[0]["data"]["tools"] == found
    assert "tools" not in run(GRAPH, {"x": 1}, registry=registry).events[0]["data"]


def test_no_change_says_nothing():
    assert drifts(gone_on(begun(), registry_with(old))) == []


def test_a_changed_tool_is_told_with_both_hashes():
    events = gone_on(begun(), registry_with(new))
    (told,) = drifts(events)

    was, now = (prints(GRAPH, registry_with(f))["t"] for f in (old, new))
    assert (told["tool"], told["was"], told["now"]) == ("t", was, now)
    assert "'t' changed while the run was under way" in told["message"]
    assert fold(GRAPH, events).state["by"] == "new"


def test_it_is_told_once_however_often_the_run_is_taken_up():
    whole = gone_on(begun(), registry_with(new))
    for cut in range(1, len(whole)):
        assert len(drifts(gone_on(whole[:cut], registry_with(new)))) == 1, cut


def test_a_tool_that_changes_back_is_told_again():
    once = gone_on(begun(), registry_with(new))[:4]
    (first, second) = drifts(gone_on(once, registry_with(old)))

    assert (second["was"], second["now"]) == (first["now"], first["was"])


def test_a_fold_and_a_snapshot_know_it_too():
    events = gone_on(begun(), registry_with(new))[:5]
    folded = fold(GRAPH, events)
    snapshot = take(folded)
    restored = restore(GRAPH, snapshot)

    assert restored is not None
    assert dump(restored.marking) == dump(folded.marking)
    assert len(drifts(gone_on(events, registry_with(new), restored))) == 1


def test_a_run_of_before_it_was_recorded_and_a_tool_that_is_gone_say_nothing():
    assert drifts(gone_on([new_run(GRAPH, {"x": 1})], registry_with(new))) == []
    without = ToolRegistry()
    without.register("other", other)
    assert drifts(gone_on(begun(), without)) == []


def test_a_run_that_rests_is_not_written_to():
    graph = graph_of({"a": "t"}, [])
    registry = ToolRegistry()
    registry.register("t", old)
    result = run(graph, registry=registry, store=(store := MemoryStore()), run_id="r")
    assert kinds(result)[-1] == "run.completed"

    changed = ToolRegistry()
    changed.register("t", new)
    events = store.events("r")
    driver = Driver(graph, changed, store.journal("r"), folded=fold(graph, events))
    driver.advance()
    assert len(store.events("r")) == len(events)


@pytest.mark.parametrize("data", [{}, {"code": "tool_drift"}])
def test_a_warning_of_another_shape_is_corrupt_or_nothing(data):
    from engine import Event, JournalCorrupt
    from engine.events import EventKind

    events = [*begun(), Event(EventKind.WARNING, data, seq=2)]
    if data:
        with pytest.raises(JournalCorrupt):
            fold(GRAPH, events)
    else:
        fold(GRAPH, events)
