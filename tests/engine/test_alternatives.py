"""Waits for the first of several things, and who is quicker when several come at once."""

import asyncio
import itertools
import json
import re

import pytest

from engine import (
    Driver,
    Event,
    EventKind,
    MemoryJournal,
    PinRefused,
    VirtualClock,
    fold,
    new_run,
    run,
    validate,
)
from engine.planning.waits import answered, received, signalled
from engine.policies import RunStatus
from engine.telling.explaining import reasons
from tests.engine.helpers import RecordingJournal, dump, graph_of, through_json
from tests.engine.test_waits import FORM, REGISTRY, begun, rest

ANY = {
    "arrived": {"signal": "payment", "key": "order"},
    "late": {"for": "1h"},
    "asked": {"form": FORM, "assignees": {"users": ["ann"]}, "title": "Paid?"},
}
OUTPUTS = {"came": "alternative", "sum": "payload", "said": "answer"}
WAYS = [("w", name, {"on": name}) for name in ANY]


def graph(ways=WAYS, **more):
    node = {"type": "wait", "any": ANY, "outputs": OUTPUTS, **more}
    ends = {name: {"type": "set", "set": {"end": f"'{name}'"}} for name in ANY}
    return graph_of({"w": node, "x": "bump", **ends}, [*ways, ("x", "late")], entry=["w", "x"])


ALONE = graph_of(
    {
        "w": {"type": "wait", "any": ANY, "outputs": OUTPUTS},
        **{name: {"type": "set", "set": {"end": f"'{name}'"}} for name in ANY},
    },
    WAYS,
    entry="w",
)
STATE = {"order": "o1", "n": 0}


def waits_of(journal):
    return next(e for e in journal.events if e.kind == "wait.opened").data["waits"]


def waiting(which=ALONE):
    """The journal of a run that waits."""
    journal = MemoryJournal()
    assert rest(begun(which, journal, STATE, park_after_s=1.0)).status is RunStatus.WAITING
    return journal


def go_on(journal, *events, which=ALONE, **more):
    journal.append(list(events))
    return rest(begun(which, journal, events=journal.events, **more))


def payment(sum_=30):
    return signalled("payment", "o1", sum_)


def paid(journal):
    return received("w", waits_of(journal)[0], payment())


def yes(journal, said="ship"):
    return answered("w", waits_of(journal)[2], {"decision": said}, "ann")


def test_all_alternatives_open_at_once_and_say_what_they_wait_for():
    journal = waiting()

    arrived, late, asked = waits_of(journal)

    assert arrived == {
        "id": "1.0", "on": "arrived", "kind": "signal", "name": "payment", "key": "o1"
    }  # fmt: skip
    assert (late["id"], late["on"], late["kind"]) == ("1.1", "late", "timer")
    assert asked == {
        "id": "1.2", "on": "asked", "kind": "human", "title": "Paid?", "form": FORM,
        "assignees": {"users": ["ann"]},
    }  # fmt: skip
    told = reasons(fold(ALONE, journal.events).marking, journal.events)
    assert [(r["what"], r["alternative"]) for r in told] == [
        ("signal", "arrived"), ("timer", "late"), ("human", "asked")
    ]  # fmt: skip


def test_a_signal_that_comes_first_takes_its_edge_and_closes_the_others():
    journal = waiting()

    ended = go_on(journal, paid(journal), yes(journal))

    state = {"came": "arrived", "sum": 30, "said": None, "end": "arrived", **STATE}
    assert (ended.status, ended.state) == ("completed", state)


def test_an_answer_that_comes_first_takes_its_edge():
    journal = waiting()

    ended = go_on(journal, yes(journal), paid(journal), payment())

    assert ended.state["end"] == "asked"
    assert (ended.state["came"], ended.state["said"]) == ("asked", {"decision": "ship"})


def test_the_time_takes_its_edge_when_nothing_else_comes():
    journal = MemoryJournal()

    ended = rest(begun(ALONE, journal, STATE, clock=VirtualClock()))

    assert (ended.status, ended.state["came"], ended.state["end"]) == ("completed", "late", "late")


def test_a_signal_that_was_kept_comes_before_everything():
    journal = MemoryJournal()
    journal.append([new_run(ALONE, STATE), payment()])

    assert rest(begun(ALONE, journal, events=journal.events)).state["end"] == "arrived"


