"""LangGraph's durable loop in a process of its own: path, steps and bytes carried as arguments.

Runs the loop once for each line read, and answers each with the seconds it took by the clock, the
CPU seconds, and the bytes that the database has grown by.
"""

import contextlib
import sqlite3
import sys
import time

from .with_langgraph import loop_durable


def stored(path: str) -> int:
    """Bytes of the database, its log included."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        return int(pages) * int(connection.execute("PRAGMA page_size").fetchone()[0])


def main() -> None:
    path = sys.argv[1]
    work = loop_durable(int(sys.argv[2]), path, int(sys.argv[3]))
    for _ in sys.stdin:
        before = stored(path)
        cpu, start = time.process_time(), time.perf_counter()
        work()
        took, used = time.perf_counter() - start, time.process_time() - cpu
        print(took, used, stored(path) - before, flush=True)


if __name__ == "__main__":
    main()
