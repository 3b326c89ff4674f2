"""Databases with their tables, made once a test process: everybody who wants one gets a copy.

To migrate takes seconds, and on a busy machine a minute.
"""

import atexit
import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path

import psycopg

_of_servers: dict[str, str] = {}
"""The name of the prepared database of each server."""
_files: list[Path] = []
"""The prepared file of SQLite, once there is one."""


def sqlite(path: Path, migrate: Callable[[], None]) -> None:
    """Have a prepared database at this path. `migrate` makes one there."""
    if _files:
        shutil.copy(_files[0], path)
        return
    migrate()
    folder = Path(tempfile.mkdtemp(prefix="treadle-prepared-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    copy = folder / "prepared.sqlite3"
    with (
        contextlib.closing(sqlite3.connect(path)) as made,
        contextlib.closing(sqlite3.connect(copy)) as kept,
    ):
        made.backup(kept)
    _files.append(copy)


def postgresql(server: str, name: str, migrate: Callable[[], None]) -> None:
    """Have a prepared database of this name. `migrate` makes tables in an empty one."""
    if server in _of_servers:
        _ask(server, f'CREATE DATABASE "{name}" TEMPLATE "{_of_servers[server]}"')
        return
    _ask(server, f'CREATE DATABASE "{name}"')
    migrate()
    kept = f"{name}_prepared"
    _ask(server, f'CREATE DATABASE "{kept}" TEMPLATE "{name}"')
    atexit.register(drop, server, kept)
    _of_servers[server] = kept


def drop(server: str, name: str) -> None:
    """Drop a database, if its server is there still."""
    with contextlib.suppress(psycopg.OperationalError):
        _ask(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _ask(server: str, sql: str) -> None:
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(sql.encode())
