"""Items of maps whose tool asks a person: each waits for its own answer."""

import asyncio
import json

import pytest

from engine import Driver, Event, EventKind, MemoryJournal, VirtualClock, fold, new_run, run
from engine.keeping.snapshots import restore, take
from engine.planning.waits import answered
from engine.policies import RunStatus
from engine.telling.explaining import reasons
from engine.testing import play
from tests.engine.helpers import RecordingJournal, dump, graph_of, registry_of, through_json

FORM = {"type": "object", "required": ["ok"], "properties": {"ok": {"type": "boolean"}}}


def map_graph(nodes=None, edges=(), **more):
    node = {"type": "map", "over": "xs", "as": "x", "body": {"tool": "ask"}, **more}
    return graph_of({"m": node, **(nodes or {})}, list(edges), entry="m")


def approve(ctx, x, due=None):
    """Odd numbers are asked about, the others are fine."""
    if x < 0:
        raise ValueError(f"{x} is less than nothing")
    if x % 2 and ctx.answer is None:
        return ctx.ask(FORM, {"x": x}, title=f"Take {x}?", due=due)
    return {"x": x, "memo": ctx.memo, "ok": ctx.answer and ctx.answer["ok"]}


def late(ctx, x):
    return approve(ctx, x, due="48h")


TOOLS = registry_of({"ask": lambda ctx, x: approve(ctx, x)})
LATE = registry_of({"ask": late})
TAKEN = {
    1: {"x": 1, "memo": {"x": 1}, "ok": True},
    2: {"x": 2, "memo": None, "ok": None},
    3: {"x": 3, "memo": {"x": 3}, "ok": True},
}


def waits_of(events, kind="wait.opened"):
    return [e["data"]["waits"][0] for e in events if e["k"] == kind]


def journal_of(graph, xs):
    journal = MemoryJournal()
    journal.append([new_run(graph, {"xs": xs})])
    return journal


def drive(graph, journal, clock=None, registry=TOOLS):
    folded = fold(graph, journal.events)
    driver = Driver(
        graph, registry, journal, folded=folded, clock=clock or VirtualClock(), park_after_s=1.0
    )
    return asyncio.run(asyncio.wait_for(driver.drive(), 30))


def open_waits(graph, journal):
    """The questions that are open, by item."""
    marking = fold(graph, journal.events).marking
    return {a.index: a.waits[0] for a in marking.waiting.values() if a.waits}


def answer(graph, journal, *indices):
    """Answer the questions of these items."""
    found = open_waits(graph, journal)
    journal.append([answered("m", found[index], {"ok": True}, "ann") for index in indices])


def resume(journal):
    journal.append([Event(EventKind.RUN_RESUMED, {})])


@pytest.mark.parametrize("window", [None, 1, 2])
def test_each_item_waits_for_its_own_answer_with_its_own_memo(window):
    more = {} if window is None else {"max_concurrency": window}
    seen = []

    def say(wait):
        seen.append((wait["item"], wait["title"]))
        return {"ok": True}

    result = play(map_graph(**more), {"xs": [1, 2, 3]}, registry=TOOLS, answers={"m": say})

    assert (result.status, result.error) == ("completed", None)
    assert result.state["m"] == [TAKEN[1], TAKEN[2], TAKEN[3]]
    assert sorted(seen) == [(0, "Take 1?"), (2, "Take 3?")]


def test_a_question_holds_its_place_in_the_window():
    graph = map_graph(max_concurrency=2)
    journal = journal_of(graph, [1, 3, 1, 2])

    assert drive(graph, journal).status is RunStatus.WAITING
    assert list(open_waits(graph, journal)) == [0, 1]
    told = [told["text"] for told in reasons(fold(graph, journal.events).marking, [])]
    assert sum("item 0 of 'm' waits for an answer" in text for text in told) == 1
    assert sum("item 1 of 'm' waits for an answer" in text for text in told) == 1

    answer(graph, journal, 1)
    assert drive(graph, journal).status is RunStatus.WAITING
    assert list(open_waits(graph, journal)) == [0, 2]

    answer(graph, journal, 2, 0)
    ended = drive(graph, journal)
    assert (ended.status, ended.state["m"]) == (
        RunStatus.COMPLETED,
        [TAKEN[1], TAKEN[3], TAKEN[1], TAKEN[2]],
    )


