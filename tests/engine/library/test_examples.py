"""Every shipped workflow does what its description says, on its own defaults, without a network."""

import asyncio

import pytest

from engine import (
    Driver,
    Graph,
    MemoryJournal,
    ToolRegistry,
    VirtualClock,
    fold,
    lint,
    new_run,
    run,
)
from engine.library import examples, register_all
from engine.planning.waits import answered, signalled

LONG = {"code_review", "code_review_demo"}
"""Those that review code have tests of their own."""


@pytest.fixture
def registry() -> ToolRegistry:
    registry = ToolRegistry()
    register_all(registry)
    return registry


def graph(name):
    return Graph.from_dict(examples.document(name))


def run_example(name, registry, **state):
    return run(graph(name), state, registry=registry, clock=VirtualClock())


@pytest.mark.parametrize("name", sorted(set(examples.names()) - LONG))
def test_an_example_runs_to_its_end_on_its_defaults(name, registry):
    result = run_example(name, registry)

    assert (result.status, result.error) == ("completed", None)


@pytest.mark.parametrize("name", examples.names())
def test_an_example_says_what_it_is_and_where_its_steps_lie(name):
    document = examples.document(name)
    if document.get("format") != "treadle/1":
        return  # the demo's own format knows neither

    assert document["name"]
    assert document["description"]
    assert set(document["layout"]) == set(document["nodes"])
    places = sorted(document["layout"].values())
    assert not any(
        abs(one[0] - other[0]) < 208 and abs(one[1] - other[1]) < 64
        for at, one in enumerate(places)
        for other in places[at + 1 :]
    ), "two steps lie upon each other"


@pytest.mark.parametrize("name", examples.names())
def test_an_example_gives_no_warning_to_who_opens_it_first(name, registry):
    assert lint(graph(name), registry) == []


class Waiting:
    """A run that is driven until it waits, and given what it waits for."""

    def __init__(self, name, registry, **state):
        self.graph, self.registry, self.journal = graph(name), registry, MemoryJournal()
        self.clock = VirtualClock()
        self.journal.append([new_run(self.graph, state, now=self.clock.now())])
        self.go_on()

    def go_on(self, *events):
        self.journal.append(events)
        folded = fold(self.graph, self.journal.events)
        driver = Driver(
            self.graph,
            self.registry,
            self.journal,
            folded=folded,
            clock=self.clock,
            park_after_s=0,
        )
        asyncio.run(driver.drive())
        self.result = driver.result()
        return self.result

    def answer(self, **answer):
        opened = [e for e in self.journal.events if e.kind == "wait.opened"][-1]
        return self.go_on(answered(opened.node, opened.data["waits"][0], answer, "ann"))


def test_approval_sends_small_sums_without_asking(registry):
    result = run_example("approval", registry, customer="Mr Ode", amount=12)

    assert result.state["outcome"] == "sent: Dear Mr Ode, we pay back 12 EUR. "


def test_approval_asks_and_takes_changes(registry):
    run = Waiting("approval", registry, amount=80)
    assert run.result.status == "waiting"

    assert run.answer(decision="change", remark="Sorry!").status == "waiting"
    done = run.answer(decision="send")

    assert done.status == "completed"
    assert done.state["outcome"].endswith("we pay back 80 EUR. Sorry!")


def test_approval_can_be_refused_and_takes_silence_for_no(registry):
    assert Waiting("approval", registry).answer(decision="stop").state["outcome"] == "not sent"
    assert run_example("approval", registry).state["outcome"] == "not sent"


@pytest.mark.parametrize(("amount", "status"), [(30, "paid"), (10, "paid in part")])
def test_payment_goes_on_when_its_signal_comes(amount, status, registry):
    run = Waiting("payment", registry, order_id="o-1")
    assert run.go_on(signalled("payment", "other", {"amount": 99})).status == "waiting"

    done = run.go_on(signalled("payment", "o-1", {"amount": amount}))

    assert (done.status, done.state["status"]) == ("completed", status)


def test_payment_reminds_once_and_gives_up(registry):
    state = run_example("payment", registry).state

    assert (state["status"], state["reminders"]) == ("cancelled", 2)


def test_fan_out_reports_on_every_text(registry):
    assert run_example("fan_out", registry).state["report"] == (
        "3 texts, 1 of them empty, one of them long"
    )
    assert run_example("fan_out", registry, texts=[]).state["report"] == "0 texts, 0 of them empty"


def test_csv_cleanup_drops_doubles_and_what_is_free(registry):
    state = run_example("csv_cleanup", registry).state

    assert state["csv"].split() == ["name,price", "apples,2", "pears,3", "plums,4"]
    assert state["yaml"].count("- name:") == 3
    assert run_example("csv_cleanup", registry, table="").state["outcome"] == "the table is empty"
