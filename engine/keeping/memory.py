"""A store that forgets everything when the process ends: for scripts and tests."""

from collections.abc import Sequence

from engine.errors import Fenced
from engine.events import Event


class MemoryJournal:
    """A journal that is a list. What is appended counts as durable at once."""

    __slots__ = ("_current", "events")

    def __init__(self, events: list[Event] | None = None) -> None:
        self.events: list[Event] = [] if events is None else events
        self._current = True

    def append(self, events: Sequence[Event]) -> None:
        """Number the events and keep them."""
        if not self._current:
            return
        kept = self.events
        seq = len(kept)
        for event in events:
            seq += 1
            event.seq = seq
        kept.extend(events)

    async def flush(self) -> None:
        """Return at once. Raises Fenced if a newer journal of the run was handed out."""
        if not self._current:
            raise Fenced("another driver has claimed this run")

    def fence(self) -> None:
        """Refuse everything from now on."""
        self._current = False


class MemoryStore:
    """Journals in a dict."""

    def __init__(self) -> None:
        self._runs: dict[str, list[Event]] = {}
        self._open: dict[str, MemoryJournal] = {}

    def create(self, run_id: str, events: Sequence[Event]) -> None:
        """Begin the journal of a new run. Raises ValueError if the run exists."""
        if run_id in self._runs:
            raise ValueError(f"run {run_id} exists already")
        self._runs[run_id] = []
        MemoryJournal(self._runs[run_id]).append(events)

    def events(self, run_id: str, after: int = 0) -> list[Event]:
        """The events with `seq > after`, in order. Raises KeyError."""
        return self._runs[run_id][after:]

    def journal(self, run_id: str) -> MemoryJournal:
        """A journal to drive the run with; it fences every one handed out before."""
        former = self._open.get(run_id)
        if former is not None:
            former.fence()
        journal = MemoryJournal(self._runs[run_id])
        self._open[run_id] = journal
        return journal
