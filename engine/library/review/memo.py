"""A bounded memory of pure results, shared by the threads of a process.

Two branches of a workflow ask for the same measurement at the same time; the second one waits for
the first instead of doing the work again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Memo(Generic[K, V]):
    """Least recently used entries go first when the total cost exceeds the room."""

    def __init__(self, room: int, cost: Callable[[V], int]) -> None:
        self.room = room
        self.cost = cost
        self.used = 0
        self._done: OrderedDict[K, V] = OrderedDict()
        self._underway: dict[K, Future[V]] = {}
        self._lock = Lock()

    def get_all(self, keys: Iterable[K], compute: Callable[[list[K]], Mapping[K, V]]) -> dict[K, V]:
        """The values of `keys`; `compute` is asked, once and in one go, for those nobody has."""
        wanted = list(dict.fromkeys(keys))
        found, mine, theirs = self._claim(wanted)
        if mine:
            found.update(self._compute(mine, compute))
        for key, future in theirs.items():
            found[key] = future.result()
        return found

    def clear(self) -> None:
        with self._lock:
            self._done.clear()
            self.used = 0

    def _claim(self, keys: list[K]) -> tuple[dict[K, V], list[K], dict[K, Future[V]]]:
        found: dict[K, V] = {}
        mine: list[K] = []
        theirs: dict[K, Future[V]] = {}
        with self._lock:
            for key in keys:
                if key in self._done:
                    self._done.move_to_end(key)
                    found[key] = self._done[key]
                elif key in self._underway:
                    theirs[key] = self._underway[key]
                else:
                    self._underway[key] = Future()
                    mine.append(key)
        return found, mine, theirs

    def _compute(self, keys: list[K], compute: Callable[[list[K]], Mapping[K, V]]) -> Mapping[K, V]:
        try:
            values = compute(keys)
        except BaseException as error:
            with self._lock:
                futures = [self._underway.pop(key) for key in keys]
            for future in futures:
                future.set_exception(error)
            raise
        with self._lock:
            futures = [self._underway.pop(key) for key in keys]
            for key in keys:
                self._keep(key, values[key])
        for key, future in zip(keys, futures, strict=True):
            future.set_result(values[key])
        return values

    def _keep(self, key: K, value: V) -> None:
        self._done[key] = value
        self.used += self.cost(value)
        while self.used > self.room and len(self._done) > 1:
            _, oldest = self._done.popitem(last=False)
            self.used -= self.cost(oldest)
