"""Tools that ask a person: `return ctx.ask(form, memo)`."""

import asyncio
import json
import time

import pytest

from engine import (
    Driver,
    Event,
    EventKind,
    Graph,
    MemoryJournal,
    PinRefused,
    ToolRegistry,
    VirtualClock,
    arun,
    fold,
    new_run,
    run,
)
from engine.planning.waits import answered
from engine.policies import RunStatus
from engine.telling.explaining import reasons
from engine.testing import FakeTools, play
from tests.engine import isolated_tools
from tests.engine.helpers import RecordingJournal, dump, graph_of, registry_of, through_json

FORM = {"type": "object", "required": ["ok"], "properties": {"ok": {"type": "boolean"}}}
ONE = graph_of({"a": "ask", "b": "after"}, [("a", "b")])


def approve(ctx, amount):
    """Asks until somebody says yes, and remembers how often it did."""
    if ctx.answer is None:
        return ctx.ask(FORM, {"asked": 1}, title=f"Pay {amount}?")
    if not ctx.answer["ok"]:
        return ctx.ask(FORM, {"asked": ctx.memo["asked"] + 1}, title=f"Really not pay {amount}?")
    return {"approved": True, "asked": ctx.memo["asked"], "attempt": ctx.attempt}


def after(approved=False):
    return {"after": approved}


async def approve_later(ctx, amount):
    await asyncio.sleep(0)
    return approve(ctx, amount)


def registry(ask=approve, effect="pure"):
    return registry_of({"ask": ask, "after": after}, effect)


def waits_of(events):
    return [e["data"]["waits"][0] for e in events if e["k"] == "wait.opened"]


@pytest.mark.parametrize("ask", [approve, approve_later])
@pytest.mark.parametrize("effect", ["pure", "idempotent", "once"])
def test_a_tool_is_called_again_with_the_answer_and_its_memo(ask, effect):
    tools = registry(ask, effect)

    result = play(ONE, {"amount": 7}, registry=tools, answers={"a": [{"ok": False}, {"ok": True}]})

    assert result.status == "completed"
    assert result.state == {"amount": 7, "approved": True, "asked": 2, "attempt": 3, "after": True}
    assert [e["k"] for e in result.events if e["node"] == "a"] == [
        *("attempt.started", "wait.opened", "wait.closed") * 2,
        *("attempt.started", "attempt.succeeded"),
    ]
    assert result.activations == {"a": 1, "b": 1}
    first, second = waits_of(result.events)
    assert (first["id"], first["title"], first["form"]) == ("1.1", "Pay 7?", FORM)
    assert (second["id"], second["title"]) == ("1.2", "Really not pay 7?")


@pytest.mark.parametrize("how", [run, lambda *args, **more: asyncio.run(arun(*args, **more))])
def test_a_run_whose_tool_asks_rests(how):
    result = how(ONE, {"amount": 7}, registry=registry())

    assert (result.status, result.state) == ("waiting", {"amount": 7})
    (told,) = reasons(fold(ONE, result.events).marking, [])
    assert (told["what"], told["node"], told["title"]) == ("human", "a", "Pay 7?")


def test_a_tool_in_a_process_of_its_own_asks_too():
    graph = graph_of({"a": {"type": "tool", "tool": "t", "isolation": "process"}}, [])
    tools = registry_of({"t": isolated_tools.asking})

    result = play(graph, {"amount": 7}, registry=tools, answers={"a": {"yes": 1}})

    assert result.status == "completed", result.error
    assert (result.state["memo"]["amount"], result.state["answer"]) == (7, {"yes": 1})
    assert result.state["other"] is True


def test_fakes_ask_as_real_tools_do():
    fakes = FakeTools({"ask": approve, "after": {}})

    result = play(ONE, {"amount": 7}, registry=fakes, answers={"a": {"ok": True}})

    assert (result.status, result.state["asked"]) == ("completed", 1)
    assert fakes.calls_of("ask") == [{"amount": 7}, {"amount": 7}]


@pytest.mark.parametrize("name", ["x", "h/ask", ""])
def test_play_refuses_an_answer_for_nobody(name):
    graph = graph_of({"h": {"type": "human", "form": FORM}}, [], entry="h")

    with pytest.raises(ValueError, match=r"answers: the graph has no node '.*'; its nodes: h$"):
        play(graph, {}, answers={"h": {"ok": True}, name: {"ok": True}})


