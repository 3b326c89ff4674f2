"""The port through which a tool's database writes and its step become one transaction.

The engine knows no database. A journal that can do this has an attribute `transactions`; without
one, tools with the effect `transactional` are called like any other.
"""

from collections.abc import Callable
from typing import Any, Protocol


class Step(Protocol):
    """One attempt of a transactional tool, from before its call until its commit."""

    def run(self, work: Callable[[], Any], answer: Callable[[Any], None]) -> None:
        """Call the tool in a transaction, `answer` what it returns, and wait for what is decided.

        In a thread of its own; returns after the commit or the rollback. Raises what the tool
        raised, rolled back. A database that goes away before anything is decided is no failure of
        the tool, which is then called once more.
        """

    def commit(self) -> None:
        """The step was decided and appended: have it committed with what the tool wrote.

        Called on the loop, like `roll_back`. If the tool's result was refused after all, that is
        a rollback.
        """

    def roll_back(self) -> None:
        """Nothing of what the tool wrote is to stay."""

    def drop(self) -> None:
        """The tool is not called after all."""


class Transactions(Protocol):
    """The transactional steps of one run."""

    async def open(self, activation: int, attempt: int, timeout_s: float | None) -> Step:
        """Prepare a step, when it is its turn. Its tool may take so long; None: as long as it
        likes."""
