"""Brokers that a test may stop: a Redis of its own, and a wire to the machine's RabbitMQ to cut."""

import contextlib
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path


class OwnRedis:
    """A redis-server of the test's own, which forgets everything when it is stopped."""

    def __init__(self, folder: Path, address: str = "127.0.0.1") -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._addresses = dict.fromkeys(["127.0.0.1", address])
        self.url = f"redis://{address}:{self.port}/0"

    def start(self) -> None:
        assert REDIS is not None
        options = ["--port", str(self.port), "--dir", str(self._folder)]
        options += ["--protected-mode", "no", "--bind", *self._addresses]
        self._process = subprocess.Popen(
            [REDIS, *options, "--save", "", "--appendonly", "no"], stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 20
        while not _listens(self.port):
            assert time.monotonic() < deadline, "redis-server does not start"
            time.sleep(0.02)

    def stop(self) -> None:
        """Kill it, with all that it holds."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None


class CutWire:
    """A port that leads to another one, until the wire is cut."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self._ends: list[socket.socket] = []
        self._is_cut = False
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        """Cut what is connected, and refuse what comes."""
        self._is_cut = True
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._ends.clear()

    def start(self) -> None:
        self._is_cut = False

    def close(self) -> None:
        self.stop()
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._server.accept()
                if self._is_cut:
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self._to))
                self._ends += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=_pump, args=(one, other), daemon=True).start()


REDIS = shutil.which("redis-server")


def _pump(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
    for end in (one, other):
        with contextlib.suppress(OSError):
            end.close()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
