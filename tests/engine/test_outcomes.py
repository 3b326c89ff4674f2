"""A tool that must not be called twice was cut: a person says what became of it."""

import asyncio
import json
import time

import pytest

from engine import (
    Driver,
    Event,
    EventKind,
    Fenced,
    MemoryJournal,
    VirtualClock,
    fold,
    new_run,
    replay,
)
from engine.planning import outcomes, unknowns
from engine.planning.outcomes import decided, is_adoptable
from engine.policies import OutcomeChoice, RunStatus
from engine.steering.forking import fork
from engine.steering.moving import moved
from engine.telling.explaining import reasons
from tests.engine.helpers import dump, graph_of, registry_of, through_json
from tests.engine.test_snapshots import assert_every_prefix_can_be_skipped
from tests.engine.test_subgraphs import World

ADOPT, DONE, RETRY, SKIP, FAIL = OutcomeChoice
LATE = {"ok": True, "fence": 1, "ops": [["set", "paid", "late"]]}
CHARGE = {"type": "tool", "tool": "charge", "effect": "once"}
TOLD = {"type": "tool", "tool": "tell"}


class Cut:
    """A run whose driver dies whenever it is told to, with all calls that are under way."""

    def __init__(self, graph, state=None, **tools):
        self.graph = graph
        self.calls = []
        self.cut = True
        self.events = []
        MemoryJournal(self.events).append([new_run(graph, state or {}, now=time.time())])
        self.registry = registry_of({"charge": self._charge, "tell": lambda: None, **tools})

    async def _charge(self, ctx, what="it"):
        self.calls.append((ctx.node, what, ctx.attempt, ctx.idempotency_key))
        while self.cut:
            await asyncio.sleep(3600)
        return {"paid": f"called {ctx.attempt}"}

    def driver(self):
        journal = MemoryJournal(self.events)
        return Driver(self.graph, self.registry, journal, folded=self.folded(), run_id="r")

    def folded(self):
        return fold(self.graph, through_json(self.events))

    async def die(self, calls):
        """Drive until so many calls of `charge` are under way, and go away."""
        driver = self.driver()
        driving = asyncio.ensure_future(driver.drive())
        while len(self.calls) < calls:
            assert not driving.done(), driving.result()
            await asyncio.sleep(0)
        # What a process that is killed would have written is all that stands there now.
        written = list(self.events)
        driving.cancel()
        await asyncio.gather(driving, return_exceptions=True)
        self.events[:] = written
        self.cut = False
        return await self.drive()

    async def drive(self):
        return await asyncio.wait_for(self.driver().drive(), 20)

    def unknown(self):
        return unknowns.undecided(self.folded().marking)

    def decide(self, choice, at=0, **more):
        self.say(decided(self.unknown()[at], choice, **more))

    def say(self, *events):
        for event in events:
            event.time = event.time or time.time()
        MemoryJournal(self.events).append(events)

    def resume(self):
        self.say(Event(EventKind.RUN_RESUMED, {}))
        return self.drive()

    def kinds(self, node):
        return [str(e.kind) for e in self.events if e.node == node]


def sequence(**more):
    nodes = {"a": {**CHARGE, **more.pop("node", {})}, "b": TOLD, "c": TOLD}
    return graph_of(nodes, [("a", "b"), ("a", "c", {"on": "error"})], **more)


GIVEN = {
    ADOPT: {"late": LATE},
    DONE: {"output": {"paid": "by hand"}},
    RETRY: {},
    SKIP: {},
    FAIL: {},
}
LEAVES = {
    ADOPT: ({"paid": "late"}, "b"),
    DONE: ({"paid": "by hand"}, "b"),
    RETRY: ({"paid": "called 2"}, "b"),
    SKIP: ({}, "b"),
    FAIL: ({}, "c"),
}


