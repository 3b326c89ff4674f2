"""The threads that read rows for sockets.

Channels' own doorway to the ORM is a single thread for a whole process; followers of runs read
through these instead.
"""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from django.db import close_old_connections, connections

THREADS = 4

P = ParamSpec("P")
T = TypeVar("T")

_pool: ThreadPoolExecutor | None = None


async def in_pool(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run ORM work in a reading thread, in a context of its own."""
    call = partial(_with_connection, partial(work, *args, **kwargs))
    context = contextvars.Context()
    return await asyncio.get_running_loop().run_in_executor(_threads(), context.run, call)


def close() -> None:
    """Close the threads' connections and end the threads; the next call makes new ones."""
    global _pool
    pool, _pool = _pool, None
    if pool is not None:
        close_threads(pool, THREADS)


def close_threads(pool: ThreadPoolExecutor, threads: int) -> None:
    """End the threads of a pool of this size, each after closing its database connections."""
    # Each task waits at the barrier for the others, so that every thread gets one.
    barrier = threading.Barrier(threads)
    for _ in range(threads):
        pool.submit(_close_own, barrier)
    pool.shutdown(wait=True)


def _threads() -> ThreadPoolExecutor:
    global _pool
    if _pool is None:
        _pool = ThreadPoolExecutor(THREADS, thread_name_prefix="live")
    return _pool


def _close_own(barrier: threading.Barrier) -> None:
    barrier.wait(10)
    connections.close_all()


def _with_connection(work: Callable[[], T]) -> T:
    close_old_connections()
    try:
        return work()
    finally:
        close_old_connections()
