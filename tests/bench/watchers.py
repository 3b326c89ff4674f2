"""A thousand watchers on one run: everything once and in order, how late, and in how much memory.

    python -m tests.bench.watchers [ROUNDS] [--watchers 1000] [--reconnects 100] [--deaf 5]

A real studio on SQLite in a process of its own; all watchers are in this one. Some lose their line
in the middle and come back with what they have, and some never acknowledge anything. An event is as
late as the moment at which this process has read it, less the moment at which it happened: that of
a slow client counts. Reads /proc, so it needs Linux.
"""

import argparse
import asyncio
import contextlib
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from tests.bench.process import memory_mib
from tests.live import LiveStudio
from tests.studio.sockets.watching import watchers_tokens

A_USER = 20
"""Sockets that one user may have open."""
ACK_EVENTS = 100
STEP_MS = 40
STEP_LINES = 2
SEED = 20261127
DOCUMENT: dict[str, Any] = {
    "format": "treadle/1",
    "key": "watched",
    "name": "watched",
    "entry": ["talk"],
    "nodes": {"talk": {"type": "tool", "tool": "bench.talk"}, "done": {"type": "end"}},
    "edges": [
        {"id": "again", "from": "talk", "to": "talk", "when": "n < steps", "max": 100_000},
        {"id": "out", "from": "talk", "to": "done", "else": True},
    ],
    "limits": {"max_steps": 100_000},
}


@dataclass(slots=True)
class Watcher:
    studio: LiveStudio
    run_id: str
    token: str
    acknowledges: bool = True
    last: int = 0
    flaws: int = 0
    """Frames that did not follow the one before."""
    late: list[float] = field(default_factory=list)
    """Seconds, one an event."""
    came_back: int = 0
    code: int | None = None
    ended: bool = False
    line: Any = None

    async def watch(self) -> None:
        """Until the end, or until the server closes for another reason than a lost line."""
        while not self.ended:
            await self._follow()
            if self.code not in (None, 1006):
                return
            self.came_back += 1

    def lose_the_line(self) -> None:
        if self.line is not None:
            self.line.transport.abort()

    async def _follow(self) -> None:
        uri = f"ws://127.0.0.1:{self.studio.port}/ws/run/{self.run_id}?after={self.last}"
        async with connect(
            uri,
            additional_headers={"Authorization": f"Bearer {self.token}"},
            subprotocols=[Subprotocol("treadle.v1")],
            origin=Origin(self.studio.url),
            compression=None,
            open_timeout=120,
            ping_interval=None,
        ) as self.line:
            acked = self.last
            with contextlib.suppress(ConnectionClosed):
                async for text in self.line:
                    self._take(msgspec.json.decode(text))
                    if self.acknowledges and (self.last - acked >= ACK_EVENTS or self.ended):
                        acked = self.last
                        # Closed behind its last message, perhaps, which is still to be read.
                        with contextlib.suppress(ConnectionClosed):
                            await self.line.send(f'{{"t":"ack","seq":{acked}}}')
            self.code = self.line.close_code

    def _take(self, message: dict[str, Any]) -> None:
        if message["t"] == "ev":
            now = time.time()
            self.flaws += message["from"] != self.last + 1
            self.last = message["to"]
            seqs = [event["seq"] for event in message["ev"]]
            self.flaws += seqs != list(range(message["from"], message["to"] + 1))
            self.late += [now - _moment(event["ts"]) for event in message["ev"]]
        elif message["t"] == "end":
            self.ended = True


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.watchers", description=__doc__)
    parser.add_argument("rounds", nargs="?", type=int, default=1)
    parser.add_argument("--watchers", type=int, default=1000)
    parser.add_argument("--reconnects", type=int, default=100)
    parser.add_argument("--deaf", type=int, default=5, help="watchers that never acknowledge")
    parser.add_argument("--steps", type=int, default=400)
    options = parser.parse_args()
    return max(_round(options) for _ in range(options.rounds))


def _round(options: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="treadle-bench-") as folder:
        studio = LiveStudio(Path(folder) / "data", TREADLE_TOOLS="tests.bench.studio_tools")
        studio.start()
        try:
            return asyncio.run(_measure(studio, options))
        finally:
            studio.stop()


