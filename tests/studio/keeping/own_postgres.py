"""A PostgreSQL server of the test's own, which may be filled, stopped and thrown away."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest


def programs() -> Path:
    """The folder of initdb, pg_ctl, pg_dump. Skips the test where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_release)
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        pytest.skip("no PostgreSQL server programs here")
    return Path(on_path).parent


def _release(path: Path) -> int:
    return int(path.parts[-3]) if path.parts[-3].isdigit() else 0


class OwnPostgres:
    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        self.folder = folder

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def execute(self, sql: str, database: str = "postgres") -> None:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(sql)

    def run(self, program: str, *arguments: str) -> None:
        """One of its programs, as the user that may talk to it."""
        here = ("-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres")
        command = [str(programs() / program), *here, *arguments]
        subprocess.run(command, check=True, capture_output=True)


@contextmanager
def own_postgres() -> Iterator[OwnPostgres]:
    """A server on a free port, without fsync: it is thrown away."""
    # Not below pytest's folders, which are closed to others each time that somebody begins tests.
    with tempfile.TemporaryDirectory(prefix="treadle-postgres-") as folder:
        Path(folder).chmod(0o755)
        with _serving(Path(folder)) as server:
            yield server


@contextmanager
def _serving(folder: Path) -> Iterator[OwnPostgres]:
    data = folder / "data"
    data.mkdir()
    if os.getuid() == 0:
        _give(data)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    _do(programs() / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync")
    settings = f"-p {port} -c fsync=off -c unix_socket_directories= -c listen_addresses=127.0.0.1"
    _do(programs() / "pg_ctl", "-D", data, "-l", data / "log", "-w", "-o", settings, "start")
    try:
        yield OwnPostgres(folder, port)
    finally:
        _do(programs() / "pg_ctl", "-D", data, "-m", "immediate", "stop")


def _give(data: Path) -> None:
    """To the user postgres: the server refuses to run as root."""
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("no user postgres, and PostgreSQL does not run as root")
    os.chown(data, user.pw_uid, user.pw_gid)


def _do(*command: object) -> None:
    as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    words = [str(word) for word in command]
    subprocess.run(
        [*as_postgres, *words] if os.getuid() == 0 else words,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
    )
