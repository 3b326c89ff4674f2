"""Two web servers on one PostgreSQL and one Redis: who watches sees every event once, in order."""

import asyncio
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from channels.layers import channel_layers
from django.test import override_settings

from studio.live import relay
from tests.live import LiveStudio
from tests.studio.sockets.test_server import journal, started
from tests.studio.sockets.watching import Watcher, watchers_tokens
from tests.studio.spread.brokers import REDIS, OwnRedis

pytestmark = [
    pytest.mark.redis,
    pytest.mark.skipif(REDIS is None, reason="redis-server is absent"),
    pytest.mark.timeout(240),
]
SERVER = "postgresql://postgres@127.0.0.1:5432"


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[OwnRedis]:
    server = OwnRedis(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def database() -> Iterator[str]:
    name = f"treadle_live_{os.getpid()}_{secrets.token_hex(3)}"
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[arg-type]
        yield f"{SERVER}/{name}"
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')  # type: ignore[arg-type]


@pytest.fixture
def servers(tmp_path: Path, database: str, redis: OwnRedis) -> Iterator[list[LiveStudio]]:
    """The first serves and drives nothing, the second drives too."""
    shared = {
        "DATABASE_URL": database,
        "TREADLE_CHANNEL_URL": redis.url,
        "TREADLE_TOOLS": "tests.studio.tools",
        "TRIAL_LEDGER": str(tmp_path / "ledger"),
        "TRIAL_SLOW_S": "0.02",
    }
    made = [
        LiveStudio(tmp_path / "one", **shared, TREADLE_DRIVERS="0"),
        LiveStudio(tmp_path / "two", **shared),
    ]
    try:
        for studio in made:
            studio.start()
        yield made
    finally:
        for studio in made:
            studio.stop()


@pytest.mark.slow
@pytest.mark.postgres
async def test_watchers_of_a_run_that_another_process_drives(
    servers: list[LiveStudio], redis: OwnRedis
) -> None:
    web, driving = servers
    [token] = watchers_tokens(driving, 1)

    async def watch(rounds: int, *, breaks: bool) -> None:
        run_id = started(web, rounds)
        watchers = [Watcher(web, run_id, token) for _ in range(5)]
        watchers.append(Watcher(driving, run_id, token))
        if breaks:
            watchers[0].on_batch = cut
        await asyncio.wait_for(asyncio.gather(*(each.follow() for each in watchers)), 90)
        expected = journal(web, run_id)
        assert expected == list(range(1, len(expected) + 1))
        assert all(watcher.seqs == expected for watcher in watchers)
        assert {(watcher.ended or {}).get("status") for watcher in watchers} == {"completed"}
        _, events = web.call("GET", f"/api/v1/runs/{run_id}/events?kind=run.claimed")
        owners = [event["data"]["owner"].split("/")[3] for event in events["items"]]
        assert owners == [str(driving.pid)]

    def cut(watcher: Watcher) -> None:
        """Redis dies with what it holds, and is back while the run still goes on."""
        if watcher.last > 20:
            watcher.on_batch = None
            redis.stop()
            asyncio.get_running_loop().call_later(1.0, redis.start)

    await watch(60, breaks=False)
    await watch(200, breaks=True)
    await watch(60, breaks=False)


async def test_wake_ups_come_again_when_redis_is_back(redis: OwnRedis) -> None:
    layers = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [redis.url], "prefix": "treadle-test"},
        }
    }
    heard: list[str] = []
    channel_layers.backends = {}
    with override_settings(CHANNEL_URL=redis.url, CHANNEL_LAYERS=layers):
        listener = relay.Listener(lambda topic, _body: heard.append(topic))
        await listener.add(relay.run_topic(7))

        async def until_heard() -> None:
            deadline = time.monotonic() + 30
            while not heard:
                assert time.monotonic() < deadline, "no wake-up comes any more"
                relay.announce(7)
                await asyncio.sleep(0.2)
            heard.clear()

        await until_heard()
        redis.stop()
        relay.announce(7)
        await asyncio.sleep(0.3)
        redis.start()
        heard.clear()
        await until_heard()
        await listener.close()
    channel_layers.backends = {}