async def _measure(studio: LiveStudio, options: argparse.Namespace) -> int:
    tokens = watchers_tokens(studio, -(-options.watchers // A_USER))
    run_id = _start(studio, options.steps)
    before = memory_mib(studio.pid)
    watchers = [
        Watcher(studio, run_id, tokens[at // A_USER], at >= options.deaf)
        for at in range(options.watchers)
    ]
    peak = asyncio.create_task(_peak(studio.pid))
    watching = [asyncio.ensure_future(each.watch()) for each in watchers]
    await _begun(watchers)
    _signal(studio, run_id)
    await _disturb(watchers[options.deaf :], options.reconnects)
    await asyncio.gather(*watching)
    peak.cancel()
    return _report(studio, run_id, watchers, before, await _result(peak))


def _start(studio: LiveStudio, steps: int) -> str:
    document = {
        **DOCUMENT,
        "entry": ["start"],
        "nodes": {"start": {"type": "wait", "signal": "go"}, **DOCUMENT["nodes"]},
        "edges": [{"id": "in", "from": "start", "to": "talk"}, *DOCUMENT["edges"]],
    }
    status, workflow = studio.call("POST", "/api/v1/workflows", {"document": document})
    assert status == 201, workflow
    path = f"/api/v1/workflows/{workflow['id']}/publish"
    status, published = studio.call("POST", path, {"note": "watched"})
    assert status < 300, published
    state = {"n": 0, "steps": steps}
    status, run = studio.call("POST", "/api/v1/runs", {"workflow": workflow["id"], "state": state})
    assert status in (201, 202), run
    return str(run["id"])


def _signal(studio: LiveStudio, run_id: str) -> None:
    status, answer = studio.call("POST", f"/api/v1/runs/{run_id}/signals", {"name": "go"})
    assert status < 300, answer


async def _begun(watchers: list[Watcher]) -> None:
    """Everybody has what there was before the run went on."""
    async with asyncio.timeout(300):
        while not all(each.last for each in watchers):
            await asyncio.sleep(0.1)


async def _disturb(watchers: list[Watcher], times: int) -> None:
    """Cut lines at random while events come."""
    chance = random.Random(SEED)
    for _ in range(times):
        await asyncio.sleep(STEP_MS / 1000)
        following = [each for each in watchers if not each.ended]
        if not following:
            return
        chance.choice(following).lose_the_line()


async def _peak(pid: int) -> float:
    most = 0.0
    with contextlib.suppress(asyncio.CancelledError):
        while True:
            most = max(most, memory_mib(pid))
            await asyncio.sleep(0.25)
    return most


async def _result(task: Awaitable[float]) -> float:
    return await task


def _report(
    studio: LiveStudio, run_id: str, watchers: list[Watcher], before: float, peak: float
) -> int:
    _, run = studio.call("GET", f"/api/v1/runs/{run_id}")
    head = max(each.last for each in watchers)
    hearing = [each for each in watchers if each.acknowledges]
    deaf = [each for each in watchers if not each.acknowledges]
    late = sorted(value for each in hearing for value in each.late)
    got = sum(len(each.late) for each in hearing)
    flaws = sum(each.flaws for each in watchers)
    behind = sum(1 for each in hearing if each.last != head or not each.ended)
    deaf_closed = sum(1 for each in deaf if each.code == 4408)
    back = sum(each.came_back for each in watchers)
    print(f"\n== watchers: {len(watchers):,} on one run of {head:,} events ({run['status']})")
    print(f"delivered            {got:,} of {head * len(hearing):,}")
    print(f"gaps, doubles        {flaws}; watchers without the end: {behind}")
    if behind:
        print(f"closed with          {dict(Counter(each.code for each in hearing))}")
    print(f"lines cut            {back}, all came back")
    print(f"never acknowledged   {len(deaf)}, closed as too slow: {deaf_closed}")
    for part in (0.5, 0.99, 1.0):
        at = min(len(late) - 1, int(len(late) * part))
        print(f"late, p{part * 100:<4g}          {late[at] * 1e3:.0f} ms")
    print(f"memory               {before:.0f} MiB before, {peak:.0f} MiB at most")
    return 0 if got == head * len(hearing) and not flaws and not behind else 1


if __name__ == "__main__":
    sys.exit(main())