def test_a_plain_edge_is_taken_whatever_came():
    ways = [("w", "arrived", {"on": "arrived"}), ("w", "late")]
    both = graph_of(
        {
            "w": {"type": "wait", "any": ANY},
            "arrived": {"type": "set", "set": {"a": "1"}},
            "late": {"type": "set", "set": {"l": "1"}},
        },
        ways,
        entry="w",
    )
    by_signal = waiting(both)
    by_answer = waiting(both)

    assert go_on(by_signal, payment({"p": 1}), which=both).state.keys() >= {"a", "l", "p"}
    state = go_on(by_answer, yes(by_answer), which=both).state
    assert ("l" in state, "a" in state, state["decision"]) == (True, False, "ship")


def test_an_alternative_without_an_edge_fails_the_run_and_lint_says_so():
    half = graph_of(
        {"w": {"type": "wait", "any": ANY}, "arrived": {"type": "noop"}},
        [("w", "arrived", {"on": "arrived"})],
        entry="w",
    )
    journal = waiting(half)

    ended = go_on(journal, yes(journal), which=half)

    assert (ended.status, ended.error.code) == ("failed", "E_NO_ROUTE")
    assert "'asked' came first" in ended.error.message
    problems = [(p.code, p.pointer) for p in validate(half.to_dict())]
    assert problems == [("no_way", "/nodes/w/any/late"), ("no_way", "/nodes/w/any/asked")]


def test_on_no_route_end_lets_an_alternative_end_the_branch():
    half = graph_of(
        {"w": {"type": "wait", "any": ANY, "on_no_route": "end"}, "arrived": {"type": "noop"}},
        [("w", "arrived", {"on": "arrived"})],
        entry="w",
    )
    journal = waiting(half)

    assert go_on(journal, yes(journal), which=half).status is RunStatus.COMPLETED
    assert validate(half.to_dict()) == []


@pytest.mark.parametrize(
    ("alternatives", "code", "where"),
    [
        ({}, "bad_wait", "any"),
        ({"a": {}}, "missing_key", "any/a"),
        ({"a": {"for": "1h", "signal": "x"}}, "bad_wait", "any/a"),
        ({"a": {"for": "1h", "key": "n"}}, "bad_wait", "any/a/key"),
        ({"a": {"signal": "x", "assignees": {}}}, "bad_wait", "any/a/assignees"),
        ({"a": {"form": {}, "due": "1h"}}, "unknown_key", "any/a/due"),
        ({"a": {"form": {"type": "string"}}}, "bad_schema", "any/a/form"),
        ({"timeout": {"for": "1h"}}, "bad_key", "any/timeout"),
        ({"a": {"until": "1 +"}}, "bad_expression", "any/a/until"),
        ({str(n): {"for": "1h"} for n in range(21)}, "bad_wait", "any"),
    ],
)
def test_what_is_wrong_with_alternatives_is_said_where_it_is(alternatives, code, where):
    document = ALONE.to_dict()
    document["nodes"]["w"]["any"] = alternatives
    document["edges"] = []

    problems = [(p.code, p.pointer) for p in validate(document)]

    assert (code, f"/nodes/w/{where}") in problems


def test_an_edge_by_an_alternative_that_is_not_there_is_a_problem():
    document = ALONE.to_dict()
    document["edges"][0]["on"] = "arived"

    (problem,) = validate(document)

    assert (problem.code, problem.pointer) == ("unknown_alternative", "/edges/0/on")
    assert "arrived, late, asked" in problem.hint


def test_a_plain_wait_has_no_alternatives_for_edges():
    document = ALONE.to_dict()
    document["nodes"]["w"] = {"type": "wait", "for": "1h"}

    assert {p.pointer for p in validate(document)} == {f"/edges/{at}/on" for at in range(3)}


