"""Encoded answers that never change again, kept in memory up to a size."""

import threading
from collections import OrderedDict
from collections.abc import Hashable


class Kept:
    """Least recently used answers go first. One larger than a tenth of the room is not kept."""

    def __init__(self, room_bytes: int) -> None:
        self._room = room_bytes
        self._used = 0
        self._lock = threading.Lock()
        self._answers: OrderedDict[Hashable, bytes] = OrderedDict()

    def get(self, key: Hashable) -> bytes | None:
        with self._lock:
            answer = self._answers.get(key)
            if answer is not None:
                self._answers.move_to_end(key)
            return answer

    def put(self, key: Hashable, answer: bytes) -> bytes:
        """Keep an answer; returns it."""
        if len(answer) <= self._room // 10:
            with self._lock:
                self._used += len(answer) - len(self._answers.pop(key, b""))
                self._answers[key] = answer
                while self._used > self._room:
                    self._used -= len(self._answers.popitem(last=False)[1])
        return answer

    def clear(self) -> None:
        with self._lock:
            self._answers.clear()
            self._used = 0