@pytest.mark.parametrize("choice", OutcomeChoice)
async def test_a_step_goes_on_as_a_person_said(choice):
    run = Cut(sequence())
    stopped = await run.die(1)
    assert (stopped.status, stopped.error.code) == (RunStatus.PAUSED, "E_OUTCOME_UNKNOWN")

    run.decide(choice, by="ann", note="looked it up", **GIVEN[choice])
    ended = await run.resume()

    state, went = LEAVES[choice]
    assert (ended.status, ended.state) == (RunStatus.COMPLETED, state)
    assert run.kinds(went) != []
    assert run.kinds({"b": "c", "c": "b"}[went]) == []
    assert [call[2] for call in run.calls] == ([1, 2] if choice is RETRY else [1])
    assert len({call[3] for call in run.calls}) == 1
    said = next(e for e in run.events if e.kind is EventKind.OUTCOME_DECIDED)
    assert (said.node, said.act, said.att) == ("a", 1, 1)
    assert (said.data["choice"], said.data["by"], said.data["note"]) == (
        choice,
        "ann",
        "looked it up",
    )


@pytest.mark.parametrize("choice", OutcomeChoice)
async def test_the_journal_of_a_decision_can_be_cut_and_skipped_anywhere(choice):
    run = Cut(sequence())
    await run.die(1)
    run.decide(choice, **GIVEN[choice])
    whole = await run.resume()
    events = through_json(run.events)

    assert_every_prefix_can_be_skipped(run.graph, events)
    assert (replay(run.graph, events).status, fold(run.graph, events).state) == (
        "completed",
        whole.state,
    )
    decided_at = next(e["seq"] for e in events if e["k"] == "outcome.decided")
    for cut in range(decided_at + 1, len(events) + 1):
        rest = [Event.from_dict(e) for e in events[:cut]]
        under_way = fold(run.graph, events[:cut]).in_flight
        driver = Driver(
            run.graph, run.registry, MemoryJournal(rest), folded=fold(run.graph, rest), run_id="r"
        )
        again = await asyncio.wait_for(driver.drive(), 20)
        if ("a", 1, 2) in under_way:  # the second call was cut as well: somebody decides again
            assert again.error.code == "E_OUTCOME_UNKNOWN"
        else:
            assert (again.status, again.state) == (whole.status, whole.state), cut


async def test_what_is_not_decided_is_not_called_again_by_a_resume():
    run = Cut(sequence())
    await run.die(1)

    again = await run.resume()

    assert (again.status, again.error.code, len(run.calls)) == ("paused", "E_OUTCOME_UNKNOWN", 1)
    assert [a.place.id for a in run.unknown()] == ["a"]


async def test_an_old_journal_in_which_a_resume_made_another_call_is_read_as_it_went():
    run = Cut(sequence())
    await run.die(1)
    about = {"node": "a", "act": 1, "att": 2}
    run.say(
        Event(EventKind.RUN_RESUMED, {}),
        Event(EventKind.ATTEMPT_STARTED, {}, **about),
        Event(
            EventKind.ATTEMPT_SUCCEEDED,
            {
                "ops": [["set", "paid", "then"]],
                "edges": [{"edge": "a-b", "taken": True}],
                "commit": 1,
            },
            **about,
        ),
    )

    assert (await run.drive()).state == {"paid": "then"}


async def test_a_replay_shows_that_the_step_waits_for_a_person():
    run = Cut(sequence())
    await run.die(1)
    assert replay(run.graph, through_json(run.events)).activations["a"].status == "waiting"

    run.decide(SKIP)
    await run.resume()
    assert replay(run.graph, through_json(run.events)).activations["a"].status == "completed"


async def test_the_first_decision_counts():
    run = Cut(sequence())
    await run.die(1)
    (activation,) = run.unknown()
    run.say(decided(activation, SKIP), decided(activation, DONE, output={"paid": "twice"}))

    assert (await run.resume()).state == {}


