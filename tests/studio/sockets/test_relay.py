"""Wake-ups between processes over Redis; the rows are the stream, so a lost one costs a second."""

import asyncio
import time
from collections.abc import Iterator

import pytest
from channels.layers import channel_layers
from django.test import override_settings

from studio.live import relay

URL = "redis://127.0.0.1:6379/9"
LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [URL], "prefix": "treadle-test"},
    }
}


@pytest.fixture
def redis() -> Iterator[None]:
    with override_settings(CHANNEL_URL=URL, CHANNEL_LAYERS=LAYERS):
        yield
    channel_layers.backends = {}


async def joined(listener: relay.Listener) -> None:
    """Until the listener is in its groups."""
    while not listener._channel:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)


async def until(heard: list[int], count: int) -> None:
    deadline = time.monotonic() + 5
    while len(heard) < count:
        assert time.monotonic() < deadline, heard
        await asyncio.sleep(0.01)


@pytest.mark.redis
async def test_a_wake_up_reaches_who_listens_for_that_run(redis: None) -> None:
    heard: list[int] = []
    listener = relay.Listener(lambda topic, _body: heard.append(relay.number_in(topic)))
    await listener.add(relay.run_topic(7))
    await joined(listener)

    await asyncio.to_thread(relay.announce, 8)
    await asyncio.to_thread(relay.announce, 7)
    await until(heard, 1)
    await listener.add(relay.run_topic(8))
    await asyncio.to_thread(relay.announce, 8)
    await until(heard, 2)

    assert heard == [7, 8]
    await listener.discard(relay.run_topic(7))
    await listener.close()


@pytest.mark.redis
async def test_many_commits_make_few_wake_ups_and_the_last_one_counts(redis: None) -> None:
    heard: list[float] = []
    listener = relay.Listener(lambda _topic, _body: heard.append(time.monotonic()))
    await listener.add(relay.run_topic(9))
    await joined(listener)
    began = time.monotonic()

    for _ in range(300):
        relay.announce(9)
        await asyncio.sleep(0.001)
    last = time.monotonic()
    await asyncio.sleep(0.3)

    assert 2 <= len(heard) <= (last - began) / relay.PACE_S + 3
    assert heard[-1] >= last - 0.01
    await listener.close()


async def test_with_one_process_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "Announcer", None)

    relay.announce(1)
    listener = relay.Listener(lambda _topic, _body: None)
    await listener.add(relay.run_topic(1))
    await listener.discard(relay.run_topic(1))
    await listener.close()


async def test_a_layer_that_is_away_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    away = {"default": {**LAYERS["default"], "CONFIG": {"hosts": ["redis://127.0.0.1:1/0"]}}}
    with override_settings(CHANNEL_URL="redis://127.0.0.1:1/0", CHANNEL_LAYERS=away):
        listener = relay.Listener(lambda _topic, _body: None)
        await asyncio.wait_for(listener.add(relay.run_topic(1)), 5)
        while "rows are polled meanwhile" not in caplog.text:
            await asyncio.sleep(0.01)
        await listener.close()
    channel_layers.backends = {}