def test_play_answers_human_nodes_and_leaves_open_what_it_has_no_answer_for():
    graph = graph_of(
        {"h": {"type": "human", "form": FORM}, "i": {"type": "human", "form": FORM}},
        [("h", "i")],
        entry="h",
    )

    half = play(graph, {}, answers={"h": lambda wait: {"ok": wait["title"] == "h"}})

    assert (half.status, half.state) == ("waiting", {"ok": True})
    with pytest.raises(AssertionError, match="its form refuses"):
        play(graph, {}, answers={"h": {}})


# Retries and losses -----------------------------------------------------------------------------


def test_a_failure_after_the_answer_is_retried_with_the_same_answer():
    calls = []

    def shaky(ctx):
        calls.append((ctx.attempt, ctx.answer, ctx.memo))
        if ctx.answer is None:
            return ctx.ask(FORM, "m")
        if len(calls) < 4:
            raise ConnectionError("not yet")
        return {"got": ctx.answer["ok"]}

    node = {"type": "tool", "tool": "ask", "retry": {"max_attempts": 3, "initial": "1s"}}
    graph = graph_of({"a": node}, [])

    result = play(graph, {}, registry=registry(shaky), answers={"a": {"ok": True}})

    assert (result.status, result.state) == ("completed", {"got": True})
    answer = {"ok": True}
    assert calls == [(1, None, None), (2, answer, "m"), (3, answer, "m"), (4, answer, "m")]


def test_attempts_before_the_question_do_not_use_up_those_after_it():
    calls = []

    def shaky(ctx):
        calls.append(ctx.attempt)
        if len(calls) in (1, 3):
            raise ConnectionError("not yet")
        return ctx.ask(FORM) if ctx.answer is None else {"done": len(calls)}

    node = {"type": "tool", "tool": "ask", "retry": {"max_attempts": 2, "initial": "1s"}}
    graph = graph_of({"a": node}, [])

    result = play(graph, {}, registry=registry(shaky), answers={"a": {"ok": True}})

    assert (result.status, result.state, calls) == ("completed", {"done": 4}, [1, 2, 3, 4])


def test_what_a_tool_does_to_its_memo_or_answer_is_its_own():
    seen = []

    def spoils(ctx):
        if ctx.answer is None:
            return ctx.ask(FORM, {"list": []})
        seen.append((dict(ctx.answer), list(ctx.memo["list"])))
        ctx.memo["list"].append(1)
        ctx.answer["ok"] = "spoilt"
        if len(seen) < 2:
            raise ConnectionError("again")
        return {"n": len(seen)}

    result = play(
        graph_of({"a": {"type": "tool", "tool": "ask", "retry": {"max_attempts": 2}}}, []),
        {},
        registry=registry(spoils),
        answers={"a": {"ok": True}},
    )

    assert (result.status, seen) == ("completed", [({"ok": True}, [])] * 2)


# Too late ---------------------------------------------------------------------------------------


def late(ctx):
    if ctx.answer is None:
        return ctx.ask(FORM, "m", due="48h")
    return {"said": ctx.answer["ok"], "memo": ctx.memo}


@pytest.mark.parametrize(("on", "after"), [("timeout", True), ("error", True), (None, False)])
def test_a_question_that_nobody_answers_in_time_takes_the_timeout_edge(on, after):
    graph = graph_of({"a": "ask", "b": "after"}, [("a", "b", {"on": on} if on else {})])

    result = run(graph, {}, registry=registry(late), clock=VirtualClock())

    assert ("after" in result.state) is after
    if on is None:
        assert (result.status, result.error.code) == ("failed", "E_TIMEOUT")


def test_a_run_that_failed_so_asks_the_same_again_when_it_is_resumed():
    graph = graph_of({"a": "ask"}, [])
    journal = MemoryJournal()
    journal.append([new_run(graph, {})])
    clock = VirtualClock()
    tools = registry(late)
    assert drive(graph, journal, tools, clock).status is RunStatus.FAILED

    journal.append([Event(EventKind.RUN_RESUMED, {}, time=clock.now())])
    assert fold(graph, journal.events).status is RunStatus.RUNNING
    opened = drive_until_it_asks(graph, journal, tools, clock)
    journal.append([answered("a", opened, {"ok": True})])

    ended = drive(graph, journal, tools, clock)

    assert opened["id"] == "1.2"
    assert (ended.status, ended.state) == ("completed", {"said": True, "memo": "m"})


