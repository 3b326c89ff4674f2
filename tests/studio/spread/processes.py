"""Processes of the product on the tests' own database, and what they did to a run."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio.models import Run, RunEvent
from tests.studio.database import database_url

ROOT = Path(__file__).resolve().parents[3]


class Processes:
    """Starts commands, stops what it started, and keeps what they say."""

    def __init__(self, folder: Path) -> None:
        self.ledger = folder / "ledger"
        self.ledger.touch()
        self._log = folder / "log"
        self._log.touch()
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        """`python -m` these arguments."""
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                cwd=ROOT,
                env={
                    **os.environ,
                    "DATABASE_URL": database_url(),
                    "DJANGO_SETTINGS_MODULE": "studio.settings",
                    "TREADLE_LOG_LEVEL": "INFO",
                    "TREADLE_TOOLS": "tests.studio.tools",
                    "TRIAL_LEDGER": str(self.ledger),
                    **environment,
                },
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._started.append(process)
        return process

    def worker(self, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        """`manage.py worker`, once it drives."""
        before = self.said().count("Drives up to")
        process = self.start("django", "worker", *arguments, **environment)
        self.until(lambda: self.said().count("Drives up to") > before or process.poll() is not None)
        assert process.poll() is None, self.said()
        return process

    def celery(self, **environment: str) -> subprocess.Popen[bytes]:
        """A Celery worker with one child, once it takes messages."""
        before = self.said().count(" ready.")
        options = ("-P", "prefork", "-c", "1", "--without-gossip", "--without-mingle")
        process = self.start("celery", "-A", "studio", "worker", *options, **environment)
        self.until(lambda: self.said().count(" ready.") > before or process.poll() is not None)
        assert process.poll() is None, self.said()
        return process

    def said(self) -> str:
        return self._log.read_text()

    def calls(self) -> list[str]:
        """What trial.ledger wrote: the value of `n` at each call."""
        return [line.split()[0] for line in self.ledger.read_text().splitlines()]

    def until(self, condition: Callable[[], Any], timeout: float = 60) -> None:
        deadline = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.02)

    def stop(self) -> None:
        for process in self._started:
            if process.poll() is None:
                kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


def status(run: Run) -> str:
    return Run.objects.get(pk=run.pk).status


def drivers_of(run: Run) -> list[int]:
    """The pids of the processes that claimed it, in order."""
    rows = RunEvent.objects.filter(run=run, kind="run.claimed").order_by("seq")
    return [int(row.data.split('"owner":"')[1].split("/")[3]) for row in rows]
