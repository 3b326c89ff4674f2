"""Following runs on a real server: many watchers, and servers that go away meanwhile."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live import LiveStudio
from tests.studio import build
from tests.studio.sockets.watching import Watcher, watchers_tokens

WATCHERS = 200
ROUNDS = 150

pytestmark = pytest.mark.slow


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[LiveStudio]:
    """A studio whose tools take 10 ms and leave a line in a ledger each."""
    made = LiveStudio(
        tmp_path / "data",
        TREADLE_TOOLS="tests.studio.tools",
        TRIAL_LEDGER=str(tmp_path / "ledger"),
        TRIAL_SLOW_S="0.01",
    )
    try:
        made.start()
        yield made
    finally:
        made.stop()


def started(studio: LiveStudio, rounds: int) -> str:
    """A run that goes round so many times."""
    document = build.loop("trial.ledger", rounds)
    _, workflow = studio.call("POST", "/api/v1/workflows", {"document": document})
    body = {"workflow": workflow["id"], "draft": True, "state": {"n": 0}}
    status, run = studio.call("POST", "/api/v1/runs", body)
    assert status == 201, run
    return str(run["id"])


def journal(studio: LiveStudio, run_id: str) -> list[int]:
    """All seqs, as the API tells them."""
    seqs: list[int] = []
    while True:
        after = seqs[-1] if seqs else 0
        _, page = studio.call("GET", f"/api/v1/runs/{run_id}/events?after={after}")
        seqs += [event["seq"] for event in page["items"]]
        if not page["items"]:
            return seqs


async def test_two_hundred_watchers_get_every_event_once_and_in_order(studio: LiveStudio) -> None:
    tokens = watchers_tokens(studio, WATCHERS // 20)
    run_id = started(studio, ROUNDS)
    watchers = [Watcher(studio, run_id, tokens[n % len(tokens)]) for n in range(WATCHERS)]

    await asyncio.wait_for(asyncio.gather(*(watcher.follow() for watcher in watchers)), 90)

    expected = journal(studio, run_id)
    assert len(expected) > 2 * ROUNDS
    assert expected == list(range(1, len(expected) + 1))
    assert all(watcher.seqs == expected for watcher in watchers)
    assert {watcher.code for watcher in watchers} == {1000}
    ends = [watcher.ended or {} for watcher in watchers]
    assert all(end["status"] == "completed" for end in ends)
    assert all(end["head"] == expected[-1] for end in ends)


async def test_nothing_is_lost_or_doubled_when_the_server_is_killed(studio: LiveStudio) -> None:
    run_id = started(studio, 300)
    kills = [40, 200]

    def kill_at(watcher: Watcher) -> None:
        if kills and watcher.last >= kills[0]:
            kills.pop(0)
            studio.kill()

    watcher = Watcher(studio, run_id, studio.token, on_batch=kill_at)
    deadline = time.monotonic() + 100
    while watcher.ended is None:
        assert time.monotonic() < deadline, f"stuck after {watcher.last}"
        await attempt(watcher)
        if watcher.ended is None:
            await asyncio.to_thread(studio.start)

    assert not kills
    assert watcher.seqs == journal(studio, run_id)
    assert watcher.seqs == list(range(1, watcher.last + 1))
    assert watcher.ended["status"] == "completed"


async def attempt(watcher: Watcher) -> None:
    """One connection; a server that is not there ends it too."""
    try:
        await watcher.follow()
    except OSError:
        await asyncio.sleep(0.1)


async def test_a_socket_that_reads_nothing_holds_nobody_up(studio: LiveStudio) -> None:
    from websockets.asyncio.client import connect
    from websockets.typing import Subprotocol

    run_id = started(studio, 100)
    headers = {"Authorization": f"Bearer {studio.token}"}
    uri = f"ws://127.0.0.1:{studio.port}/ws/run/{run_id}"
    native: Any = [Subprotocol("treadle.v1")]
    async with connect(uri, additional_headers=headers, subprotocols=native, max_queue=1) as deaf:
        watcher = Watcher(studio, run_id, studio.token)

        await asyncio.wait_for(watcher.follow(), 60)

        assert watcher.seqs == journal(studio, run_id)
        deaf.transport.abort()