def drive(graph, journal, tools, clock, **more):
    driver = Driver(graph, tools, journal, folded=fold(graph, journal.events), clock=clock, **more)
    return asyncio.run(asyncio.wait_for(driver.drive(), 10))


def drive_until_it_asks(graph, journal, tools, clock):
    drive(graph, journal, tools, clock, park_after_s=1.0)
    return [e for e in journal.events if e.kind == "wait.opened"][-1].data["waits"][0]


# What cannot be asked ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda ctx: ctx.ask({"type": "string"}), "is an object"),
        (lambda ctx: ctx.ask({"properties": 7}), "no JSON Schema"),
        (lambda ctx: ctx.ask(FORM, object()), "memo"),
        (lambda ctx: ctx.ask(FORM, assignees={"user": "ann"}), "assignees are"),
        (lambda ctx: ctx.ask(FORM, due="soon"), "soon"),
        (lambda ctx: ctx.ask(FORM, title=7), "title is text"),
        (lambda ctx: {"question": ctx.ask(FORM)}, "question"),
    ],
)
def test_what_cannot_be_asked_fails_the_attempt_and_says_why(ask, said):
    result = run(graph_of({"a": "ask"}, []), {}, registry=registry_of({"ask": ask}))

    assert result.status == "failed"
    assert said in result.error.message


def test_a_tool_that_changed_its_state_cannot_ask():
    def both(ctx, state):
        state["n"] = 1
        return ctx.ask(FORM)

    result = run(graph_of({"a": "ask"}, []), {}, registry=registry_of({"ask": both}))

    assert (result.status, result.error.code) == ("failed", "E_AMBIGUOUS_WRITE")
    assert "memo" in result.error.message


def test_a_branch_that_lost_a_race_asks_nobody():
    graph = Graph.from_dict({
        "format": "treadle/1", "key": "race", "entry": ["fast", "slow"],
        "nodes": {"fast": {"type": "set", "set": {"won": "true"}},
                  "slow": {"type": "wait", "for": "1s"},
                  "a": {"type": "tool", "tool": "ask"},
                  "j": {"type": "noop", "join": {"policy": "first"}}},
        "edges": [{"from": "fast", "to": "j"}, {"from": "slow", "to": "a"},
                  {"from": "a", "to": "j"}]})  # fmt: skip

    result = run(graph, {"amount": 1}, registry=registry(), clock=VirtualClock())

    assert (result.status, result.state) == ("completed", {"amount": 1, "won": True})
    assert [wait["kind"] for wait in waits_of(result.events)] == ["timer"]


# Cut anywhere -----------------------------------------------------------------------------------


@pytest.mark.parametrize("effect", ["pure", "once"])
def test_a_run_cut_after_any_event_asks_and_goes_on_alike(effect):
    tools = ToolRegistry()
    tools.register("ask", approve_later, effect=effect)
    tools.register("after", after, effect="pure")
    journal = RecordingJournal()
    journal.append([new_run(ONE, {"amount": 7}, now=time.time())])
    said = [False, True]

    def go_on(journal, said, record=False):
        while True:
            driver = Driver(ONE, tools, journal, folded=fold(ONE, journal.events))
            if record:
                journal.marking = driver._marking
            ended = asyncio.run(asyncio.wait_for(driver.drive(), 10))
            if ended.status is not RunStatus.WAITING:
                return ended
            if record:
                journal.marking = None
            (wait,) = driver._marking.activations[1].waits
            event = answered("a", wait, {"ok": said[int(wait["id"][-1]) - 1]})
            event.time = time.time()
            journal.append([event])

    whole = go_on(journal, said, record=True)
    events = through_json(journal.events)
    assert whole.state["asked"] == 2

    for count, live in journal.seen:
        assert json.loads(json.dumps(dump(fold(ONE, events[:count]).marking))) == live
    for cut in range(1, len(events)):
        folded = fold(ONE, events[:cut])
        left = MemoryJournal([Event.from_dict(raw) for raw in events[:cut]])
        if effect == "once" and [node for node, _, _ in folded.in_flight] == ["a"]:
            assert go_on(left, said).status is RunStatus.PAUSED
            continue
        ended = go_on(left, said)
        assert ended.status is whole.status, (cut, ended.error)
        assert {**ended.state, "attempt": 0} == {**whole.state, "attempt": 0}, cut