async def test_a_decision_about_another_attempt_changes_nothing():
    run = Cut(sequence())
    await run.die(1)
    (activation,) = run.unknown()
    other = decided(activation, SKIP)
    other.att = 7
    run.say(other)

    assert len(run.unknown()) == 1


async def test_a_call_that_is_lost_again_is_decided_again():
    run = Cut(sequence())
    await run.die(1)
    run.decide(RETRY)
    run.say(Event(EventKind.RUN_RESUMED, {}))
    run.cut = True
    stopped = await run.die(2)
    assert (stopped.status, [a.attempts for a in run.unknown()]) == ("paused", [2])

    run.decide(DONE, output={"paid": "after two"})

    assert (await run.resume()).state == {"paid": "after two"}
    assert {call[3] for call in run.calls} == {run.calls[0][3]}


async def test_a_late_result_that_comes_after_the_decision_changes_nothing():
    run = Cut(sequence())
    await run.die(1)
    run.decide(SKIP)
    run.say(Event(EventKind.ATTEMPT_LATE_RESULT, LATE, "a", 1, 1))

    assert (await run.resume()).state == {}
    assert "attempt.late_result" in run.kinds("a")


async def test_a_late_error_that_is_adopted_fails_the_step_as_it_would_have():
    run = Cut(sequence(node={"retry": {"max_attempts": 5, "on": ["Exception"]}}))
    await run.die(1)
    error = {"code": "E_TOOL", "message": "no funds", "node": "a", "details": {"type": "Refused"}}
    run.decide(ADOPT, late={"ok": False, "fence": 1, "error": error})

    ended = await run.resume()

    assert (ended.status, run.kinds("b"), len(run.calls)) == ("completed", [], 1)
    failed = next(e for e in run.events if e.kind is EventKind.ATTEMPT_FAILED)
    assert failed.data["error"]["message"] == "no funds"


async def test_a_failure_that_nothing_handles_fails_the_run_and_a_retry_calls_again():
    run = Cut(graph_of({"a": CHARGE, "b": TOLD}, [("a", "b")]))
    await run.die(1)
    run.decide(FAIL, by="ann", note="the bank says no")
    failed = await run.resume()

    assert (failed.status, failed.error.code) == (RunStatus.FAILED, "E_OUTCOME_UNKNOWN")
    assert "ann decided that it failed: the bank says no" in failed.error.message
    assert unknowns.unknown(run.folded().marking) == []
    assert (await run.resume()).state == {"paid": "called 2"}


@pytest.mark.parametrize(("on_error", "went"), [("continue", True), ("end_branch", False)])
async def test_on_error_is_heeded(on_error, went):
    graph = graph_of({"a": {**CHARGE, "on_error": on_error}, "b": TOLD}, [("a", "b")])
    run = Cut(graph)
    await run.die(1)
    run.decide(FAIL)

    assert ((await run.resume()).status, bool(run.kinds("b"))) == ("completed", went)


async def test_an_output_goes_through_outputs_and_reducers_and_decides_the_edges():
    nodes = {"a": {**CHARGE, "outputs": {"sum": "result.cents", "paid": "true"}}, "b": TOLD}
    graph = graph_of(
        {**nodes, "c": TOLD},
        [("a", "b", {"when": "sum > 100"}), ("a", "c", {"else": True})],
        state={"defaults": {"sum": 100}, "reducers": {"sum": "sum"}},
    )
    run = Cut(graph)
    await run.die(1)
    run.decide(DONE, output={"cents": 5})

    ended = await run.resume()

    assert (ended.state, bool(run.kinds("b"))) == ({"sum": 105, "paid": True}, True)


