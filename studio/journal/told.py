"""What a short run did, noted while it does it, for whoever waits for its end.

Reading the journal back and telling from its rows what happened would cost more than the run.
"""

from dataclasses import dataclass
from typing import Any

from engine import DriveResult, Event, EventKind

MAX_EVENTS = 200
MAX_BYTES = 16 * 1024
"""Of the events' data together: what is told from memory is told on an event loop."""

_SUCCEEDED = EventKind.ATTEMPT_SUCCEEDED

Step = tuple[int, str, dict[str, Any]]
"""(seq, node, the branch's state after it)."""


@dataclass(frozen=True, slots=True)
class Rest:
    """How a run stands that has come to rest: what its caller is answered."""

    status: str
    state: dict[str, Any]
    error: dict[str, Any] | None
    steps: tuple[Step, ...]


class Told:
    """The steps of a run so far, until it is too much."""

    __slots__ = ("_bytes", "_count", "_steps")

    def __init__(self) -> None:
        self._steps: list[Step] | None = []
        self._count = 0
        self._bytes = 0

    def add(self, event: Event, size: int) -> None:
        """Note an event whose data takes that many bytes."""
        steps = self._steps
        if steps is None:
            return
        self._count += 1
        self._bytes += size
        if self._count > MAX_EVENTS or self._bytes > MAX_BYTES:
            self._steps = None
        elif event.kind is _SUCCEEDED and "item" not in event.data:
            if event.memo is None or event.node is None:
                self._steps = None  # only the journal can tell what this left behind
            else:
                steps.append((self._count, event.node, event.memo))

    def rest(self, result: DriveResult, head: int) -> Rest | None:
        """How the run stands, if all of its journal up to `head` is noted here."""
        if self._steps is None or self._count != head:
            return None
        error = result.error.as_dict() if result.error else None
        return Rest(str(result.status), dict(result.state), error, tuple(self._steps))
