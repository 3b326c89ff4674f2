"""LangGraph's durable loop in a process of its own; the database's URL is the argument.

Runs beside each other are calls of `invoke` in threads, as its documentation has them.
"""

import contextlib
import itertools
import sqlite3
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .answering import answer
from .treadle import carried
from .with_langgraph import durable_loop

THREADS = 32
CONNECTIONS = 16


@contextlib.contextmanager
def saver(url: str) -> Iterator[tuple[Any, Callable[[], int]]]:
    """Its saver, and the bytes of the database."""
    if url.startswith("sqlite:///"):
        from langgraph.checkpoint.sqlite import SqliteSaver

        path = url.removeprefix("sqlite:///")
        # WAL is set by the saver, `synchronous` stays at SQLite's default, FULL.
        connection = sqlite3.connect(path, check_same_thread=False)
        yield SqliteSaver(connection), lambda: _stored(path)
        return
    from langgraph.checkpoint.postgres import PostgresSaver
    from psycopg.rows import dict_row
    from psycopg_pool import ConnectionPool

    wanted = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
    with ConnectionPool(url, max_size=CONNECTIONS, kwargs=wanted, open=True) as pool:
        found = PostgresSaver(pool)
        found.setup()
        yield found, lambda: 0


def _stored(path: str) -> int:
    """Bytes of the database, its log included."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        return int(pages) * int(connection.execute("PRAGMA page_size").fetchone()[0])


def main() -> None:
    threads = itertools.count()
    with saver(sys.argv[1]) as (kept, stored), ThreadPoolExecutor(THREADS) as pool:

        def work(steps: int, runs: int, size: int) -> None:
            loop = durable_loop(steps, kept)
            state = {"n": 0, **carried(size)}
            names = [str(next(threads)) for _ in range(runs)]
            ends = pool.map(lambda name: loop(state, name), names) if runs > 1 else None
            found = list(ends) if ends else [loop(state, names[0])]
            assert found == [steps] * runs

        answer(work, stored)


if __name__ == "__main__":
    main()