async def test_an_output_that_cannot_become_state_is_known_before_it_is_decided():
    run = Cut(sequence(node={"outputs": {"sum": "result.cents"}}))
    await run.die(1)
    folded = run.folded()
    (activation,) = unknowns.undecided(folded.marking)

    wrong = outcomes.problem(folded.marking, activation, {"choice": "done", "output": {"n": 1}})
    right = outcomes.problem(folded.marking, activation, {"choice": "done", "output": {"cents": 1}})

    assert (wrong.code, "cents" in wrong.message, right) == ("E_EXPRESSION", True, None)
    for choice in (RETRY, SKIP, FAIL):
        assert outcomes.problem(folded.marking, activation, {"choice": choice}) is None


async def test_a_late_result_that_does_not_fit_the_state_any_more_is_refused():
    run = Cut(sequence())
    await run.die(1)
    folded = run.folded()
    (activation,) = unknowns.undecided(folded.marking)
    stale = {"choice": "adopt", "ok": True, "ops": [["red", "log", 1]]}

    assert "does not fit" in outcomes.problem(folded.marking, activation, stale).message


def test_only_whole_late_results_can_be_adopted():
    assert is_adoptable(LATE)
    assert is_adoptable({"ok": False, "fence": 2, "error": {}})
    assert not is_adoptable({"ok": True, "ops": []})
    assert not is_adoptable({"ok": True, "fence": 2})


# In parallel branches ---------------------------------------------------------------------------


def branches():
    nodes = {"a": {"type": "noop"}, "x": CHARGE, "y": CHARGE, "j": TOLD, "e": TOLD}
    for name in "xy":
        nodes[name] = {**CHARGE, "outputs": {name: "result.paid"}}
    return graph_of(
        nodes, [("a", "x"), ("a", "y"), ("x", "j"), ("y", "j"), ("x", "e", {"on": "error"})]
    )


@pytest.mark.parametrize("choice", OutcomeChoice)
async def test_every_unknown_outcome_of_parallel_branches_has_to_be_decided(choice):
    run = Cut(branches())
    stopped = await run.die(2)
    assert (stopped.status, [a.place.id for a in run.unknown()]) == ("paused", ["x", "y"])

    late = {"ok": True, "fence": 1, "ops": [["set", "x", "late"]]}
    run.decide(choice, **{**GIVEN[choice], **({"late": late} if choice is ADOPT else {})})
    half = await run.resume()
    assert (half.status, half.error.node, run.kinds("j")) == ("paused", "y", [])

    run.decide(DONE, output={"paid": "y by hand"})
    assert unknowns.is_all_decided(run.folded().marking)
    ended = await run.resume()

    x = {ADOPT: {"x": "late"}, DONE: {"x": "by hand"}, RETRY: {"x": "called 2"}}.get(choice, {})
    assert (ended.status, ended.state) == ("completed", {**x, "y": "y by hand"})
    assert bool(run.kinds("e")) is (choice is FAIL)
    assert_every_prefix_can_be_skipped(run.graph, through_json(run.events))


async def test_a_branch_that_goes_on_is_kept_and_what_came_of_it_meets_the_decision():
    nodes = {"a": {"type": "noop"}, "x": CHARGE, "y": {"type": "tool", "tool": "other"}, "j": TOLD}
    graph = graph_of(nodes, [("a", "x"), ("a", "y"), ("x", "j"), ("y", "j")])
    run = Cut(graph, other=lambda: {"other": 1})
    await run.die(1)
    run.decide(DONE, output={"paid": "by hand"})

    assert (await run.resume()).state == {"other": 1, "paid": "by hand"}


