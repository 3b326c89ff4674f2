"""Spans of OpenTelemetry, one for each run and one for each attempt, made from the journal.

Only with OTEL_EXPORTER_OTLP_ENDPOINT (or …_TRACES_ENDPOINT) in the environment. A run's trace has
the run's id, so who has one finds the other; the collector hears of an attempt once its end is
committed, and of the run at its end. Nothing waits for the collector.
"""

import hashlib
import logging
import os
import threading
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from engine import EventKind
from studio.journal import codec
from studio.setup.checks import TRACING

CLOSE_S = 3.0
SEND_S = 2.0
MOST = 10_000
"""Attempts under way whose beginning is remembered."""

_ENDS = {
    EventKind.ATTEMPT_SUCCEEDED.value: "",
    EventKind.ATTEMPT_FAILED.value: "failed",
    EventKind.ATTEMPT_TIMED_OUT.value: "timed out",
    EventKind.ATTEMPT_CANCELLED.value: "cancelled",
    EventKind.ATTEMPT_LOST.value: "lost",
}
_RUN_ENDS = {
    EventKind.RUN_COMPLETED.value: "",
    EventKind.RUN_FAILED.value: "failed",
    EventKind.RUN_CANCELLED.value: "cancelled",
}

log = logging.getLogger(__name__)


class Committed(Protocol):
    """An event that was written."""

    kind: str
    at: object
    node: str | None
    act: int | None
    att: int | None


class Traces:
    """Makes spans of what was committed and gives them to a processor of OpenTelemetry."""

    def __init__(self, processor: Any, resource: Any) -> None:
        self._processor = processor
        self._resource = resource
        self._began: dict[tuple[str, int | None, int | None], datetime] = {}

    def note(self, run: str, events: Iterable[Committed]) -> None:
        """These events of a run are committed. Never raises."""
        try:
            for event in events:
                self._note(run, event)
        except Exception:
            log.exception("run %s is not traced", run)

    def close(self) -> None:
        """Send what is left, if somebody takes it soon."""
        last = threading.Thread(target=self._processor.shutdown, daemon=True)
        last.start()
        last.join(CLOSE_S)

    def _note(self, run: str, event: Committed) -> None:
        key = (run, event.act, event.att)
        if event.kind == EventKind.ATTEMPT_STARTED.value:
            if len(self._began) >= MOST:
                # Handed to another driver, most likely: its end is seen there.
                del self._began[next(iter(self._began))]
            self._began[key] = codec.moment_of(event.at)
        elif event.kind in _ENDS:
            ended = codec.moment_of(event.at)
            attributes = {"treadle.activation": event.act or 0, "treadle.attempt": event.att or 0}
            self._end(
                run,
                event.node or "step",
                _part(event),
                (self._began.pop(key, ended), ended),
                _ENDS[event.kind],
                {"treadle.node": event.node or "", **attributes},
            )
        elif event.kind in _RUN_ENDS:
            ended = codec.moment_of(event.at)
            began = _made(run, ended)
            self._end(run, "run", "", (began, ended), _RUN_ENDS[event.kind], {})

    def _end(
        self,
        run: str,
        name: str,
        part: str,
        times: tuple[datetime, datetime],
        trouble: str,
        attributes: dict[str, Any],
    ) -> None:
        """A span of the run itself, or of the part of it that is named."""
        from opentelemetry.sdk.trace import ReadableSpan
        from opentelemetry.trace import Status, StatusCode

        status = Status(StatusCode.ERROR, trouble) if trouble else Status(StatusCode.OK)
        span = ReadableSpan(
            name=name,
            context=_context(run, part),
            parent=_context(run, "") if part else None,
            resource=self._resource,
            attributes={"treadle.run": run, **attributes},
            start_time=_nanoseconds(times[0]),
            end_time=_nanoseconds(times[1]),
            status=status,
        )
        self._processor.on_end(span)


def _part(event: Committed) -> str:
    """What the span is of. A call that was lost may still end as a person decides: two spans."""
    lost = "/lost" if event.kind == EventKind.ATTEMPT_LOST.value else ""
    return f"{event.act}/{event.att}{lost}"


def _context(run: str, part: str) -> Any:
    from opentelemetry.trace import SpanContext, TraceFlags

    digest = hashlib.sha256(f"{run}/{part}".encode()).digest()
    return SpanContext(
        trace_id=UUID(run).int,
        span_id=int.from_bytes(digest[:8], "big") or 1,
        is_remote=False,
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
    )


def _made(run: str, ended: datetime) -> datetime:
    """When a run was made: its id says so, to the millisecond."""
    made = datetime.fromtimestamp((UUID(run).int >> 80) / 1000, ended.tzinfo)
    return min(made, ended)


def _nanoseconds(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000) * 1000


def is_wanted() -> bool:
    return any(os.environ.get(name) for name in TRACING)


def from_environment() -> Traces | None:
    """What the environment asks for; None where it asks for nothing. Raises ImportError."""
    if not is_wanted():
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    named = os.environ.get("OTEL_SERVICE_NAME", "treadle")
    resource = Resource.create({"service.name": named})
    return Traces(BatchSpanProcessor(OTLPSpanExporter(timeout=SEND_S)), resource)
