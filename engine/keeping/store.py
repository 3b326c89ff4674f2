"""The ports of keeping: what the engine asks of whoever holds its journals."""

from collections.abc import Sequence
from typing import Protocol

from engine.events import Event


class Journal(Protocol):
    """The journal of one run, as its driver sees it.

    One that keeps its events beside the tables that tools write to may also have an attribute
    `transactions`, see `engine.driving.transactions`.
    """

    def append(self, events: Sequence[Event]) -> None:
        """Take the events of one step, in order. Never blocks; they get `seq` when written."""

    async def flush(self) -> None:
        """Return when everything appended is durable. Raises Fenced if another driver owns it."""


class SharedJournal(Journal, Protocol):
    """A journal to which others write too: the end of a wait counts as soon as it stands there."""

    def propose(self, events: Sequence[Event]) -> None:
        """Append events that its driver takes in by `notify` once they are written, in the order
        in which they stand in the journal."""


class PromptJournal(Journal, Protocol):
    """A journal that can be written without waiting for the event loop."""

    def flush_now(self) -> bool:
        """Write everything appended before this returns, if that is possible; whether it is
        durable. Where it is not, `flush` says why."""


class Store(Protocol):
    """Where journals live."""

    def create(self, run_id: str, events: Sequence[Event]) -> None:
        """Begin the journal of a new run. Raises ValueError if the run exists."""

    def events(self, run_id: str, after: int = 0) -> list[Event]:
        """The durable events with `seq > after`, in order. Raises KeyError."""

    def journal(self, run_id: str) -> Journal:
        """A journal to drive the run with; it fences every one handed out before."""