async def test_another_trouble_is_left_for_an_explicit_resume():
    nodes = {"a": {"type": "noop"}, "x": CHARGE, "y": {"type": "tool", "tool": "kills"}}
    run = Cut(graph_of(nodes, [("a", "x"), ("a", "y")]), kills=lambda: None)
    for attempt in (1, 2, 3):
        about = {"node": "y", "act": 3, "att": attempt}
        if attempt == 1:
            run.say(
                Event(
                    EventKind.ATTEMPT_SUCCEEDED,
                    {
                        "ops": [],
                        "edges": [{"edge": "a-x", "taken": True}, {"edge": "a-y", "taken": True}],
                        "commit": 1,
                    },
                    "a",
                    1,
                    1,
                ),
                Event(EventKind.ATTEMPT_STARTED, {}, "x", 2, 1),
            )
        run.say(Event(EventKind.ATTEMPT_STARTED, {}, **about))
        if attempt < 3:
            run.say(Event(EventKind.ATTEMPT_LOST, {}, **about))
    assert (await run.drive()).error.code == "E_OUTCOME_UNKNOWN"
    run.decide(SKIP)

    assert not unknowns.is_all_decided(run.folded().marking)
    assert unknowns.undecided(run.folded().marking) == []
    assert (await run.resume()).status == "completed"


# In loops ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("choice", OutcomeChoice)
async def test_a_loop_goes_on_with_the_round_that_was_cut(choice):
    node = {**CHARGE, "outputs": {"n": "n + 1", "paid": "result.paid"}}
    graph = graph_of(
        {"a": node, "b": TOLD, "c": TOLD},
        [
            ("a", "a", {"when": "n < 3", "max": 9}),
            ("a", "b", {"else": True}),
            ("a", "c", {"on": "error"}),
        ],
        state={"defaults": {"n": 0}},
    )
    run = Cut(graph)
    run.cut = False
    first = await asyncio.wait_for(run.driver().drive(), 20)
    assert (first.state["n"], len(run.calls)) == (3, 3)
    started = [e.seq for e in run.events if e.kind is EventKind.ATTEMPT_STARTED]
    del run.events[started[1] :]
    assert (await run.drive()).error.code == "E_OUTCOME_UNKNOWN"
    (activation,) = run.unknown()
    assert (activation.visit, activation.attempts) == (2, 1)

    late = {"ok": True, "fence": 1, "ops": [["set", "n", 2], ["set", "paid", "late"]]}
    run.decide(choice, **{**GIVEN[choice], **({"late": late} if choice is ADOPT else {})})
    ended = await run.resume()

    assert ended.status == "completed"
    assert ended.state["n"] == (1 if choice is FAIL else 3)
    rounds = {SKIP: 4, FAIL: 2}.get(choice, 3)
    assert sum(e.kind is EventKind.ATTEMPT_STARTED and e.node == "a" for e in run.events) == (
        rounds + (choice is RETRY)
    )


# In map nodes -----------------------------------------------------------------------------------


def mapped(**more):
    body = {"tool": "charge", "effect": "once", "inputs": {"what": "x"}}
    spec = {"type": "map", "over": "xs", "as": "x", "body": body, "max_concurrency": 2, **more}
    return graph_of(
        {"m": {**spec, "collect": {"all": "results"}}, "b": TOLD},
        [("m", "b", {"on": "error"})],
        "m",
    )


@pytest.mark.parametrize("choice", OutcomeChoice)
async def test_each_item_that_was_cut_is_decided_by_itself(choice):
    run = Cut(mapped(on_item_error="skip"), {"xs": ["u", "v", "w"]})
    await run.die(2)
    assert [(a.index, a.of.place.id) for a in run.unknown()] == [(0, "m"), (1, "m")]

    run.decide(DONE, at=1, output={"paid": "v by hand"})
    late = {"ok": True, "fence": 1, "result": {"paid": "late"}}
    run.decide(choice, **{**GIVEN[choice], **({"late": late} if choice is ADOPT else {})})
    ended = await run.resume()

    first = {
        ADOPT: [{"paid": "late"}],
        DONE: [{"paid": "by hand"}],
        RETRY: [{"paid": "called 2"}],
        SKIP: [None],
        FAIL: [],
    }[choice]
    rest = [{"paid": "v by hand"}, {"paid": "called 1"}]
    assert (ended.status, ended.state["all"]) == ("completed", [*first, *rest])
    said = [e.data for e in run.events if e.kind is EventKind.OUTCOME_DECIDED]
    assert [data["item"] for data in said] == [1, 0]
    assert_every_prefix_can_be_skipped(run.graph, through_json(run.events))


