"""The journal of a short run in memory, for whoever waits for its end.

Reading it back and telling from the rows what happened would cost more than the run itself.
"""

from collections.abc import Sequence

from engine import Event

MAX_EVENTS = 200
MAX_BYTES = 16 * 1024
"""Of the events' data together: what is told from memory is told on an event loop."""


class Told:
    """What was appended so far, until it is too much."""

    __slots__ = ("_bytes", "_events")

    def __init__(self, events: Sequence[Event]) -> None:
        self._events: list[Event] | None = []
        self._bytes = 0
        for event in events:
            self.add(event, 0)

    def add(self, event: Event, size: int) -> None:
        """Keep an event whose data takes that many bytes."""
        events = self._events
        if events is None:
            return
        self._bytes += size
        if len(events) == MAX_EVENTS or self._bytes > MAX_BYTES:
            self._events = None
            return
        # Without the memo: what a driver worked out is changed by it as the run goes on.
        seq = len(events) + 1
        data, time = event.data, event.time
        events.append(Event(event.kind, data, event.node, event.act, event.att, seq=seq, time=time))

    def events(self, head: int) -> list[Event] | None:
        """The journal, if it is here up to `head` and nobody else wrote to it."""
        events = self._events
        return events if events is not None and len(events) == head else None
