"""Celery carries hints through Redis and RabbitMQ; whatever becomes of them costs latency only."""

import os
import secrets
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from kombu import Connection

from studio.actions.runs import start_run
from studio.execution import dispatch
from studio.execution.broker import ByBroker, CeleryWire, Post, queue_name
from studio.execution.service import Service
from studio.journal import codec
from studio.models import Run, RunEvent, Version
from tests.studio import build
from tests.studio.spread.brokers import REDIS, CutWire, OwnRedis
from tests.studio.spread.processes import Processes, drivers_of, status

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]
RABBIT = 5672


class Broker:
    """One that can go away and come back, and its address."""

    def __init__(self, url: str, thing: OwnRedis | CutWire, queue: str) -> None:
        self.url = url
        self.thing = thing
        self.queue = queue
        """A queue of runs that nobody else uses."""


@pytest.fixture(params=["redis", pytest.param("rabbitmq", marks=pytest.mark.rabbitmq)])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Broker]:
    queue = f"t{secrets.token_hex(4)}"
    if request.param == "redis":
        if REDIS is None:
            pytest.skip("redis-server is absent: apt-get install -y redis-server")
        server = OwnRedis(tmp_path)
        server.start()
        yield Broker(server.url, server, queue)
        server.stop()
        return
    wire = CutWire(RABBIT)
    yield Broker(f"amqp://guest:guest@127.0.0.1:{wire.port}//", wire, queue)
    wire.close()
    with Connection(f"amqp://guest:guest@127.0.0.1:{RABBIT}//") as connection:
        connection.default_channel.queue_delete(queue_name(queue))


@pytest.fixture
def post(broker: Broker, web: Service) -> Iterator[Post]:
    """This process drives nothing, and posts what it starts."""
    made = Post(partial(CeleryWire, broker.url))
    before = dispatch.dispatcher()
    dispatch.use(ByBroker(made))
    yield made
    made.close()
    dispatch.use(before)


def published(broker: Broker, alice: User, tool: str, length: int, key: str) -> Version:
    document: dict[str, Any] = {**build.chain(tool, length, key=key), "queue": broker.queue}
    return build.published(document, alice)


def test_runs_go_on_whatever_the_broker_does(
    broker: Broker, post: Post, web: Service, processes: Processes, alice: User
) -> None:
    worker = processes.celery(TREADLE_BROKER_URL=broker.url, TREADLE_QUEUES=broker.queue)
    quick = published(broker, alice, "trial.count", 2, "quick")
    slow = published(broker, alice, "trial.ledger", 8, "slow")

    def ends(run: Run) -> None:
        assert web.wait_ended_blocking(run.public_id, 60), processes.said()
        assert status(run) == "completed"

    ends(start_run(user=alice, version=quick))
    processes.until(lambda: post.sent == 1)

    # It goes away in the middle of a run, with everything that it holds.
    cut = start_run(user=alice, version=slow)
    processes.until(lambda: len(processes.calls()) >= 2)
    broker.thing.stop()
    began = time.monotonic()
    started = [start_run(user=alice, version=quick) for _ in range(5)]
    assert time.monotonic() - began < 2, "a start waits for the broker"
    for run in [*started, cut]:
        ends(run)
    assert processes.calls() == [str(n) for n in range(8)]
    processes.until(lambda: post.failed >= 1)

    # It comes back, and is used again.
    broker.thing.start()
    before = post.sent
    deadline = time.monotonic() + 30
    while post.sent == before:
        assert time.monotonic() < deadline, "no hint is sent any more"
        ends(start_run(user=alice, version=quick))

    # The process that drives is killed: the one that Celery puts in its place goes on.
    processes.ledger.write_text("")
    killed = start_run(user=alice, version=slow)
    processes.until(lambda: len(processes.calls()) >= 2)
    [child] = drivers_of(killed)
    assert child != worker.pid
    os.kill(child, signal.SIGKILL)
    ends(killed)
    assert len(drivers_of(killed)) == 2
    assert sorted(set(processes.calls())) == [str(n) for n in range(8)]
    assert len(processes.calls()) <= 9, "more than the step in hand was called again"

    # A stop: what runs is handed back.
    left = start_run(user=alice, version=slow)
    processes.until(lambda: status(left) == "running")
    worker.send_signal(signal.SIGTERM)
    worker.wait(60)
    after = Run.objects.get(pk=left.pk)
    assert (after.status, after.lease_owner) in {("running", ""), ("completed", "")}


def test_what_is_no_run_is_no_hint(web: Service, alice: User) -> None:
    from studio.celery import drive

    for hint in ("", "nonsense", "0198aaaa-0000-7000-8000-000000000000"):
        drive(hint)
    with pytest.raises(TypeError):
        drive()
    version = build.published(build.chain("trial.count", 1), alice)
    run = start_run(user=alice, version=version)
    worker = Service(drivers=1)
    worker.start()
    try:
        for _ in range(20):
            worker.take(run.public_id)
        assert web.wait_ended_blocking(run.public_id, 20)
    finally:
        worker.stop(5)

    claims = RunEvent.objects.filter(run=run, kind="run.claimed").count()
    assert (claims, codec.decode(Run.objects.get(pk=run.pk).final_state or "")) == (1, {"n": 1})
