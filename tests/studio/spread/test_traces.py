"""Spans of runs and attempts arrive at a collector, and one that is away is no trouble."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from studio.actions.runs import start_run
from studio.execution.service import Service, use
from tests.studio import build
from tests.studio.spread.processes import status

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def collector() -> Iterator[tuple[str, list[Any]]]:
    """Its address, and the spans that came."""
    spans: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                raise AssertionError("nobody asked for that")
            for each in ExportTraceServiceRequest.FromString(body).resource_spans:
                service = {pair.key: pair.value.string_value for pair in each.resource.attributes}
                assert service["service.name"] == "treadle"
                spans.extend(span for scope in each.scope_spans for span in scope.spans)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", spans
    server.shutdown()
    server.server_close()


def driven(alice: User, tool: str) -> tuple[Any, float]:
    """A run of two steps, and how long its service took to stop afterwards."""
    service = Service()
    use(service)
    service.start()
    try:
        run = start_run(user=alice, version=build.published(build.chain(tool, 2), alice))
        assert service.wait_ended_blocking(run.public_id, 20)
    finally:
        began = time.monotonic()
        service.stop(5)
        use(Service())
    return run, time.monotonic() - began


@pytest.mark.parametrize(("tool", "code"), [("trial.count", 1), ("trial.break", 2)])
def test_a_run_and_its_attempts_are_spans(
    collector: tuple[str, list[Any]],
    monkeypatch: pytest.MonkeyPatch,
    alice: User,
    tool: str,
    code: int,
) -> None:
    url, spans = collector
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)

    run, _ = driven(alice, tool)

    whole = next(span for span in spans if not span.parent_span_id)
    steps = [span for span in spans if span.parent_span_id]
    assert (whole.name, whole.status.code) == ("run", code)
    assert {UUID(bytes=span.trace_id) for span in spans} == {run.public_id}
    assert [span.name for span in steps] == (["s1", "s2"] if code == 1 else ["s1"])
    assert {span.parent_span_id for span in steps} == {whole.span_id}
    assert [span.status.code for span in steps] == [code] * len(steps)
    for span in steps:
        assert whole.start_time_unix_nano <= span.start_time_unix_nano
        assert span.start_time_unix_nano <= span.end_time_unix_nano
        assert span.end_time_unix_nano <= whole.end_time_unix_nano


def test_a_collector_that_is_away_costs_spans_only(
    monkeypatch: pytest.MonkeyPatch, alice: User
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")

    run, stopped_s = driven(alice, "trial.count")

    assert status(run) == "completed"
    assert stopped_s < 6
