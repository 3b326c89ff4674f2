"""Who is measured beside us, each in a process of the peers' environment, and the bare database."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.bench import database, venv

from .subject import Loop, Round, Subject

SMALL_ROW = "x" * 300


@contextmanager
def on_sqlite(folder: Path) -> Iterator[list[Subject]]:
    with ExitStack() as stack:
        langgraph = _child("langgraph", f"sqlite:///{folder}/langgraph.sqlite3")
        dbos = _child("dbos", f"sqlite:///{folder}/dbos.sqlite3")
        yield [
            Subject('LangGraph, SqliteSaver, "sync"', stack.enter_context(langgraph)),
            Subject("DBOS, SQLite", stack.enter_context(dbos)),
            Subject("the disk: a row and a COMMIT", _bare_sqlite(folder)),
        ]


@contextmanager
def on_postgresql(server: str) -> Iterator[list[Subject]]:
    with ExitStack() as stack:
        urls = [stack.enter_context(database.new_database(server)) for _ in range(3)]
        langgraph, dbos = _child("langgraph", urls[0]), _child("dbos", urls[1])
        yield [
            Subject('LangGraph, PostgresSaver, "sync"', stack.enter_context(langgraph)),
            Subject("DBOS, PostgreSQL", stack.enter_context(dbos)),
            Subject("the server: a row and a COMMIT", _bare_postgresql(urls[2])),
        ]


@contextmanager
def _child(peer: str, url: str) -> Iterator[Loop]:
    command = [venv.python(), "-m", f"tests.bench.peers.durable_{peer}", url]
    child = subprocess.Popen(
        command, cwd=venv.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdin is not None
    assert child.stdout is not None

    def loop(steps: int, runs: int = 1, size: int = 0) -> Round:
        child.stdin.write(json.dumps({"steps": steps, "runs": runs, "size": size}) + "\n")
        child.stdin.flush()
        answer = child.stdout.readline()
        if not answer:
            raise RuntimeError(f"{peer} ended: see its words above")
        return Round(**json.loads(answer))

    try:
        yield loop
    finally:
        child.stdin.close()
        child.wait(30)


def _bare_sqlite(folder: Path) -> Loop:
    """What the disk itself takes: one small row a transaction, nothing else."""
    import sqlite3

    connection = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE step (id INTEGER PRIMARY KEY, data TEXT)")
    return _bare(connection, "INSERT INTO step (data) VALUES (?)")


def _bare_postgresql(url: str) -> Loop:
    import psycopg

    connection = psycopg.connect(url, autocommit=True)
    connection.execute("CREATE TABLE step (id serial PRIMARY KEY, data text)")
    return _bare(connection, "INSERT INTO step (data) VALUES (%s)")


def _bare(connection: Any, insert: str) -> Loop:
    def loop(steps: int, runs: int = 1, size: int = 0) -> Round:
        cpu, began = time.process_time(), time.perf_counter()
        for _ in range(steps * runs):
            connection.execute("BEGIN")
            connection.execute(insert, (SMALL_ROW,))
            connection.execute("COMMIT")
        return Round(time.perf_counter() - began, time.process_time() - cpu)

    return loop