async def test_an_item_that_is_given_up_fails_its_map_and_a_retry_calls_for_it_again():
    run = Cut(mapped(), {"xs": ["u"]})
    await run.die(1)
    run.decide(FAIL)

    ended = await run.resume()

    assert (ended.status, bool(run.kinds("b"))) == ("completed", True)
    failed = [e for e in run.events if e.kind is EventKind.ATTEMPT_FAILED]
    assert [e.data["error"]["code"] for e in failed] == ["E_OUTCOME_UNKNOWN"] * 2


# In child runs ----------------------------------------------------------------------------------

BUYING = graph_of({"a": CHARGE, "c": TOLD}, [("a", "c", {"on": "error"})])


@pytest.mark.parametrize("choice", OutcomeChoice)
async def test_a_child_run_is_decided_and_its_parent_goes_on(choice):
    graph = graph_of(
        {"s": {"type": "subgraph", "workflow": "buying", "out": {"got": "state"}}}, [], "s"
    )
    calls = []

    async def charge(ctx):
        calls.append(ctx.attempt)
        while len(calls) == 1:
            await asyncio.sleep(3600)
        return {"paid": f"called {ctx.attempt}"}

    registry = registry_of({"charge": charge, "tell": lambda: None})
    world = World(graph, {"buying": BUYING}, registry, clock=VirtualClock())
    driving = asyncio.ensure_future(world.driver().drive())
    while not calls:
        await asyncio.sleep(0)
    driving.cancel()
    await asyncio.gather(driving, return_exceptions=True)
    (child,) = world.runs()
    events = world.children._runs[child]
    assert events[-1].kind is EventKind.ATTEMPT_STARTED

    stopped = await asyncio.wait_for(world.driver().drive(), 20)
    assert stopped.status is RunStatus.WAITING
    marking = fold(BUYING, events).marking
    assert (marking.status, marking.error.code) == ("paused", "E_OUTCOME_UNKNOWN")

    (activation,) = unknowns.undecided(marking)
    said = decided(activation, choice, **GIVEN[choice])
    MemoryJournal(events).append([said, Event(EventKind.RUN_RESUMED, {})])
    ended = await asyncio.wait_for(world.driver().drive(), 20)

    assert (ended.status, ended.state["got"]) == ("completed", LEAVES[choice][0])


# Told, forked, moved ----------------------------------------------------------------------------


async def test_what_a_run_waits_for_is_told_before_and_after_the_decision():
    run = Cut(sequence())
    await run.die(1)

    def told():
        found = reasons(run.folded().marking, run.events)
        return next(reason for reason in found if reason["what"] == "outcome")

    assert (told()["node"], told()["attempt"], told()["late"]) == ("a", 1, False)
    assert told()["since"] is not None
    assert told()["text"].endswith("A person has to say what became of it.")

    run.say(Event(EventKind.ATTEMPT_LATE_RESULT, LATE, "a", 1, 1))
    assert told()["late"] is True
    assert "can be adopted: the call succeeded" in told()["text"]

    run.decide(SKIP, by="ann")
    assert told()["decided"] == "skip"
    assert "ann decided: it is skipped" in told()["text"]

    await run.resume()
    assert not any(r["what"] == "outcome" for r in reasons(run.folded().marking, run.events))


async def test_a_fork_of_an_undecided_run_stops_at_the_same_place():
    run = Cut(sequence())
    await run.die(1)
    copied = [Event.from_dict(e) for e in through_json(run.events)]
    made = [*copied, *fork(run.graph, copied, run="origin")]
    forked = Cut(run.graph)
    forked.cut, forked.events[:] = False, []
    forked.say(*made)

    stopped = await forked.drive()

    assert (stopped.error.code, forked.calls) == ("E_OUTCOME_UNKNOWN", [])
    forked.decide(DONE, output={"paid": "in the fork"})
    assert (await forked.resume()).state == {"paid": "in the fork"}


