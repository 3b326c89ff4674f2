"""A database of one's own, a ledger, and processes of the product on both."""

import contextlib
import json
import os
import queue
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.faults import ledger, prepared
from tests.faults.tables import Tables

ROOT = Path(__file__).resolve().parents[2]
POSTGRES = "postgresql://postgres@127.0.0.1:5432"
CALL_S = 180.0
"""How long what is a matter of seconds may take on a machine that is busy with other tests."""


class Site:
    """Where processes are hurt. Close it when done: it ends what it started."""

    def __init__(self, folder: Path, server: str | None = None, **environment: str) -> None:
        """`server` is the address of a PostgreSQL without the database; None for SQLite."""
        self.folder = folder
        self.ledger = folder / "ledger"
        self.ledger.touch()
        self._server = server
        self._name = f"treadle_faults_{os.getpid()}_{secrets.token_hex(3)}"
        file = folder / "faults.sqlite3"
        self.url = f"sqlite://{file}" if server is None else f"{server}/{self._name}"
        self.environment = {
            **os.environ,
            "DATABASE_URL": self.url,
            "DJANGO_SETTINGS_MODULE": "studio.settings",
            "TREADLE_DATA_DIR": str(folder / "data"),
            "TREADLE_LOG_LEVEL": "WARNING",
            "TREADLE_TOOLS": "tests.faults.tools",
            "TRIAL_LEDGER": str(self.ledger),
            **environment,
        }
        self.log = folder / "log"
        self._processes: list[subprocess.Popen[bytes]] = []
        self._nursery = Nursery(self.environment, self.log)
        self.tables = Tables(self.url)
        try:
            if server is None:
                prepared.sqlite(file, self._migrate)
            else:
                prepared.postgresql(server, self._name, self._migrate)
        except BaseException:
            self.close()
            raise

    def _migrate(self) -> None:
        self.call("prepare")

    def call(self, do: str, timeout_s: float = CALL_S, **arguments: Any) -> Any:
        """Have a child of the product's do something, and return what it gives."""
        child = self.fork(do, **arguments)
        if child.wait(timeout_s) != 0:
            was = "was killed" if child.is_late else f"ended with {child.code}"
            raise AssertionError(f"{do} {was} after {child.age_s:.0f} s:\n{self.said()}")
        return child.gave

    def fork(self, do: str, **arguments: Any) -> "Child":
        """Have a child of the product's do something meanwhile."""
        return self._nursery.fork(do, arguments)

    def start(
        self, *arguments: str, prefix: list[str] | None = None, **environment: str
    ) -> subprocess.Popen[bytes]:
        """`python -m` these arguments, in a process of its own; behind a prefix elsewhere."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [*(prefix or []), sys.executable, "-m", *arguments],
                cwd=ROOT,
                env={**self.environment, **environment},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._processes.append(process)
        return process

    def lines(self) -> list[ledger.Line]:
        return ledger.read(self.ledger)

    def said(self) -> str:
        return self.log.read_text(errors="replace")[-8000:] if self.log.exists() else ""

    def until(self, condition: Callable[[], Any], timeout_s: float = 60, what: str = "") -> None:
        """Wait for a condition. Raises AssertionError with the log of all processes."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < deadline, f"it never came true: {what}\n{self.said()}"
            time.sleep(0.01)

    def close(self) -> None:
        for process in self._processes:
            kill_group(process)
        self._nursery.close()
        self.tables.close()
        if self._server is not None:
            prepared.drop(self._server, self._name)


def heed_sigterm() -> None:
    """Let SIGTERM end this program as Ctrl-C does: what it started is ended with it."""

    def leave(*_: object) -> None:
        raise SystemExit(1)

    signal.signal(signal.SIGTERM, leave)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """kill -9 of a process and everything that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


class Child:
    """A process that the nursery forked."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.gave: Any = None
        self.code: int | None = None
        """How it ended; negative for a signal."""
        self.died = threading.Event()
        self.is_late = False
        """Whether it was killed because it took too long."""
        self._born = time.monotonic()

    @property
    def age_s(self) -> float:
        return time.monotonic() - self._born

    @property
    def lives(self) -> bool:
        return not self.died.is_set()

    def wait(self, timeout_s: float) -> int | None:
        if not self.died.wait(timeout_s):
            self.is_late = True
            self.kill()
            self.died.wait(5)
        return self.code

    def signal(self, number: int) -> None:
        if self.lives:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)


class Nursery:
    """The process that forks, and what it tells."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        with log.open("ab") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.nursery"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                start_new_session=True,
            )
        self._born: queue.Queue[Child] = queue.Queue()
        self._children: dict[int, Child] = {}
        self._lock = threading.Lock()
        self._log = log
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def fork(self, do: str, arguments: dict[str, Any]) -> Child:
        with self._lock:
            assert self._process.stdin is not None
            wish = {"do": do, "with": arguments}
            self._process.stdin.write(json.dumps(wish).encode() + b"\n")
            self._process.stdin.flush()
            try:
                return self._born.get(timeout=CALL_S)
            except queue.Empty:
                raise AssertionError(f"no child comes:\n{self._log.read_text()}") from None

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            news = json.loads(line)
            if "ready" in news:
                continue
            # A child may tell what it gives before the nursery tells that it is there.
            child = self._children.setdefault(news["pid"], Child(news["pid"]))
            if "gave" in news:
                child.gave = news["gave"]
            elif "died" in news:
                child.code = news["died"]
                child.died.set()
                # Pids are used again.
                del self._children[news["pid"]]
            else:
                self._born.put(child)

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            kill_group(self._process)
        self._listener.join(10)
        if self._process.stdout is not None:
            self._process.stdout.close()
