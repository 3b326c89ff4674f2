"""Stop a process where it stands, but not while it keeps the whole database to itself.

A process that is stopped inside a transaction keeps its locks. SQLite has one for the whole file:
nobody could write until it wakes, whatever the product does. Who wants to see how others take over
stops it between two transactions; on PostgreSQL anywhere.
"""

import contextlib
import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

STOPPED_S = 10.0
"""How long a process may take to stop: it does so at its next turn on a core."""


def freeze(pid: int, url: str) -> None:
    """SIGSTOP of a process of the product's on the database at this address.

    Returns when it stands still, or is gone.
    """
    with _nobody_writes(url), contextlib.suppress(ProcessLookupError, FileNotFoundError):
        os.kill(pid, signal.SIGSTOP)
        _until_it_stands(pid)


@contextlib.contextmanager
def _nobody_writes(url: str) -> Iterator[None]:
    """Hold SQLite's one lock: whoever is stopped meanwhile does not have it."""
    if not url.startswith("sqlite://"):
        yield
        return
    path = url.removeprefix("sqlite://")
    with contextlib.closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


def _until_it_stands(pid: int) -> None:
    deadline = time.monotonic() + STOPPED_S
    while (state := _state(pid)) not in "TZX":
        assert time.monotonic() < deadline, f"process {pid} does not stop: it is in {state}"
        time.sleep(0.001)


def _state(pid: int) -> str:
    """The letter of its state: R, S, D, T (stopped), Z and X (dead)."""
    stat = Path(f"/proc/{pid}/stat").read_text()
    return stat.rpartition(")")[2].split()[0]