async def test_a_run_may_be_moved_before_and_after_the_decision():
    run = Cut(sequence())
    await run.die(1)
    target = graph_of({"n": CHARGE, "b": TOLD}, [("n", "b")], "n")
    run.decide(DONE, output={"paid": "by hand"})
    run.say(moved(target, {"a": "n", "a-b": "n-b"}, 0.0))
    run.folded = lambda: fold(run.graph, through_json(run.events), lambda _: target)

    assert (await run.resume()).state == {"paid": "by hand"}


async def test_a_cancel_needs_no_decision():
    run = Cut(sequence())
    await run.die(1)
    run.say(Event(EventKind.RUN_CANCEL_REQUESTED, {"reason": "enough", "by": "ann"}))

    assert (await run.drive()).status is RunStatus.CANCELLED


async def test_a_lock_is_not_needed_to_end_a_step_as_a_person_said():
    nodes = {
        "a": {"type": "noop"},
        "x": {**CHARGE, "lock": "till"},
        "y": {"type": "tool", "tool": "other", "lock": "till"},
    }
    run = Cut(graph_of(nodes, [("a", "x"), ("a", "y")]), other=lambda: {"other": 1})
    await run.die(1)
    run.decide(DONE, output={"paid": "by hand"})

    ended = await run.resume()

    assert (ended.status, ended.state) == ("completed", {"paid": "by hand", "other": 1})


async def test_a_decided_step_is_counted_once():
    run = Cut(sequence())
    await run.die(1)
    run.decide(SKIP)
    await run.resume()

    assert run.folded().marking.steps == 2


async def test_the_live_marking_is_the_fold_of_the_journal():
    run = Cut(branches())
    await run.die(2)
    run.decide(DONE, output={"paid": 1})
    run.decide(FAIL)
    run.say(Event(EventKind.RUN_RESUMED, {}))
    driver = run.driver()
    await asyncio.wait_for(driver.drive(), 20)

    live = json.loads(json.dumps(dump(driver._marking)))
    assert live == json.loads(json.dumps(dump(run.folded().marking)))


# A driver that is fenced ------------------------------------------------------------------------


class Kept(MemoryJournal):
    """A journal that keeps what a fenced driver still says."""

    def __init__(self, events):
        super().__init__(events)
        self.after = []

    def append(self, events):
        (super().append if self._current else self.after.extend)(events)


async def test_a_fenced_driver_lets_calls_run_out_that_must_not_be_made_twice():
    go, ended = asyncio.Event(), []

    def call(name):
        async def tool(state):
            try:
                await go.wait()
                return {name: "x" * 300}
            finally:
                ended.append((name, go.is_set()))

        return tool

    nodes = {
        "a": {"type": "noop"},
        "once": {**CHARGE, "tool": "once"},
        "again": {"type": "tool", "tool": "again", "effect": "idempotent"},
        "quick": {"type": "tool", "tool": "quick", "effect": "idempotent"},
        "next": {"type": "tool", "tool": "quick", "effect": "idempotent"},
    }
    edges = [("a", "once"), ("a", "again"), ("a", "quick"), ("quick", "next")]
    graph, fence = graph_of(nodes, edges), asyncio.Event()

    async def quick(state):
        await fence.wait()

    registry = registry_of({"once": call("once"), "again": call("again"), "quick": quick})
    created = new_run(graph, {}, now=time.time())
    journal = Kept([])
    journal.append([created])
    driver = Driver(graph, registry, journal, folded=fold(graph, [created]), run_id="r")
    driving = asyncio.ensure_future(driver.drive())
    while sum(e.kind is EventKind.ATTEMPT_STARTED for e in journal.events) < 3:
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    journal.fence()
    fence.set()
    with pytest.raises(Fenced):
        await asyncio.wait_for(driving, 20)
    go.set()
    async with asyncio.timeout(20):
        while not any(e.node == "once" for e in journal.after):
            await asyncio.sleep(0)

    late = [e for e in journal.after if e.kind is EventKind.ATTEMPT_LATE_RESULT]
    assert [(e.node, e.att, e.data) for e in late] == [
        ("once", 1, {"ok": True, "ops": [["set", "once", "x" * 300]]})
    ]
    assert sorted(ended) == [("again", False), ("once", True)]


