"""Spans of what was committed."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from studio.execution.traces import Traces

pytest.importorskip("opentelemetry.sdk.trace", reason="pip install -r requirements-scale.txt")

RUN = "01a21f12-47f0-76a9-bb20-036a483f003f"
NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


@dataclass
class Written:
    kind: str
    second: int
    node: str | None = "pay"
    act: int | None = 1
    att: int | None = 1

    @property
    def at(self) -> object:
        return NOON + timedelta(seconds=self.second)


@dataclass
class Spans:
    """Takes spans, as a processor does."""

    ended: list[Any] = field(default_factory=list)

    def on_end(self, span: Any) -> None:
        self.ended.append(span)


def test_a_call_that_was_lost_and_then_decided_is_two_spans() -> None:
    spans = Spans()
    traces = Traces(spans, None)

    traces.note(
        RUN,
        [
            Written("attempt.started", 0),
            Written("attempt.lost", 4),
            Written("outcome.decided", 60),
            Written("attempt.succeeded", 61),
        ],
    )

    lost, done = spans.ended
    assert (lost.end_time - lost.start_time, done.end_time - done.start_time) == (4e9, 0)
    assert lost.context.span_id != done.context.span_id
    assert [span.status.is_ok for span in (lost, done)] == [False, True]
