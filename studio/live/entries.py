"""Encoded events on their way to watchers: entries, the ring that keeps the newest, frames."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

RING_EVENTS = 2_000
RING_BYTES = 1024 * 1024
FRAME_EVENTS = 500
FRAME_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of a run, encoded once for everybody who watches."""

    seq: int
    kind: str
    node: str | None
    text: str
    """The event as JSON, as the API gives it."""
    level: str | None = None
    """Of a log line: debug, info, warning, error."""
    time: float | None = None
    """When it happened, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Some entries in a row as one message. `first` and `last` are seqs, both included."""

    first: int
    last: int
    text: str


class Ring:
    """The newest entries of a run in order, bounded in number and size."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def extend(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self._entries.append(entry)
            self._bytes += len(entry.text)
        while len(self._entries) > RING_EVENTS or (
            self._bytes > RING_BYTES and len(self._entries) > 1
        ):
            self._bytes -= len(self._entries.popleft().text)

    def last_time(self) -> float | None:
        """When the newest event happened, as far as that is known."""
        return self._entries[-1].time if self._entries else None

    def holds(self, seq: int) -> bool:
        """Whether the entry of this seq is here."""
        entries = self._entries
        return bool(entries) and entries[0].seq <= seq <= entries[-1].seq

    def page(self, after: int) -> list[Entry]:
        """At most one frame's number of entries with seq > after. Needs `holds(after + 1)`."""
        start = after + 1 - self._entries[0].seq
        return list(islice(self._entries, start, start + FRAME_EVENTS))


def frame_of(entries: Sequence[Entry], wanted: Callable[[Entry], bool] | None = None) -> Frame:
    """As many entries as fit into one message, at least one. A filter leaves gaps inside."""
    size = 0
    last = entries[0].seq
    texts: list[str] = []
    for entry in entries:
        size += len(entry.text) + 1
        if size > FRAME_BYTES and texts:
            break
        last = entry.seq
        if wanted is None or wanted(entry):
            texts.append(entry.text)
    first = entries[0].seq
    head = f'{{"t":"ev","from":{first},"to":{last},"ev":['
    return Frame(first, last, head + ",".join(texts) + "]}")
