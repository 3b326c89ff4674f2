"""Both doors to the table write and read the same rows."""

import itertools
from datetime import UTC, datetime

import pytest

from engine import Event, EventKind
from studio.journal import codec
from studio.journal.append import append_first
from studio.journal.raw_connection import DjangoConnection, connect
from studio.models import RunEvent
from tests.studio.journal.conftest import MakeRun

pytestmark = pytest.mark.django_db(transaction=True)

TIMES = (
    1_800_000_000.0,
    1_800_000_000.123,
    1_800_000_000.9999,
    1_800_000_000.9999999,
    1_799_999_999.001,
)
COLUMNS = ("seq", "at", "kind", "node", "activation", "attempt", "data")
DATA = {"text": 'é "quoted" 😀 %s ? \\', "number": 1.5, "big": 2**70, "none": None, "list": [1, {}]}


def test_raw_rows_and_orm_rows_are_equal(make_run: MakeRun) -> None:
    """The same events, one run written raw and one by the ORM, each read by the other door."""
    raw_run, orm_run = make_run(), make_run()
    events = [
        Event(EventKind.LOG, DATA, node, act, att, time=time)
        for time, (node, act, att) in itertools.product(TIMES, [("n", 1, 2), (None, None, None)])
    ]
    connection = connect()
    append_first(connection, raw_run.pk, events)
    RunEvent.objects.bulk_create(
        RunEvent(
            run=orm_run,
            seq=seq,
            kind=event.kind.value,
            at=datetime.fromisoformat(event.as_dict()["ts"]),
            node=event.node,
            activation=event.act,
            attempt=event.att,
            data=codec.encode(event.data),
        )
        for seq, event in enumerate(events, 1)
    )

    stored = [connection.execute(codec.SELECT_EVENTS, (run.pk, 0)) for run in (raw_run, orm_run)]
    read = [
        list(RunEvent.objects.filter(run=run).values_list(*COLUMNS)) for run in (raw_run, orm_run)
    ]
    connection.close()

    assert stored[0] == stored[1], "the columns hold different values"
    assert read[0] == read[1], "the ORM reads different values"
    assert [codec.event_dict(row) for row in stored[0]] == [
        codec.event_dict(row) for row in read[0]
    ]


@pytest.mark.parametrize("time", TIMES)
def test_an_event_keeps_its_time(make_run: MakeRun, time: float) -> None:
    event = Event(EventKind.LOG, {}, time=time)
    run = make_run()

    append_first(DjangoConnection(), run.pk, [event])

    row = RunEvent.objects.filter(run=run).values_list(*COLUMNS).get()
    assert codec.event_dict(row)["ts"] == event.as_dict()["ts"]
    assert codec.event(row).as_dict() == {**event.as_dict(), "seq": 1}


def test_the_json_of_a_row_is_the_dict_of_a_row(make_run: MakeRun) -> None:
    run = make_run()
    append_first(DjangoConnection(), run.pk, [Event(EventKind.LOG, DATA, 'n"1', 1, 1, time=1e9)])

    row = RunEvent.objects.filter(run=run).values_list(*COLUMNS).get()

    assert codec.decode(codec.event_json(row)) == codec.event_dict(row)
    assert codec.event_dict(row)["data"] == DATA


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("a\0b", "a\ufffdb"),
        ("\ud800", "\ufffd"),
        ({"k\0": ["\udfff", {"x": "ok"}]}, {"k\ufffd": ["\ufffd", {"x": "ok"}]}),
        ("plain \\u0000 text", "plain \\u0000 text"),
    ],
)
def test_what_a_database_refuses_is_replaced(dirty: object, clean: object) -> None:
    cleaned, changed = codec.clean(dirty)

    assert cleaned == clean
    assert changed is (dirty != clean)
    assert codec.decode(codec.encode_clean(dirty)) == clean


def test_moments_of_columns_are_utc() -> None:
    at = datetime(2026, 11, 23, 10, 0, 0, 123000, UTC)

    assert codec.moment_of(codec.column_of("sqlite", at)) == at
    assert codec.column_of("sqlite", at.replace(microsecond=0)) == "2026-11-23 10:00:00"
    assert codec.from_column("2026-11-23 10:00:00") == "2026-11-23T10:00:00.000Z"
