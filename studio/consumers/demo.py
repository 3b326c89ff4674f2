"""The demo's messages: one per step with the state after it, then the end.

{"node": …, "state_snapshot": {…}, "status": "RUNNING"}
{"status": "COMPLETED", "done": true}
"""

import asyncio
import time
from typing import Any

from engine.policies import TERMINAL_RUN_STATUSES, RunStatus
from studio.consumers import codes, rows
from studio.consumers.link import Link
from studio.live.pool import in_pool
from studio.live.tail import Tail
from studio.models import Run

# States are made by replaying the journal: at most this share of the time is spent on it.
PAUSE_PER_WORK = 4
LONGEST_PAUSE_S = 1.0
AT_REST = TERMINAL_RUN_STATUSES | {RunStatus.PAUSED}


class DemoFollower:
    """Sends one client every step of a run from its first, and what the client says is ignored."""

    def __init__(self, link: Link, run: Run) -> None:
        self.bell = asyncio.Event()
        self._link = link
        self._run_id = run.pk
        self._sent = 0

    async def follow(self, tail: Tail) -> int:
        """Until the run ends or pauses. Returns the code to close with."""
        while True:
            self.bell.clear()
            began = time.monotonic()
            status, texts = await in_pool(rows.demo_steps, self._run_id, self._sent)
            for text in texts:
                await self._link.text(text)
            self._sent += len(texts)
            if status in AT_REST:
                await self._link.text(rows.demo_end(status))
                return codes.END
            worked = time.monotonic() - began
            await asyncio.sleep(min(LONGEST_PAUSE_S, worked * PAUSE_PER_WORK))
            await self.bell.wait()

    def hear(self, message: Any) -> None:
        """The demo's clients only listen."""
