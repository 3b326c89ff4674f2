"""Where a process is to kill itself: a file that it reads at every failpoint.

The file holds a token and then `place number` lines. At the first line's place, reached for that
time since the file was written, the process takes the line off and kills itself; the next line is
for whoever comes after it. `*` stands for any place, `record` kills nobody and notes every place.
"""

import os
import secrets
import signal
import threading
from pathlib import Path

from tests.faults.ledger import note

Kill = tuple[str, int]
"""A place, and at which of its times."""


def arm(path: Path, kills: list[Kill]) -> None:
    """Let whoever has this file be killed there."""
    lines = [secrets.token_hex(4), *(f"{place} {number}" for place, number in kills)]
    fresh = path.with_name(f"{path.name}.{lines[0]}")
    fresh.write_text("\n".join(lines))
    fresh.rename(path)


def left(path: Path) -> int:
    """How many kills are still to come."""
    try:
        return len(path.read_text().splitlines()) - 1
    except FileNotFoundError:
        return 0


def disarm(path: Path) -> None:
    path.unlink(missing_ok=True)


class Arms:
    """The hook of one process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._token = ""
        self._count = 0
        self._lock = threading.Lock()

    def reached(self, name: str) -> None:
        """Called at every failpoint, from any thread."""
        with self._lock:
            try:
                token, *lines = self._path.read_text().splitlines()
            except FileNotFoundError:
                return
            if not lines:
                return
            place, number = lines[0].split()
            if place == "record":
                note("reached", place=name)
                return
            if token != self._token:
                self._token, self._count = token, 0
            if place not in (name, "*"):
                return
            self._count += 1
            if self._count == int(number):
                self._die(name, lines[1:])

    def _die(self, name: str, rest: list[str]) -> None:
        kills = [(place, int(number)) for place, number in map(str.split, rest)]
        if kills:
            arm(self._path, kills)
        else:
            disarm(self._path)
        note("killed", place=name)
        os.kill(os.getpid(), signal.SIGKILL)


def take_up() -> None:
    """Have the failpoints of this process kill it where its file (TRIAL_ARMED) says."""
    from studio.journal import failpoints

    if "TRIAL_ARMED" in os.environ:
        failpoints.hook = Arms(Path(os.environ["TRIAL_ARMED"])).reached
