"""What every store must do. Mix it into a test class that gives `store` and `run_id`.

    class TestMemoryStore(StoreContract):
        @pytest.fixture
        def store(self):
            return MemoryStore()

The tests are coroutines and use nothing but the ports, so they run against any store.
"""

import json

import pytest

from engine import Driver, Event, EventKind, Fenced, Graph, fold, new_run
from tests.engine.helpers import state_tools

GRAPH = Graph.from_dict(
    {
        "format": "treadle/1",
        "key": "contract",
        "entry": ["a"],
        "nodes": {"a": {"type": "tool", "tool": "bump"}, "end": {"type": "end"}},
        "edges": [
            {"id": "again", "from": "a", "to": "a", "when": "n < 10"},
            {"id": "out", "from": "a", "to": "end", "else": True},
        ],
    }
)


def log(message):
    return Event(EventKind.LOG, {"level": "info", "message": message}, "a", 1, 1, time=1.5)


class Cut(Exception):
    """The worker is gone."""


class CutJournal:
    """A journal whose worker dies instead of writing what follows once `is_time` says so."""

    def __init__(self, journal, is_time):
        self._journal = journal
        self._is_time = is_time

    def append(self, events):
        if self._is_time():
            raise Cut
        self._journal.append(events)

    async def flush(self):
        await self._journal.flush()


class StoreContract:
    """The contract. Subclasses give the fixture `store`, and `run_id` if ids have a form."""

    @pytest.fixture
    def run_id(self):
        return "11111111-1111-7111-8111-111111111111"

    @pytest.fixture
    def created(self, store, run_id):
        store.create(run_id, [new_run(GRAPH, {"n": 0}, now=1.0)])
        return store

    async def test_a_new_run_has_the_events_it_was_made_with(self, created, run_id):
        (event,) = created.events(run_id)

        assert (event.seq, event.kind, event.data["state"]) == (1, EventKind.RUN_CREATED, {"n": 0})

    async def test_a_run_exists_once(self, created, run_id):
        with pytest.raises(ValueError, match="exists"):
            created.create(run_id, [new_run(GRAPH, {})])

    async def test_an_unknown_run_is_a_key_error(self, store):
        with pytest.raises(KeyError):
            store.events("22222222-2222-7222-8222-222222222222")

    async def test_what_was_flushed_is_there_in_order_and_numbered_without_gaps(
        self, created, run_id
    ):
        journal = created.journal(run_id)
        journal.append([log("one"), log("two")])
        journal.append([log("three")])
        await journal.flush()
        events = created.events(run_id, after=created.events(run_id)[-4].seq)[-3:]

        assert [e.data["message"] for e in events] == ["one", "two", "three"]
        numbers = [e.seq for e in created.events(run_id)]
        assert numbers == list(range(1, len(numbers) + 1))

    async def test_events_come_back_as_they_were(self, created, run_id):
        data = {"level": "info", "message": "é \U0001f600", "x": [1, 2.5, None, True, {"k": "v"}]}
        journal = created.journal(run_id)
        journal.append([Event(EventKind.LOG, data, "node / ü", 7, 2, time=1_800_000_000.25)])
        await journal.flush()
        event = created.events(run_id)[-1]

        assert (event.kind, event.node, event.act, event.att) == (EventKind.LOG, "node / ü", 7, 2)
        assert event.data == data
        assert event.as_dict()["ts"] == "2027-01-15T08:00:00.250Z"
        assert json.dumps(event.as_dict())

    async def test_after_leaves_out_what_was_seen(self, created, run_id):
        journal = created.journal(run_id)
        journal.append([log(str(i)) for i in range(5)])
        await journal.flush()
        last = created.events(run_id)[-1].seq

        assert [e.data["message"] for e in created.events(run_id, after=last - 2)] == ["3", "4"]
        assert created.events(run_id, after=last) == []

    async def test_flushing_nothing_is_fine(self, created, run_id):
        await created.journal(run_id).flush()

    async def test_a_newer_journal_fences_the_older_one(self, created, run_id):
        old, new = created.journal(run_id), created.journal(run_id)
        new.append([log("new")])
        await new.flush()
        old.append([log("zombie")])

        with pytest.raises(Fenced):
            await old.flush()
        said = [e.data.get("message") for e in created.events(run_id) if e.kind is EventKind.LOG]
        assert said == ["new"]

    async def test_a_run_driven_on_the_store_folds_to_its_result(self, created, run_id):
        registry = state_tools({"bump": lambda s: {"n": s["n"] + 1}})
        journal = created.journal(run_id)
        driver = Driver(
            GRAPH, registry, journal, folded=fold(GRAPH, created.events(run_id)), run_id=run_id
        )
        result = await driver.drive()
        folded = fold(GRAPH, created.events(run_id))

        assert (result.status, result.state) == ("completed", {"n": 10})
        assert (folded.status, folded.state) == ("completed", {"n": 10})

    async def test_a_run_goes_on_after_its_driver_was_lost(self, created, run_id):
        calls = []

        def bump(state):
            calls.append(state["n"])
            return {"n": state["n"] + 1}

        journal = CutJournal(created.journal(run_id), lambda: len(calls) == 5)
        registry = state_tools({"bump": bump})
        first = Driver(
            GRAPH, registry, journal, folded=fold(GRAPH, created.events(run_id)), run_id=run_id
        )
        with pytest.raises(Cut):
            await first.drive()
        again = created.journal(run_id)
        second = Driver(
            GRAPH, registry, again, folded=fold(GRAPH, created.events(run_id)), run_id=run_id
        )
        result = await second.drive()

        assert (result.status, result.state) == ("completed", {"n": 10})
        succeeded = [
            e.data["ops"] for e in created.events(run_id) if e.kind is EventKind.ATTEMPT_SUCCEEDED
        ]
        assert [ops for ops in succeeded if ops] == [[["set", "n", n]] for n in range(1, 11)]
