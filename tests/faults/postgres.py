"""A PostgreSQL of one's own, to be crashed and started again."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

_FOUND = sorted(
    Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: p.parts[4].zfill(3)
)
BINARIES = _FOUND[-1].parent if _FOUND else None
"""Where the server's programs are; None: nowhere."""


class OwnPostgres:
    """A server on a free port, in a folder of its own. As root it runs as the user `postgres`."""

    def __init__(self, address: str = "127.0.0.1", trusted: str = "127.0.0.1/32") -> None:
        """Listens on that address and trusts who comes from there."""
        assert BINARIES is not None, "apt-get install -y postgresql"
        self._user = "postgres" if os.getuid() == 0 else None
        self._folder = Path(tempfile.mkdtemp(prefix="treadle-postgres-"))
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.address = address
        self.url = f"postgresql://postgres@{address}:{self.port}"
        self._data = self._folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self._run("initdb", "-D", str(self._data), "-U", "postgres", "-A", "trust", "-N")
        with (self._data / "pg_hba.conf").open("a") as file:
            file.write(f"host all all {trusted} trust\n")

    def start(self) -> None:
        """Returns once it answers."""
        assert BINARIES is not None
        listens = f"127.0.0.1,{self.address}" if self.address != "127.0.0.1" else self.address
        options = {
            "listen_addresses": listens,
            "unix_socket_directories": str(self._folder),
            "max_connections": "200",
        }
        settings = [f"--{name}={value}" for name, value in options.items()]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    str(BINARIES / "postgres"),
                    "-D",
                    str(self._data),
                    "-p",
                    str(self.port),
                    *settings,
                ],
                stdout=log,
                stderr=log,
                user=self._user,
                cwd="/",
                start_new_session=True,
            )
        deadline = time.monotonic() + 60
        while not self._answers():
            assert time.monotonic() < deadline, (self._folder / "log").read_text()[-4000:]
            time.sleep(0.05)

    def crash(self) -> None:
        """Stop it at once, as `pg_ctl stop -m immediate` does: it recovers from its log later."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(30)
            self._process = None

    def close(self) -> None:
        self.crash()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _answers(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(f"{self.url}/postgres", connect_timeout=2).close()
            return True
        return False

    def _run(self, program: str, *arguments: str) -> None:
        assert BINARIES is not None
        command = [str(BINARIES / program), *arguments]
        subprocess.run(command, check=True, capture_output=True, user=self._user, cwd="/")
