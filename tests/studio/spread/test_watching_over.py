"""What operators watch: figures, readiness, and log lines for machines."""

import json
import logging
import re
import socket
import sys
import urllib.request

import pytest
from django.contrib.auth.models import User
from django.test import Client

from studio import meters
from studio.actions.runs import start_run
from studio.execution.service import Service
from studio.setup import logs
from tests.studio import build
from tests.studio.spread.processes import Processes

LINE = re.compile(r'([a-z_]+)(?:\{([a-z_]+="[^"]*"(?:,[a-z_]+="[^"]*")*)\})? (-?[0-9.e+-]+)')


def figures(text: str) -> dict[str, float]:
    """Every value by its name with labels; fails for a line that is none, or that has no type."""
    found: dict[str, float] = {}
    typed: set[str] = set()
    for line in text.splitlines():
        if line.startswith("#"):
            typed.add(line.split()[2])
            continue
        match = LINE.fullmatch(line)
        assert match, line
        base = re.sub("_(bucket|sum|count)$", "", match[1])
        assert base in typed or match[1] in typed, line
        found[line.rpartition(" ")[0]] = float(match[3])
    return found


def test_a_histogram_counts_up_to_its_bounds() -> None:
    made = meters.Histogram("sizes", "How large.", (1, 2.5))
    for value in (1, 2, 2.5, 9):
        made.observe(value)

    assert list(made.lines())[2:] == [
        'sizes_bucket{le="1"} 1',
        'sizes_bucket{le="2.5"} 3',
        'sizes_bucket{le="+Inf"} 4',
        "sizes_sum 14.5",
        "sizes_count 4",
    ]
    [*_, line] = meters.figure("a", "b", "gauge", [({"queue": 'x"\\\n'}, 1.5)])
    assert line == 'a{queue="x\\"\\\\\\n"} 1.5'


@pytest.mark.django_db(transaction=True)
def test_administrators_read_the_figures(engine: Service, alice: User, root: User) -> None:
    client = Client()
    assert client.get("/metrics").status_code == 401
    client.force_login(alice)
    assert client.get("/metrics").status_code == 403
    client.force_login(root)
    before = figures(client.get("/metrics").content.decode())

    version = build.published(build.chain("trial.count", 3), alice)
    run = start_run(user=alice, version=version)
    assert engine.wait_ended_blocking(run.public_id, 20)
    lost = build.published({**build.chain("trial.count", 1, key="q"), "queue": "gpu"}, alice)
    start_run(user=alice, version=lost)
    answer = client.get("/api/v1/metrics")
    after = figures(answer.content.decode())

    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    assert after["treadle_claims_total"] == before["treadle_claims_total"] + 1
    assert after["treadle_commit_events_count"] > before["treadle_commit_events_count"]
    assert after["treadle_commit_events_sum"] >= before["treadle_commit_events_sum"] + 6
    assert (after["treadle_running"], after["treadle_drivers"]) == (1, 32)
    assert after['treadle_runs{status="queued"}'] == 1
    assert after['treadle_queue_depth{queue="gpu"}'] == 1
    assert 0 < after['treadle_oldest_queued_seconds{queue="gpu"}'] < 60
    assert after["treadle_oldest_orphan_seconds"] == 0


@pytest.mark.django_db(transaction=True)
def test_a_process_without_its_engine_is_not_ready(engine: Service, settings: object) -> None:
    client = Client()
    settings.ENGINE_AUTOSTART = True  # type: ignore[attr-defined]
    assert client.get("/readyz").json() == {"status": "ok"}
    engine.stop()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "engine"})
    assert client.get("/healthz").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_worker_answers_those_who_watch_it(
    processes: Processes, web: Service, alice: User
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    processes.worker(TREADLE_WORKER_PORT=str(port), TREADLE_LOG_FORMAT="json")
    run = start_run(user=alice, version=build.published(build.chain("trial.count", 2), alice))
    assert web.wait_ended_blocking(run.public_id, 30)

    def asked(path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
            assert answer.status == 200
            return str(answer.read().decode())

    assert json.loads(asked("/healthz")) == json.loads(asked("/readyz")) == {"status": "ok"}
    told = figures(asked("/metrics"))
    assert (told["treadle_claims_total"], told["treadle_claiming"]) == (1, 1)


def test_log_lines_are_objects_that_name_run_and_request() -> None:
    formatter = logs.JsonFormatter()
    run, request = logs.run_id.set("run-1"), logs.request_id.set("request-1")
    try:
        raise ValueError('a "quoted" error')
    except ValueError:
        record = logging.LogRecord(
            "studio",
            logging.WARNING,
            __file__,
            1,
            "%s\nmore password=hunter2",
            ("said",),
            sys.exc_info(),
        )
    line = json.loads(formatter.format(record))
    logs.run_id.reset(run)
    logs.request_id.reset(request)

    assert (line["level"], line["logger"]) == ("warning", "studio")
    assert line["message"].startswith("said\nmore password=")
    assert "hunter2" not in line["message"]
    assert (line["run_id"], line["request_id"]) == ("run-1", "request-1")
    assert 'ValueError: a "quoted" error' in line["error"]
    assert "\n" not in formatter.format(record)
    assert "run_id" not in json.loads(formatter.format(record))