# Whatever comes together ------------------------------------------------------------------------


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_of_all_that_come_together_the_first_in_the_journal_counts_everywhere(order):
    """Live, in a fold of any prefix, and for a driver that takes over there."""
    journal = waiting()
    both = [paid(journal), yes(journal, "ship"), yes(journal, "stop")]
    events = [both[at] for at in order]

    ended = go_on(journal, *events)

    first = "arrived" if order[0] == 0 else "asked"
    said = None if order[0] == 0 else {"decision": ["", "ship", "stop"][order[0]]}
    assert (ended.state["end"], ended.state["said"]) == (first, said)
    told = through_json(journal.events)
    rests = [e["k"] for e in told].index("run.waiting") + 1
    for cut in range(2, len(told)):
        left = MemoryJournal([Event.from_dict(raw) for raw in told[:cut]])
        again = rest(begun(ALONE, left, events=told[:cut], clock=VirtualClock(10**10)))
        assert again.state["end"] == ("late" if cut <= rests else first), cut


def test_a_run_cut_after_any_event_has_the_marking_of_the_driver():
    for which, extra in ((ALONE, [payment()]), (ALONE, []), (graph(), [])):
        journal = RecordingJournal()
        created = [new_run(which, STATE), *extra]
        journal.append(created)
        driver = begun(which, journal, events=created, clock=VirtualClock())
        journal.marking = driver._marking
        whole = rest(driver)
        assert whole.status is RunStatus.COMPLETED
        events = through_json(journal.events)
        for count, live in journal.seen:
            assert json.loads(json.dumps(dump(fold(which, events[:count]).marking))) == live
        for cut in range(len(created), len(events)):
            left = MemoryJournal([Event.from_dict(raw) for raw in events[:cut]])
            again = rest(begun(which, left, events=events[:cut], clock=VirtualClock()))
            assert again.state == whole.state, cut


class Shared(MemoryJournal):
    """A journal in which somebody else may be quicker than what its driver proposes."""

    def __init__(self):
        super().__init__()
        self.quicker = []

    def propose(self, events):
        others, self.quicker = self.quicker, []
        for event in (*others, *events):
            self.append([event])
            self.driver.notify(event)


@pytest.mark.parametrize("quicker", ["nobody", "answer", "both"])
def test_an_end_that_is_only_proposed_counts_if_nobody_was_quicker(quicker):
    journal = Shared()
    driver = begun(ALONE, journal, STATE, clock=VirtualClock())
    journal.driver = driver

    async def drive():
        task = asyncio.ensure_future(driver.drive())
        while not any(e.kind == EventKind.WAIT_OPENED for e in journal.events):
            await asyncio.sleep(0)
        if quicker != "nobody":
            journal.quicker.append(yes(journal))
        if quicker == "both":
            journal.quicker.append(yes(journal, "stop"))
        await task

    asyncio.run(asyncio.wait_for(drive(), 10))

    ended = driver.result()
    expected = "late" if quicker == "nobody" else "asked"
    assert (ended.status, ended.state["end"]) == ("completed", expected)
    assert fold(ALONE, through_json(journal.events)).state == ended.state
    closed = [e.data["how"] for e in journal.events if e.kind == EventKind.WAIT_CLOSED]
    assert closed[-1] == "fired"
    assert len(closed) == {"nobody": 1, "answer": 2, "both": 3}[quicker]


def test_a_signal_proposed_to_a_wait_that_was_answered_goes_to_the_next():
    two = graph_of(
        {
            "w": {"type": "wait", "any": {"sent": {"signal": "go"}, "asked": {"form": {}}}},
            "v": {"type": "wait", "signal": "go", "outputs": {"v": "payload"}},
        },
        [],
        entry=["w", "v"],
    )
    journal = Shared()
    driver = Driver(two, REGISTRY, journal, folded=_created(two, journal))
    journal.driver = driver
    assert rest(driver).status is RunStatus.WAITING
    asked = next(e for e in journal.events if e.kind == "wait.opened").data["waits"][1]
    journal.quicker.append(answered("w", asked, {"a": 1}))

    async def drive():
        task = asyncio.ensure_future(driver.drive())
        await asyncio.sleep(0)
        event = signalled("go", None, 7)
        journal.append([event])
        driver.notify(event)
        await task

    asyncio.run(asyncio.wait_for(drive(), 10))

    assert driver.result().state == {"a": 1, "v": 7}
    assert fold(two, through_json(journal.events)).state == {"a": 1, "v": 7}


def _created(graph, journal):
    journal.append([new_run(graph, {})])
    return fold(graph, journal.events)


