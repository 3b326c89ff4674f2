"""The processes that parse and compile hostile text: started, limited, watched and replaced.

A worker is a bare `python -I -S` with no environment, in a session of its own, with limits on
memory and processor time that it sets before it reads anything. It is kept for the next request,
because starting Python costs more than measuring a small file. A worker that dies or takes too
long costs only the request in hand.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Lock, Timer
from typing import Any, BinaryIO, cast

from engine.library.review import limits

_CHILD_DIR = Path(__file__).with_name("child")
_BOOT = (
    "import sys, types\n"
    "package = types.ModuleType('treadle_review_child')\n"
    "package.__path__ = [sys.argv[1]]\n"
    "sys.modules[package.__name__] = package\n"
    "from treadle_review_child.serve import main\n"
    "main(int(sys.argv[2]), int(sys.argv[3]))\n"
)
"""Makes the child folder importable without importing `engine`, which would cost its start-up."""

_KEEP = 2
_BIG_REQUEST = 256 * 1024
"""Bytes of a request after which a worker is not kept: its memory has grown."""


class WorkerDied(Exception):
    """The worker ended without an answer: out of memory, out of processor time, or a crash."""


class WorkerTimeout(WorkerDied):
    """The worker took too long and was killed."""


class Worker:
    def __init__(self) -> None:
        argv = [sys.executable, "-I", "-S", "-c", _BOOT, str(_CHILD_DIR)]
        argv += [str(limits.CHILD_MEMORY_BYTES), str(limits.CHILD_CPU_SECONDS)]
        self.process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={},
            start_new_session=True,
        )

    def ask(self, body: bytes, timeout_s: float) -> Any:
        expired: list[bool] = []

        def expire() -> None:
            expired.append(True)
            self.kill()

        timer = Timer(timeout_s, expire)
        timer.daemon = True
        timer.start()
        try:
            return self._exchange(body)
        except (OSError, EOFError) as error:
            if expired:
                raise WorkerTimeout(f"no answer within {timeout_s:g} s") from error
            raise WorkerDied("the worker ended without an answer") from error
        finally:
            timer.cancel()

    def _exchange(self, body: bytes) -> Any:
        target = cast(BinaryIO, self.process.stdin)
        source = cast(BinaryIO, self.process.stdout)
        target.write(len(body).to_bytes(4, "big") + body)
        target.flush()
        size = int.from_bytes(_exactly(source, 4), "big")
        return json.loads(_exactly(source, size))

    def kill(self) -> None:
        if self.process.poll() is None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                return  # it ended by itself between the two lines

    def close(self) -> None:
        self.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            try:
                cast(BinaryIO, pipe).close()
            except OSError:
                continue  # what was left in the buffer had no reader any more


def _exactly(source: BinaryIO, size: int) -> bytes:
    data = source.read(size)
    if len(data) < size:
        raise EOFError
    return data


class Pool:
    """Idle workers for reuse, at most `_KEEP`; any number may be busy."""

    def __init__(self) -> None:
        self._idle: list[Worker] = []
        self._lock = Lock()

    def ask(self, request: dict[str, Any], timeout_s: float = limits.CHILD_SECONDS) -> Any:
        """The answer to a request; raises WorkerDied or WorkerTimeout."""
        body = json.dumps(request, separators=(",", ":")).encode()
        with self._lock:
            worker = self._idle.pop() if self._idle else None
        if worker is not None:
            try:
                return self._ask(worker, body, timeout_s)
            except WorkerTimeout:
                raise
            except WorkerDied:
                pass  # perhaps it had just left for being idle: a fresh one decides
        return self._ask(Worker(), body, timeout_s)

    def _ask(self, worker: Worker, body: bytes, timeout_s: float) -> Any:
        try:
            answer = worker.ask(body, timeout_s)
        except BaseException:
            worker.close()
            raise
        with self._lock:
            keep = len(self._idle) < _KEEP and len(body) < _BIG_REQUEST
            if keep:
                self._idle.append(worker)
        if not keep:
            worker.close()
        return answer

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.close()

    def forget(self) -> None:
        """After a fork: the parent's workers and its lock are not the child's to use."""
        for worker in self._idle:
            worker.process.returncode = 0  # not our child: nothing to wait for, nothing to warn of
            for pipe in (worker.process.stdin, worker.process.stdout):
                cast(BinaryIO, pipe).close()
        self._idle = []
        self._lock = Lock()


pool = Pool()
atexit.register(pool.close)
os.register_at_fork(after_in_child=pool.forget)