def test_an_answer_names_the_item_in_the_journal():
    graph = map_graph()
    journal = journal_of(graph, [2, 3])
    drive(graph, journal)
    answer(graph, journal, 1)

    closed = [e for e in journal.events if e.kind == "wait.closed"]

    assert [(e.data["item"], e.data["how"], e.data["by"]) for e in closed] == [
        (1, "answered", "ann")
    ]


def test_a_run_cut_after_any_event_asks_nothing_twice():
    graph = map_graph(max_concurrency=2)
    whole = play(graph, {"xs": [1, 2, 3]}, registry=TOOLS, answers={"m": {"ok": True}})
    events = through_json([Event.from_dict(e) for e in whole.events])

    for cut in range(1, len(events) + 1):
        journal = MemoryJournal([Event.from_dict(raw) for raw in events[:cut]])
        while drive(graph, journal).status is RunStatus.WAITING:
            answer(graph, journal, *open_waits(graph, journal))
        ended = fold(graph, through_json(journal.events))

        assert (ended.status, ended.state) == (RunStatus.COMPLETED, whole.state), f"cut at {cut}"
        opened = waits_of([e.as_dict() for e in journal.events])
        assert len({wait["id"] for wait in opened}) == len(opened) == 2


ENDS = {
    "all answered": ({}, [1, 2, 3]),
    "one fails": ({}, [1, 2, -1, 3]),
    "one fails among two": ({"max_concurrency": 2}, [1, -1, 3]),
    "enough": ({"complete_when": "done >= 1"}, [1, 2, 3]),
    "collected": ({"on_item_error": "collect"}, [1, -1, 3]),
}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("case", ENDS)
def test_a_fold_and_a_snapshot_equal_the_live_marking_after_every_append(case, seed):
    more, xs = ENDS[case]
    graph = map_graph(**more)
    journal = RecordingJournal()
    created = new_run(graph, {"xs": xs})
    journal.append([created])
    driver = Driver(graph, TOOLS, journal, folded=fold(graph, [created]), schedule_seed=seed)
    journal.marking = driver._marking

    assert driver.advance()
    for index, wait in open_waits(graph, journal).items():
        driver.notify(answered("m", wait, {"ok": bool(index)}))
        journal.events.append(answered("m", wait, {"ok": bool(index)}))
        driver.advance()

    events = through_json(journal.events)
    for count, live in journal.seen:
        folded = fold(graph, events[:count])
        assert json.loads(json.dumps(dump(folded.marking))) == live
        restored = restore(graph, take(folded))
        assert json.loads(json.dumps(dump(restored.marking))) == live


@pytest.mark.parametrize(
    ("policy", "result"),
    [("collect", ["E_TIMEOUT", 2]), ("skip", [2])],
)
def test_an_item_that_nobody_answers_in_time_has_failed(policy, result):
    graph = map_graph(on_item_error=policy)

    ended = run(graph, {"xs": [1, 2]}, registry=LATE, clock=VirtualClock())

    assert ended.status == "completed"
    told = [item["error"]["code"] if "error" in item else item["x"] for item in ended.state["m"]]
    assert told == result


def test_a_map_that_failed_so_asks_the_same_again_when_it_is_resumed():
    graph, clock = map_graph(), VirtualClock()
    ended = run(graph, {"xs": [1, 2]}, registry=LATE, clock=clock)
    assert (ended.status, ended.error.code) == ("failed", "E_TIMEOUT")
    journal = MemoryJournal([Event.from_dict(e) for e in ended.events])

    resume(journal)
    assert drive(graph, journal, clock, LATE).status is RunStatus.WAITING
    assert open_waits(graph, journal)[0]["title"] == "Take 1?"
    answer(graph, journal, 0)

    assert drive(graph, journal, clock, LATE).state["m"] == [TAKEN[1], TAKEN[2]]


def test_nobody_is_waited_for_once_an_item_has_failed_and_a_retry_finds_the_question_open():
    mended = []

    def ask(ctx, x):
        return approve(ctx, abs(x) if mended else x)

    tools = registry_of({"ask": ask})
    graph = map_graph()
    journal = journal_of(graph, [1, -2, 3])

    failed = drive(graph, journal, registry=tools)
    assert (failed.status, failed.error.code) == (RunStatus.FAILED, "E_TOOL")
    mended.append(True)
    resume(journal)
    assert drive(graph, journal, registry=tools).status is RunStatus.WAITING
    assert len(waits_of([e.as_dict() for e in journal.events])) == 2, "asked once each"
    answer(graph, journal, 0, 2)

    ended = drive(graph, journal, registry=tools)
    assert ended.state["m"] == [TAKEN[1], TAKEN[2], TAKEN[3]]