async def test_what_ends_before_a_fenced_driver_hears_of_it_is_late_too():
    """Between the moment when the run is lost and the next turn of its driver."""
    ends = asyncio.get_running_loop().create_future()

    async def charge(state):
        return await ends

    graph = graph_of({"a": CHARGE | {"tool": "charge"}}, [])
    created = new_run(graph, {}, now=time.time())
    journal = Kept([])
    journal.append([created])
    registry = registry_of({"charge": charge})
    driver = Driver(graph, registry, journal, folded=fold(graph, [created]), run_id="r")
    driving = asyncio.ensure_future(driver.drive())
    while not any(e.kind is EventKind.ATTEMPT_STARTED for e in journal.events):
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    journal.fence()
    # Its call is resumed before the task that drives: it has ended when that hears of the fence.
    ends.set_result({"paid": 1})
    driver.break_off(Fenced("somebody else has it"))
    with pytest.raises(Fenced):
        await asyncio.wait_for(driving, 20)
    async with asyncio.timeout(20):
        while not journal.after:
            await asyncio.sleep(0)

    assert [(e.kind, e.node, e.data["ok"]) for e in journal.after] == [
        (EventKind.ATTEMPT_LATE_RESULT, "a", True)
    ]


@pytest.mark.parametrize("hears_first", [True, False])
async def test_what_a_withdrawn_call_brings_at_that_moment_is_late_too(hears_first):
    """It was not live any more, and its driver is about to hear that the run is another's."""
    asked, wins = asyncio.Event(), asyncio.Event()
    ends = asyncio.get_running_loop().create_future()

    async def charge(state):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            asked.set()
            return await ends

    async def quick(state):
        await wins.wait()
        return {"quick": 1}

    nodes = {
        "s": {"type": "noop"},
        "a": CHARGE | {"tool": "charge"},
        "b": {"type": "tool", "tool": "quick", "effect": "idempotent"},
        "j": {"type": "noop", "join": "first_cancel"},
        "last": {"type": "wait", "for": "10s"},
    }
    edges = [("s", "a"), ("s", "b"), ("a", "j"), ("b", "j"), ("j", "last")]
    graph = graph_of(nodes, edges, "s")
    created = new_run(graph, {}, now=time.time())
    journal = Kept([])
    journal.append([created])
    registry = registry_of({"charge": charge, "quick": quick})
    driver = Driver(graph, registry, journal, folded=fold(graph, [created]), run_id="r")
    driving = asyncio.ensure_future(driver.drive())
    while sum(e.kind is EventKind.ATTEMPT_STARTED for e in journal.events) < 2:
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    wins.set()
    async with asyncio.timeout(20):
        await asked.wait()
    await asyncio.sleep(0)
    journal.fence()
    ends.set_result({"paid": "x" * 300})
    if hears_first:
        driver.break_off(Fenced("somebody else has it"))
    async with asyncio.timeout(20):
        while not journal.after:
            await asyncio.sleep(0)
    driver.break_off(Fenced("somebody else has it"))
    with pytest.raises(Fenced):
        await asyncio.wait_for(driving, 20)

    assert [(e.kind, e.node, e.data) for e in journal.after] == [
        (EventKind.ATTEMPT_LATE_RESULT, "a", {"ok": True, "ops": [["set", "paid", "x" * 300]]})
    ]
