"""`manage.py up` with `TREADLE_WEB_PROCESSES`: several servers on one address, and who keeps them.

The keeper opens the sockets, starts a process for each and starts another where one ends. It serves
nothing itself and touches no database. A server that was started so listens on what it was given
(`up --fd`), and ends when its keeper is gone (`up --opener`).
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from studio.commandline import terminal

BACKLOG = 2048
STOP_S = 4.5
"""A server drains in less; one that does not is killed."""
LOOK_S = 0.1
STEADY_S = 5.0
"""Who lived for less comes again later each time: it may never come to live."""
LAST_PAUSE_S = 10.0


def listeners(host: str, port: int, count: int) -> list[socket.socket]:
    """A listening socket for each server: Linux spreads the connections over them.

    Elsewhere it does not, so there all of them listen on one. Raises OSError.
    """
    if sys.platform != "linux":
        return [_listener(host, port, is_one_of_several=False)] * count
    return [_listener(host, port, is_one_of_several=True) for _ in range(count)]


def _listener(host: str, port: int, *, is_one_of_several: bool) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if is_one_of_several:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind((host.strip("[]"), port))
    listener.listen(BACKLOG)
    listener.set_inheritable(True)
    return listener


@dataclass(slots=True)
class _Server:
    """One place among the servers, and the process that has it now."""

    listener: socket.socket
    process: "subprocess.Popen[bytes] | None" = None
    began: float = 0.0
    pause_s: float = 0.0
    begins_at: float = 0.0
    """When the next process is started, by the monotonic clock."""


class Keeper:
    """Keeps a server running on each socket until it is told to stop."""

    def __init__(self, sockets: list[socket.socket]) -> None:
        self._servers = [_Server(each) for each in sockets]
        self._is_told = False

    def serve(self) -> None:
        """Until SIGTERM or SIGINT; then stop all servers and return when they have ended."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._hear)
        while not self._is_told:
            for server in self._servers:
                self._look_after(server)
            time.sleep(LOOK_S)
        self._stop()

    def _hear(self, *_: object) -> None:
        self._is_told = True

    def _look_after(self, server: _Server) -> None:
        now = time.monotonic()
        if server.process is None:
            if now >= server.begins_at:
                server.process, server.began = _started(server.listener), now
        elif (code := server.process.poll()) is not None:
            died_young = now - server.began < STEADY_S
            server.pause_s = min(LAST_PAUSE_S, server.pause_s * 2 or 0.5) if died_young else 0.0
            server.process, server.begins_at = None, now + server.pause_s
            terminal.say(f"A web process ended ({_said(code)}); another takes its place.")

    def _stop(self) -> None:
        left = [each.process for each in self._servers if each.process is not None]
        until = time.monotonic() + STOP_S
        while left and time.monotonic() < until:
            for process in left:
                # Again and again: one that is only just starting may not have heard it.
                process.terminate()
            time.sleep(LOOK_S)
            left = [process for process in left if process.poll() is None]
        for process in left:
            process.kill()
            process.wait()


def _started(listener: socket.socket) -> "subprocess.Popen[bytes]":
    """This very command on a socket that is open."""
    fd = listener.fileno()
    options = ["--fd", str(fd), "--opener", str(os.getpid())]
    return subprocess.Popen([sys.executable, *sys.orig_argv[1:], *options], pass_fds=[fd])


def _said(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"code {code}"


def end_with(opener: int, end: Callable[[], None]) -> None:
    """Call `end` when this process is no longer a child of its opener: nobody else would."""

    def watch() -> None:
        while os.getppid() == opener:
            time.sleep(LOOK_S)
        end()

    threading.Thread(target=watch, name="treadle-opener", daemon=True).start()
