"""Starts `studio_process` and talks to it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
PATIENCE_S = 120


class Studio:
    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self.process = process
        self._log = log

    def ask(self, line: str) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        told = self.process.stdout.readline()
        assert told, f"the process died at {line!r}:\n{self._log.read_text()[-3000:]}"
        answer: dict[str, Any] = json.loads(told)
        return answer

    def until(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Look until it is so."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            seen = self.ask("look")
            if holds(seen):
                return seen
            assert time.monotonic() < deadline, f"{seen}\n{self._log.read_text()[-3000:]}"
            time.sleep(0.1)


@contextmanager
def studio(data: Path, log: Path, database: str = "", **more: str) -> Iterator[Studio]:
    """A studio whose data folder this is, on SQLite in it or on the database of that address."""
    with log.open("w") as told:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.studio.keeping.studio_process"],
            cwd=ROOT,
            env=_environment(data, database, **more),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=told,
            text=True,
        )
        try:
            yield Studio(process, log)
        finally:
            process.kill()
            process.communicate()


def command(data: Path, *words: str, database: str = "") -> subprocess.CompletedProcess[str]:
    """`manage.py` with these words, for the studio of that data folder and database."""
    return subprocess.run(
        [sys.executable, "-m", "django", *words],
        cwd=ROOT,
        env=_environment(data, database),
        text=True,
        capture_output=True,
        check=False,
    )


def _environment(data: Path, database: str, **more: str) -> dict[str, str]:
    return {
        **{key: value for key, value in os.environ.items() if not key.startswith("TREADLE_")},
        "DJANGO_SETTINGS_MODULE": "studio.settings",
        "TREADLE_DATA_DIR": str(data),
        "DATABASE_URL": database,
        # One for each run: some wait at the gate.
        "TREADLE_TOOL_THREADS": "16",
        **more,
    }
