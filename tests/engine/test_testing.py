"""The test kit: fakes, paths and the shuffle test."""

import asyncio
import re
from itertools import count
from pathlib import Path

import pytest

from engine import ToolRegistry, VirtualClock, run
from engine.testing import FakeTools, ashuffle, assert_path, path_of, shuffle, unpinned
from tests.engine.helpers import graph_of, registry_of

DOCS = Path(__file__).resolve().parents[2] / "docs" / "testing-workflows.md"
FORK = [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]
NODES = {"a": {"type": "noop"}, "b": "b", "c": "c", "d": {"type": "end"}}


def fork(**more):
    return graph_of(NODES, FORK, **more)


def test_branches_that_do_not_meet_are_the_same_in_every_order():
    registry = registry_of({"b": lambda: {"b": 1}, "c": lambda: {"c": 2}})

    report = shuffle(fork(), registry=registry, schedules=30)

    assert (report.ok, report.schedules, report.status) == (True, 30, "completed")
    assert report.summary == "30 schedules, all completed in the same way"


def racing():
    """Two tools that share a number behind the engine's back: who is first gets the lower one."""
    numbers = count()
    return registry_of(
        {"b": lambda: {"b": next(numbers) % 2}, "c": lambda: {"c": next(numbers) % 2}}
    )


def test_a_race_is_found_and_named():
    report = shuffle(fork(), registry=racing(), schedules=30)

    assert not report.ok
    assert "depends on timing" in report.summary
    changes = {change["path"]: change for change in report.differences[0].changes}
    assert set(changes) == {"state.b", "state.c"}
    assert {changes["state.b"]["first"], changes["state.b"]["here"]} == {0, 1}


def test_a_pinned_node_is_not_called():
    registry = registry_of({"b": lambda: 1 / 0, "c": lambda: {"c": 2}})

    assert shuffle(fork(), registry=registry, schedules=5).status == "failed"
    pinned = shuffle(fork(), registry=registry, schedules=5, pinned={"b": {"b": 1}})
    assert (pinned.ok, pinned.status, pinned.error) == (True, "completed", None)


def test_runs_that_fail_alike_agree_and_tell_why():
    def broken():
        raise ValueError("no")

    report = shuffle(fork(), registry=registry_of({"b": broken, "c": broken}), schedules=10)

    assert (report.ok, report.status) == (True, "failed")
    assert report.error["code"] == "E_TOOL"


def test_hours_of_retries_pass_at_once():
    fakes = FakeTools({"c": {"c": 1}})
    fakes.answer("b", {"b": 1}, fails=10**9)
    nodes = {**NODES, "b": {"type": "tool", "tool": "b", "retry": {"initial": "1h", "max": "9h"}}}

    assert shuffle(graph_of(nodes, FORK), registry=fakes, schedules=3).status == "failed"
    assert len(fakes.calls_of("b")) == 9


def test_the_same_seed_gives_the_same_schedule():
    def differing():
        return [d.seed for d in shuffle(fork(), registry=racing(), schedules=20).differences]

    assert differing() == differing()


async def test_it_stops_when_its_time_is_up():
    async def slow():
        await asyncio.sleep(30)

    registry = registry_of({"b": slow, "c": slow})
    report = await ashuffle(fork(), registry=registry, schedules=5, max_seconds=0.05)

    assert (report.ok, report.schedules, report.status) == (False, 0, "unfinished")


def test_tools_that_really_wait_do_not_let_time_jump():
    async def slow():
        for _ in range(20):
            await asyncio.sleep(0)
        return {"b": 1}

    nodes = {**NODES, "b": {"type": "tool", "tool": "b", "timeout": "1s"}}
    registry = registry_of({"b": slow, "c": lambda: {"c": 2}})

    report = shuffle(graph_of(nodes, FORK), registry=registry, schedules=10)

    assert (report.ok, report.status) == (True, "completed")


def test_at_least_one_schedule():
    with pytest.raises(ValueError, match="at least 1"):
        shuffle(fork(), registry=racing(), schedules=0)


def test_what_acts_on_the_world_is_named():
    registry = registry_of({"b": lambda: None}, "idempotent")
    nodes = {**NODES, "e": {"type": "tool", "tool": "b", "effect": "pure"}}
    graph = graph_of(nodes, [*FORK, ("a", "e")])

    assert unpinned(graph, registry) == ["b", "c"], "c is not known, e says that it is pure"
    assert unpinned(graph, registry, {"b": 1, "c": None}) == []


MAP = {"type": "map", "over": "xs", "as": "x", "body": {"tool": "b"}}


@pytest.mark.parametrize(
    ("effect", "more", "named"),
    [
        ("pure", {}, []),
        ("idempotent", {}, ["m"]),
        ("idempotent", {"body": {"tool": "b", "effect": "pure"}}, []),
        ("pure", {"body": {"tool": "unknown"}}, ["m"]),
        ("pure", {"body": {"workflow": "other"}}, ["m"]),
    ],
)
def test_a_map_acts_on_the_world_if_its_body_does(effect, more, named):
    registry = registry_of({"b": lambda x: x}, effect)

    assert unpinned(graph_of({"m": {**MAP, **more}}, [], "m"), registry) == named