def test_an_answer_that_comes_while_the_map_is_failing_is_kept_for_the_retry():
    graph = map_graph()
    journal = journal_of(graph, [1, -2])
    drive(graph, journal)
    events = list(journal.events)
    at = next(n for n, e in enumerate(events) if e.kind == "attempt.failed") + 1
    before = fold(graph, events[:at])
    (wait,) = [a.waits[0] for a in before.marking.waiting.values() if a.waits]
    kept = MemoryJournal([*events[:at], answered("m", wait, {"ok": True})])

    assert drive(graph, kept).status is RunStatus.FAILED
    resume(kept)
    ended = drive(graph, kept, registry=registry_of({"ask": lambda ctx, x: approve(ctx, abs(x))}))

    assert ended.state["m"] == [TAKEN[1], TAKEN[2]]


@pytest.mark.parametrize(
    ("more", "edge", "xs"),
    [
        ({"complete_when": "done >= 1"}, {}, [1, 2, 3]),
        ({}, {"on": "error"}, [1, -2]),
    ],
)
def test_questions_that_nobody_needs_any_more_are_withdrawn(more, edge, xs):
    graph = map_graph({"after": {"type": "noop"}}, [("m", "after", edge)], **more)

    result = run(graph, {"xs": xs}, registry=TOOLS)

    closed = [e["data"] for e in result.events if e["k"] == "wait.closed"]
    opened = [wait["id"] for wait in waits_of(result.events)]
    assert result.status == "completed"
    assert result.activations["after"] == 1
    assert [(data["wait"], data["how"]) for data in closed] == [
        (name, "dropped") for name in opened
    ]
    assert fold(graph, result.events).marking.waiting == {}


def test_an_answer_to_what_was_withdrawn_changes_nothing():
    graph = map_graph({"h": {"type": "human"}}, [("m", "h")], complete_when="done >= 1")
    journal = journal_of(graph, [2, 1])
    drive(graph, journal)
    opened = [e for e in journal.events if e.kind == "wait.opened" and "item" in e.data]

    for event in opened:
        journal.append([answered("m", event.data["waits"][0], {"ok": True})])

    assert drive(graph, journal).status is RunStatus.WAITING


def test_the_items_of_a_branch_that_lost_a_race_ask_nobody():
    graph = graph_of(
        {
            "fast": {"type": "set", "set": {"won": "true"}},
            "slow": {"type": "wait", "for": "1s"},
            "m": {"type": "map", "over": "[1, 2, 3]", "as": "x", "body": {"tool": "ask"}},
            "j": {"type": "noop", "join": {"policy": "first"}},
        },
        [("fast", "j"), ("slow", "m"), ("m", "j")],
        entry=["fast", "slow"],
    )

    result = run(graph, {}, registry=TOOLS, clock=VirtualClock())

    assert (result.status, result.error) == ("completed", None)
    assert [wait["kind"] for wait in waits_of(result.events)] == ["timer"]


def test_a_map_that_waits_when_it_loses_a_race_withdraws_its_questions():
    graph = graph_of(
        {
            "slow": {"type": "wait", "for": "1s"},
            "m": {"type": "map", "over": "[1, 3]", "as": "x", "body": {"tool": "ask"}},
            "j": {"type": "noop", "join": {"policy": "first"}},
        },
        [("slow", "j"), ("m", "j")],
        entry=["slow", "m"],
    )

    result = run(graph, {}, registry=TOOLS, clock=VirtualClock())

    closed = [e["data"]["how"] for e in result.events if e["k"] == "wait.closed"]
    assert (result.status, sorted(closed)) == ("completed", ["dropped", "dropped", "fired"])


def test_a_cancelled_run_asks_nobody_any_more():
    graph = map_graph()
    journal = journal_of(graph, [1, 3])
    drive(graph, journal)
    journal.append([Event(EventKind.RUN_CANCEL_REQUESTED, {})])

    assert drive(graph, journal).status is RunStatus.CANCELLED
