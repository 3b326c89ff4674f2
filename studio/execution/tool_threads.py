"""The threads that call sync tools."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from django.db import connections


class ToolThreads(ThreadPoolExecutor):
    """A bounded pool that leaves no database connection of a tool behind."""

    def __init__(self, count: int) -> None:
        super().__init__(max_workers=count, thread_name_prefix="treadle-tool")

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        return super().submit(_call, fn, *args, **kwargs)


def _call(fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    try:
        return fn(*args, **kwargs)
    finally:
        for connection in connections.all(initialized_only=True):
            connection.close()
