"""Who left a connection to PostgreSQL open?

The collector finds such a connection any time later, in whichever test then runs, and nothing tells
where it came from. So each is noted with the thread and the lines that opened it: a thread that has
ended can close nothing any more.
"""

import threading
import traceback
import weakref
from collections.abc import Iterator
from typing import Any

import psycopg

_connect = psycopg.connect
_opened: dict[int, tuple["weakref.ref[psycopg.Connection[Any]]", threading.Thread, str]] = {}
_LINES = 14


def watch() -> None:
    """From now on, note every connection. Once for a process."""
    psycopg.connect = _noting


def left_by_ended_threads() -> Iterator[str]:
    """Where each connection was opened whose thread has ended without closing it; told once."""
    for key, (found, thread, where) in list(_opened.items()):
        connection = found()
        if connection is None or connection.closed:
            del _opened[key]
        elif not thread.is_alive():
            del _opened[key]
            yield f"thread {thread.name!r} has ended and left open what it opened here:\n{where}"


def _noting(*args: Any, **kwargs: Any) -> psycopg.Connection[Any]:
    connection = _connect(*args, **kwargs)
    where = "".join(traceback.format_stack(limit=_LINES)[:-1])
    _opened[id(connection)] = (weakref.ref(connection), threading.current_thread(), where)
    return connection