def test_only_times_may_be_waited_for_without_a_pin():
    timer = {"type": "wait", "for": "2h"}
    nodes = {"t": timer, "s": {"type": "wait", "signal": "go"}, "h": {"type": "human"}}
    graph = graph_of(nodes, [("t", "s"), ("s", "h")], "t")

    assert unpinned(graph, ToolRegistry()) == ["s", "h"]


def test_items_and_timers_are_shuffled_too():
    graph = graph_of(
        {"a": {"type": "noop"}, "m": MAP, "w": {"type": "wait", "for": "2h"}, "c": "c"},
        [("a", "m"), ("a", "w"), ("w", "c")],
    )
    registry = registry_of({"b": lambda x: x * 2, "c": lambda: {"c": 1}})

    report = shuffle(graph, {"xs": [1, 2, 3]}, registry=registry, schedules=10)

    assert (report.ok, report.status) == (True, "completed")


def test_fakes_answer_and_remember():
    fakes = FakeTools({"shop.find": {"price": 3}, "shop.pay": lambda price, ctx: {"paid": price}})
    graph = graph_of(
        {
            "find": {"type": "tool", "tool": "shop.find", "inputs": {"q": "'tea'"}},
            "pay": "shop.pay",
        },
        [("find", "pay")],
        entry="find",
    )

    result = run(graph, registry=fakes, clock=VirtualClock())

    assert result.state == {"price": 3, "paid": 3}
    assert [(call.tool, call.inputs) for call in fakes.calls] == [
        ("shop.find", {"q": "tea"}),
        ("shop.pay", {"price": 3}),
    ]


def test_a_fake_fails_and_then_works():
    fakes = FakeTools()
    fakes.answer("b", {"ok": True}, fails=2)

    result = run(graph_of({"a": "b"}, []), registry=fakes, clock=VirtualClock())

    assert (result.state, len(fakes.calls)) == ({"ok": True}, 3)


def test_a_fake_may_raise_every_time():
    fakes = FakeTools({"b": PermissionError("no")})

    result = run(graph_of({"a": "b"}, []), registry=fakes, clock=VirtualClock())

    assert result.error.details["type"] == "PermissionError"


def test_a_fake_like_a_real_tool_has_its_parameters_and_effect():
    real = ToolRegistry()
    real.register("mail.send", lambda to, body="": None, "once")

    fakes = FakeTools({"mail.send": None}, like=real)
    run(graph_of({"a": "mail.send"}, []), {"to": "ann"}, registry=fakes)

    assert fakes.get("mail.send").effect == "once"
    assert fakes.calls_of("mail.send") == [{"to": "ann"}]


def test_a_transactional_tool_has_stand_ins_too():
    """They run on the event loop, where no transaction can be."""
    real = registry_of({"b": lambda: None, "c": lambda: None})
    real.register("orders.make", lambda: None, "transactional")

    assert FakeTools({"orders.make": {"n": 1}}, like=real).get("orders.make").effect == "idempotent"
    assert shuffle(fork(), registry=real, schedules=2).ok


def test_a_fake_needs_no_process_of_its_own():
    """What stands in for a tool is a function of the test: no other process could find it."""
    fakes = FakeTools({"ci.test": {"passed": True}})
    node = {"type": "tool", "tool": "ci.test", "isolation": "process", "timeout": "10m"}
    body = {"tool": "ci.test", "isolation": "process"}
    graph = graph_of(
        {"a": node, "b": {"type": "map", "over": "[1, 2]", "body": body}}, [("a", "b")]
    )

    result = run(graph, registry=fakes, clock=VirtualClock())

    assert result.state == {"passed": True, "b": [{"passed": True}, {"passed": True}]}
    assert len(fakes.calls) == 3
    assert shuffle(graph, registry=fakes, schedules=2).status == "completed"


def test_an_answer_cannot_be_changed_by_who_gets_it():
    answer = {"docs": []}
    fakes = FakeTools({"find": answer})

    async def twice():
        first = await fakes.get("find").function()
        first["docs"].append(1)
        return await fakes.get("find").function()

    assert asyncio.run(twice()) == {"docs": []}


def test_the_path_of_a_run():
    result = run(fork(), registry=registry_of({"b": lambda: None, "c": lambda: None}))

    assert path_of(result)[0] == "a"
    assert_path(result, ["a", {"b", "c"}, "d"])


def test_another_path_is_shown_as_a_diff():
    result = run(fork(), registry=registry_of({"b": lambda: None, "c": lambda: None}))

    with pytest.raises(AssertionError) as caught:
        assert_path(result, ["a", "x", {"b", "c"}, "d"])

    lines = str(caught.value).splitlines()
    assert "- x" in lines
    assert "  d" in lines
    assert lines[-1] == "it is completed"


def test_the_examples_of_the_docs_run():
    examples = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)

    names: dict[str, object] = {}
    for example in examples:
        exec(compile(example, str(DOCS), "exec"), names)
    tests = [value for name, value in names.items() if name.startswith("test_")]
    for test in tests:
        test()

    assert len(tests) >= 3