# Branches that lost a race ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "loser",
    [
        {"type": "human", "form": {}},
        {"type": "wait", "signal": "never"},
        {"type": "wait", "any": ANY},
    ],
)
@pytest.mark.parametrize("before", [True, False])
def test_a_question_on_a_branch_that_lost_does_not_hold_the_run(loser, before):
    """Whether it was asked before the race was decided, or is come to after."""
    fast = {"type": "set", "set": {"won": "true"}}
    nodes = {"f": {"type": "noop"}, "a": fast, "q": loser, "b": {"type": "wait", "for": "1s"},
             "j": {"type": "noop", "join": {"policy": "first"}}}  # fmt: skip
    ways = [("f", "q"), ("q", "j"), ("f", "b"), ("b", "a"), ("a", "j")]
    if not before:
        nodes["slow"] = {"type": "wait", "for": "2s"}
        ways = [("f", "slow"), ("slow", "q"), *ways[1:]]
    race = graph_of(nodes, ways, entry="f")
    journal = RecordingJournal()
    journal.append([new_run(race, STATE)])
    driver = begun(race, journal, events=journal.events, clock=VirtualClock())
    journal.marking = driver._marking

    ended = rest(driver)

    assert (ended.status, ended.state) == ("completed", {**STATE, "won": True})
    events = through_json(journal.events)
    for count, live in journal.seen:
        assert json.loads(json.dumps(dump(fold(race, events[:count]).marking))) == live
    gone = [act for e in events for act in e["data"].get("withdrawn", ())]
    assert len(gone) == 1


# Pinned ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pin", "left"),
    [
        ({"alternative": "arrived", "payload": 30}, ("arrived", 30, None)),
        ({"alternative": "arrived"}, ("arrived", None, None)),
        ({"alternative": "asked", "answer": {"ok": True}}, ("asked", None, {"ok": True})),
        ({"alternative": "late"}, ("late", None, None)),
    ],
)
def test_a_pin_says_what_came_first_and_takes_its_edge(pin, left):
    result = run(ALONE, STATE, pinned={"w": pin})

    assert (result.status, result.error) == ("completed", None)
    assert tuple(result.state[key] for key in ("came", "sum", "said", "end")) == (*left, left[0])


def test_a_pinned_wait_without_outputs_takes_what_its_alternative_brings():
    node = {"type": "wait", "any": {"go": {"signal": "s"}, "late": {"for": "1h"}}}
    which = graph_of({"w": node, "x": "bump"}, [("w", "x", {"on": "go"})], entry="w")

    result = run(
        which, {}, registry=REGISTRY, pinned={"w": {"alternative": "go", "payload": {"n": 4}}}
    )

    assert (result.status, result.state["n"]) == ("completed", 5)


@pytest.mark.parametrize(
    ("pin", "says"),
    [
        ({"ok": True}, "say which of its alternatives came (arrived, late, asked)"),
        ("late", "say which of its alternatives came"),
        (None, "say which of its alternatives came"),
        ({"alternative": "soon"}, "say which of its alternatives came"),
        ({"alternative": ["late"]}, "say which of its alternatives came"),
        ({"alternative": "late", "payload": 1}, "'late' brings nothing; leave out payload"),
        ({"alternative": "asked", "payload": 1}, "'asked' brings 'answer' only"),
    ],
)
def test_a_pin_that_does_not_say_what_came_is_refused(pin, says):
    with pytest.raises(PinRefused, match=re.escape(says)) as refused:
        run(ALONE, STATE, pinned={"w": pin})

    assert refused.value.pointer == "/pinned/w"


def test_a_pin_that_came_into_a_journal_otherwise_fails_its_node_and_no_fold():
    created = new_run(ALONE, STATE, pinned={"w": {"alternative": "late"}})
    created.data["pinned"]["w"] = {"ok": True}
    journal = MemoryJournal([])
    journal.append([created])

    ended = rest(begun(ALONE, journal, events=journal.events))

    assert (ended.status, ended.error.code, ended.error.node) == ("failed", "E_INPUT", "w")
    assert "say which of its alternatives came" in ended.error.message


def test_a_pinned_wait_is_folded_as_it_was_driven():
    pin = {"alternative": "asked", "answer": {"ok": True}}
    result = run(ALONE, STATE, pinned={"w": pin})

    folded = fold(ALONE, through_json([Event.from_dict(raw) for raw in result.events]))

    assert (folded.status, folded.state) == (result.status, result.state)
