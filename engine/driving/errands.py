"""Child runs that were decided on: they are started and cancelled once that is durable."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from engine import failing
from engine.errors import Code, RunError
from engine.events import Event
from engine.planning.child_calls import ChildCall, Children


class Errands:
    """What a run asks of its children, one errand at a time, on the loop of its driver."""

    def __init__(
        self,
        children: Children | None,
        *,
        flush: Callable[[], Awaitable[None]],
        bring: Callable[[Event], None],
        wake: Callable[[], None],
        broken: Callable[[BaseException], None],
    ) -> None:
        """`bring` hears of children that could not be started, `wake` of the end of an errand,
        `broken` of one that failed.
        """
        self._children = children
        self._flush = flush
        self._bring = bring
        self._wake = wake
        self._broken = broken
        self._calls: list[ChildCall] = []
        self._drops: list[str] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def are_open(self) -> bool:
        """Whether there is something that nobody has seen to yet."""
        return bool(self._calls or self._drops)

    @property
    def are_on(self) -> bool:
        """Whether somebody sees to something."""
        return self._task is not None

    def take_loop(self, loop: asyncio.AbstractEventLoop) -> None:
        """Go on on this loop, with what had to wait for one."""
        self._loop = loop
        self._begin()

    def ask_for(self, calls: Sequence[ChildCall], drops: Sequence[str]) -> None:
        """Start these child runs, and cancel those."""
        self._calls += calls
        self._drops += drops
        self._begin()

    def close(self) -> None:
        """See to nothing any more."""
        if self._task is not None:
            self._task.cancel()

    def _begin(self) -> None:
        if self._loop is not None and self._task is None and self.are_open:
            self._task = self._loop.create_task(self._run())

    async def _run(self) -> None:
        try:
            while self.are_open:
                calls, drops = list(self._calls), list(self._drops)
                # What is decided on while this waits is not durable with it: it takes its own turn.
                await self._flush()
                del self._calls[: len(calls)], self._drops[: len(drops)]
                await self._ask_children(calls, drops)
        except Exception as error:
            self._broken(error)
        finally:
            self._task = None
        self._wake()

    async def _ask_children(self, calls: list[ChildCall], drops: list[str]) -> None:
        if self._children is None:
            message = failing.NO_CHILDREN()
            refused = [(call, RunError(Code.WORKFLOW, message, node=call.node)) for call in calls]
        else:
            if drops:
                await self._children.drop(drops)
            wanted = [call for call in calls if call.run not in drops]
            refused = list(await self._children.start(wanted)) if wanted else []
        for call, error in refused:
            self._bring(call.ended("refused", error=error))
