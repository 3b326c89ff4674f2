"""The engine's port to child runs: asked by the driver of a parent, on the engine's loop."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from engine.planning.child_calls import ChildCall, Refusal
from studio.journal.raw_connection import Locked, Raw, Unavailable, impatient
from studio.models.fields import new_public_id
from studio.waits import children

RETRY_S = 0.1

log = logging.getLogger(__name__)

T = TypeVar("T")


class Offspring:
    """The child runs of one run that this process drives."""

    busy = False
    """They are rows for anybody to drive: nobody has to stay for them."""

    def __init__(
        self,
        connection: Raw,
        parent: children.Parent,
        want: Callable[[int], None],
        poke: Callable[[int], None],
    ) -> None:
        """`want` has a run driven, `poke` tells its driver that somebody wrote to it."""
        self._connection = connection
        self._parent = parent
        self._want = want
        self._poke = poke

    def name(self, act: int, att: int) -> str:
        """A new id."""
        return str(new_public_id())

    async def start(self, calls: Sequence[ChildCall]) -> Sequence[Refusal]:
        """See to it that these runs are there and go on."""
        made = await _patiently(lambda: children.start(self._connection, self._parent, calls))
        for run_id in made.wanted:
            self._want(run_id)
        for run_id in made.ended:
            if await _patiently(partial(children.bring, self._connection, run_id)):
                self._poke(self._parent.run_id)
        return made.refused

    async def drop(self, runs: Sequence[str]) -> None:
        """Cancel these runs, if they go on still."""
        for run_id in await _patiently(lambda: children.drop(self._connection, runs)):
            self._poke(run_id)


async def _patiently(do: Callable[[], T]) -> T:
    """Do it as soon as the database lets us."""
    while True:
        try:
            return do()
        except Unavailable as error:
            log.debug("child runs have to wait: %s", error)
            await asyncio.sleep(RETRY_S)


def heal(connection: Raw, poke: Callable[[int], None]) -> None:
    """Do what somebody who died left undone. Raises Unavailable.

    What is about a run that somebody holds in a transaction is left to the next time.
    """
    overdue, unwanted = children.overdue(connection), children.unwanted(connection)
    if not overdue and not unwanted:
        return
    with impatient(connection):
        for run_id in overdue:
            with contextlib.suppress(Locked):
                parent_id = children.bring(connection, run_id)
                if parent_id is not None:
                    poke(parent_id)
        for run_id in unwanted:
            with contextlib.suppress(Locked):
                if children.cancel(connection, run_id):
                    poke(run_id)
