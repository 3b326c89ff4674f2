"""Whatever a tool brings, both databases keep the same text of it, and none refuses it."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import Event, EventKind
from studio.journal import codec
from studio.journal.append import append_as_other
from studio.journal.raw_connection import DjangoConnection
from studio.models import Run, RunEvent
from tests.studio.journal.conftest import MakeRun

TEXT = st.text(st.characters(exclude_categories=()), max_size=40)
NASTY = st.sampled_from(["\0", "a\0b", "\ud800", "\udfff\ud800", "\\u0000", "\ufffe", "\U0010ffff"])
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT | NASTY,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT | NASTY, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@pytest.fixture
def run(make_started_run: MakeRun) -> Run:
    return make_started_run()


@given(value=VALUE)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_sec_values_a_database_refuses(value: Any, run: Run) -> None:
    """What is stored is a pure function of the value, so it is the same on both databases."""
    event = Event(EventKind.LOG, {"level": "info", "message": "x", "value": value})
    append_as_other(DjangoConnection(), run.pk, [event])

    stored = RunEvent.objects.filter(run=run, kind="log").latest("seq").data
    cleaned, mended = codec.clean(event.data)
    assert stored == codec.encode(cleaned)
    assert "\0" not in stored
    stored.encode("utf-8")
    assert json.loads(stored)["value"] == cleaned["value"]
    warned = RunEvent.objects.filter(run=run, kind="warning").exists()
    assert warned or not mended