# Questions of the workflows that a run starts -------------------------------------------------

INNER = graph_of(
    {
        "ask": {"type": "human", "form": {"type": "object", "required": ["ok"]}, "due": "48h"},
        "late": {"type": "set", "set": {"said": "'nobody'"}},
        "done": {"type": "set", "set": {"said": "ok ? 'yes' : 'no'"}},
    },
    [("ask", "done"), ("ask", "late", {"on": "timeout"})],
    entry="ask",
    key="inner",
)


def calling(workflow="inner", **more):
    node = {"type": "subgraph", "workflow": workflow, "out": {"said": "state.said"}, **more}
    return graph_of({"s": node}, [], entry="s", key="outer")


MIDDLE = graph_of(
    {"m": {"type": "subgraph", "workflow": "inner", "out": {"said": "state.said"}}},
    [], entry="m", key="middle",
)  # fmt: skip
TABLE = {"inner": INNER, "middle": MIDDLE}


@pytest.mark.parametrize(("workflow", "name"), [("inner", "s/ask"), ("middle", "s/m/ask")])
def test_play_answers_in_the_runs_that_a_run_starts(workflow, name):
    result = play(calling(workflow), answers={name: {"ok": True}}, workflows=TABLE)

    assert (result.status, result.error, result.state) == ("completed", None, {"said": "yes"})
    (child,) = result.children.values()
    assert child.status == "completed"
    assert len(child.children) == (workflow == "middle")


@pytest.mark.parametrize("workflow", ["inner", "middle"])
def test_nobody_answers_a_child_in_time(workflow):
    clock = VirtualClock()
    began = clock.now()

    result = play(calling(workflow), answers={}, workflows=TABLE, clock=clock)

    assert (result.status, result.state) == ("completed", {"said": "nobody"})
    assert clock.now() - began == 48 * 3_600


def test_play_leaves_open_what_a_child_asks_without_a_time():
    child = graph_of({"h": {"type": "human", "form": {}}}, [], entry="h", key="inner")

    result = play(calling(), answers={}, workflows={"inner": child})

    assert result.status == "waiting"
    with pytest.raises(ValueError, match="no node 'h'"):
        play(calling(), answers={"h": {}}, workflows={"inner": child})
    assert [each.status for each in result.children.values()] == ["waiting"]


def test_play_answers_the_children_of_a_map_one_after_the_other():
    node = {"type": "map", "over": "[1, 2, 3]", "body": {"workflow": "inner"}, "max_concurrency": 2,
            "collect": {"all": "results.map(r, r.said)"}}  # fmt: skip
    answers = {"each/ask": [{"ok": True}, {"ok": False}, {"ok": True}]}

    result = play(graph_of({"each": node}, [], entry="each"), answers=answers, workflows=TABLE)

    assert (result.status, result.state["all"]) == ("completed", ["yes", "no", "yes"])
    assert [each.status for each in result.children.values()] == ["completed"] * 3


def test_play_pins_in_the_children_and_calls_their_tools():
    child = graph_of({"fetch": "fetch", "use": "use"}, [("fetch", "use")], key="inner",
                     entry="fetch")  # fmt: skip
    fakes = FakeTools({"use": lambda n: {"said": n + 1}})

    result = play(
        calling(), answers={}, registry=fakes, workflows={"inner": child},
        pinned={"s/fetch": {"n": 4}},
    )  # fmt: skip

    assert (result.status, result.state) == ("completed", {"said": 5})
    with pytest.raises(PinRefused):
        play(calling(), answers={}, workflows=TABLE, pinned={"s/fetch": 1})


def test_an_item_of_a_queued_map_asks_by_the_name_of_its_node():
    node = {
        "type": "map",
        "over": "[1, 3]",
        "as": "x",
        "dispatch": "queue",
        "body": {"tool": "ask"},
    }
    tools = registry(lambda ctx, x: ctx.answer["ok"] if ctx.answer else ctx.ask(FORM))
    body = {**node, "body": {"tool": "ask", "inputs": {"x": "x"}}}

    result = play(
        graph_of({"each": body}, [], entry="each"), {}, registry=tools,
        answers={"each/each": {"ok": True}},
    )  # fmt: skip

    assert (result.status, result.error, result.state["each"]) == ("completed", None, [True, True])
