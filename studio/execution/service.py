"""The engine of this process: one thread with its own event loop and its own connection.

Web threads and other loops talk to it through the few methods of `Service`; nothing else crosses
the border.
"""

import asyncio
import contextlib
import contextvars
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any
from uuid import UUID

from django.conf import settings

from engine import capture
from engine.driving.lending import LendingLoop
from studio.claims.owner import new_owner, retire
from studio.execution import dispatch, traces
from studio.execution.chores import ChoreThread
from studio.execution.handover import BEGIN_TIMEOUT_S, Handover
from studio.execution.heartbeat import Heartbeat
from studio.execution.pool import Bounds, DriverPool
from studio.execution.signal_rounds import SignalRounds
from studio.execution.starting import Promised, Starts
from studio.execution.sweeper import Sweeper
from studio.execution.tool_threads import ToolThreads
from studio.execution.waiters import Notify, Waiters, has_ended
from studio.execution.watchdog import Watchdog
from studio.journal import codec
from studio.journal.failpoints import reach
from studio.journal.raw_connection import Raw, Unavailable, connect
from studio.journal.run_start import Plan, RunStart
from studio.journal.told import Rest
from studio.journal.writer import Writer
from studio.setup import toolbox

START_TIMEOUT_S = 30

log = logging.getLogger(__name__)


def wake(run_id: int) -> None:
    """Tell the watchers of a run that it has new rows."""
    from studio.live import hub

    hub.wake(run_id)


class Service:
    """Drives runs in a thread of its own. All methods may be called from any thread or loop."""

    def __init__(
        self,
        *,
        sweeps: bool = True,
        drivers: int | None = None,
        queues: tuple[str, ...] | None = None,
    ) -> None:
        """`drivers` and `queues` in place of the settings; without `sweeps` only what it is asked
        is driven."""
        self._sweeps = sweeps
        self._drivers = drivers
        self._queues = queues
        self._lock = threading.RLock()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._engine: _Engine | None = None
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self.when_worn: Callable[[], None] = self.replace
        """What is done, in a thread of its own, when too many tool threads are stuck."""

    @property
    def is_running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Start the thread; harmless when it runs. Raises what kept it from starting."""
        with self._lock:
            if self.is_running:
                return
            if settings.ENGINE_AUTOSTART:
                # What tools print and log goes to their run. Tests keep their streams.
                capture.install()
            self._ready.clear()
            self._failure = None
            self._thread = threading.Thread(target=self._run, name="treadle-engine", daemon=True)
            self._thread.start()
            if not self._ready.wait(START_TIMEOUT_S):
                raise RuntimeError("the engine's thread did not start within 30 s")
            self._raise_failure()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def stop(self, grace_s: float = 3.0) -> None:
        """Claim nothing more, finish what runs within the grace, hand the rest back."""
        with self._lock:
            thread, engine, loop = self._thread, self._engine, self._loop
            if thread is None or engine is None or loop is None or not thread.is_alive():
                return
            loop.call_soon_threadsafe(engine.begin_stop, grace_s, context=contextvars.Context())
            thread.join()
            self._thread = self._engine = self._loop = None

    def replace(self) -> None:
        """Let another engine go on with new threads; stuck ones stay until the process ends."""
        log.error("this process goes on with new tool threads; restart it to be rid of stuck ones")
        self.stop()
        self.start()

    def health(self) -> dict[str, Any]:
        """How the engine of this process is, as JSON."""
        engine = self._engine
        if engine is None or not self.is_running:
            return {"running": False}
        return {"running": True, **engine.health()}

    def begin_run(self, start: RunStart) -> int | None:
        """Write a new run on the engine's loop, and return its key once it is committed.

        None when the caller has to write it himself: the engine is off, busy, or this is its own
        thread. Raises Conflict when the dedupe key was used before.
        """
        if self._thread is threading.current_thread():
            return None
        promise: Future[int] = Future()
        if not self._hint(lambda engine: engine.starts.add(Promised(lambda *_: start, promise))):
            return None
        try:
            return promise.result(BEGIN_TIMEOUT_S)
        except TimeoutError:
            # Too late to call it off: it is being written this moment.
            return None if promise.cancel() else promise.result()
        except Unavailable:
            return None

    def hand_over(self, public_id: UUID, plan: Plan, timeout_s: float) -> Handover:
        """The same without blocking: await its `rest`, which also waits for the run to rest.

        `plan` is called on the engine's loop, and gives the run this id.
        """

        def give(handover: Handover) -> bool:
            promised = Promised(plan, handover.promise, handover.rested)
            return self._hint(lambda engine: engine.starts.add(promised))

        def forget(handover: Handover) -> None:
            public_id, notify = handover.public_id, handover.rested
            self._hint(lambda engine: engine.waiters.remove(public_id, notify))

        return Handover(public_id, give, forget, timeout_s)

    def submit(self, run_id: int) -> None:
        """A hint that this run wants a driver. Starts the engine if settings say so."""
        self._hint(lambda engine: engine.pool.want(run_id))

    def take(self, public_id: UUID) -> None:
        """A hint that came from another process: this run wants a driver."""
        self._hint(lambda engine: engine.take(public_id))

    def cancel(self, run_id: int) -> None:
        """A hint that a cancel request was appended to this run."""
        self._hint(lambda engine: engine.pool.poke(run_id))

    def signalled(self) -> None:
        """A hint that a signal was sent to whichever run waits for it."""
        self._hint(lambda engine: engine.signals.soon())

    def driving(self) -> int:
        """How many runs this process drives now."""
        engine = self._engine
        return engine.pool.driving if engine is not None else 0

    async def wait_ended(self, run_public_id: object, timeout: float) -> bool:
        """Wait until the run has ended or is paused; False after `timeout` seconds.

        A run that waits is waited for: what it waits for may come. May be awaited on any loop,
        whichever process drives the run.
        """
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[bool] = loop.create_future()

        def tell(_: Rest | None) -> None:
            # The loop that waits may be closed by now: then nobody is left to tell.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_resolve, ended, True)

        timer = loop.call_later(timeout, _resolve, ended, False)
        try:
            with self._watching(str(run_public_id), tell, patient=True):
                return await ended
        finally:
            timer.cancel()

    def wait_ended_blocking(
        self, run_public_id: object, timeout: float, *, patient: bool = False
    ) -> bool:
        """Wait in a thread without a loop until the run has ended or is paused.

        Who is not patient does not wait for a run that waits itself.
        """
        ended = threading.Event()
        with self._watching(str(run_public_id), lambda _: ended.set(), patient=patient):
            return ended.wait(timeout)

    @contextlib.contextmanager
    def _watching(self, public_id: str, tell: Notify, *, patient: bool = False) -> Iterator[None]:
        told = threading.Event()

        def tell_once(rest: Rest | None) -> None:
            told.set()
            tell(rest)

        self._hint(lambda engine: engine.watch(public_id, tell_once, patient=patient))
        try:
            yield
        finally:
            if not told.is_set():
                self._hint(lambda engine: engine.waiters.remove(public_id, tell_once))

    def _hint(self, do: Callable[["_Engine"], None]) -> bool:
        """Do something on the engine's loop, soon. False when there is no engine to do it."""
        if not self.is_running:
            if not settings.ENGINE_AUTOSTART:
                return False
            self.start()
        engine, loop = self._engine, self._loop
        if engine is None or loop is None or engine.is_stopping:
            return False
        try:
            # A fresh context: the caller's may belong to a request that is over by then.
            loop.call_soon_threadsafe(do, engine, context=contextvars.Context())
        except RuntimeError:
            return False
        return True

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=LendingLoop) as runner:
                runner.run(self._serve())
        except BaseException as error:
            self._failure = error
            if self._ready.is_set():
                log.exception("the engine's thread ended")
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        drivers = settings.DRIVERS if self._drivers is None else self._drivers
        queues = settings.QUEUES if self._queues is None else self._queues
        bounds = Bounds(drivers, settings.LEASE_SECONDS, settings.ASYNC_SLOTS, queues)
        engine = _Engine(bounds, sweeps=self._sweeps, worn=lambda: self.when_worn())
        self._engine, self._loop = engine, asyncio.get_running_loop()
        self._ready.set()
        await engine.serve()


class _Engine:
    """What lives on the engine's loop."""

    def __init__(self, bounds: Bounds, *, sweeps: bool, worn: Callable[[], None]) -> None:
        self._worn = worn
        self._is_worn = False
        self._connection: Raw = connect()
        self._owner = new_owner()
        self._executor = ToolThreads(settings.TOOL_THREADS, toolbox.registry())
        self._executor.on_leak = self._count_leaks
        self._watchdog = Watchdog(connect, wake)
        self._stop: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._sweeps = sweeps
        self.waiters = Waiters()
        self.writer = writer = Writer(self._connection, wake)
        self.pool = DriverPool(
            self._connection,
            self._owner,
            writer,
            self.waiters,
            toolbox.registry(),
            self._executor,
            bounds,
            dispatch.overflow,
        )
        self.starts = Starts(
            self._connection,
            self._owner,
            self.pool,
            writer,
            self.waiters,
            settings.LEASE_SECONDS,
        )
        self._traces = traces.from_environment()
        if self._traces is not None:
            writer.traced = self._traces.note
        self.signals = SignalRounds(self._connection, self.pool.poke)
        writer.signalled = self.signals.soon
        self._sweeper = Sweeper(
            self._connection,
            self._owner,
            self.pool,
            self.waiters,
            self.signals,
            takes=sweeps,
        )
        self._heartbeat = Heartbeat(connect, self._owner, settings.LEASE_SECONDS)
        self._chores = ChoreThread()

    async def serve(self) -> None:
        """Until `begin_stop` is called."""
        self._heartbeat.start()
        self._watchdog.start()
        loop = asyncio.get_running_loop()
        watches = [loop.create_task(self._sweeper.look_for_ever())]
        if self._sweeps:
            watches.append(loop.create_task(self._sweeper.sweep_for_ever()))
            self._chores.start()
        try:
            await self.pool.drain(await self._stop)
        finally:
            for watch in watches:
                watch.cancel()
            await asyncio.gather(*watches, return_exceptions=True)
            self._executor.shutdown(wait=False, cancel_futures=True)
            self._heartbeat.stop()
            self._watchdog.stop()
            if self._sweeps:
                self._chores.stop()
            if self._traces is not None:
                self._traces.close()
            retire(self._owner)
            self._connection.close()

    def _count_leaks(self) -> None:
        """A tool's thread may never come back: with too many of them this process is worn out."""
        leaked, most = self._executor.leaked, settings.MAX_LEAKED
        log.warning("%d tool threads are busy with calls that nobody waits for", leaked)
        if leaked > most and not self._is_worn and not self.is_stopping:
            self._is_worn = True
            log.error(
                "more than TREADLE_MAX_LEAKED=%d tool threads are stuck: claiming no more runs,"
                " handing back those under way; give slow tools ctx.cancelled, or"
                ' "isolation": "process"',
                most,
            )
            self.pool.close()
            threading.Thread(target=self._worn, name="treadle-worn", daemon=True).start()

    def health(self) -> dict[str, Any]:
        """What operators watch, as JSON."""
        last = self._watchdog.last
        return {
            "driving": self.pool.driving,
            "drivers": self.pool.drivers,
            "queues": list(self.pool.fit.queues),
            "storage_full": self.writer.is_full,
            "claiming": not self._is_worn and not self.is_stopping,
            "leaked_threads": self._executor.leaked,
            "max_leaked": settings.MAX_LEAKED,
            "loop_blocked": self._watchdog.count,
            "last_blocked": None if last is None else last.as_dict(),
        }

    @property
    def is_stopping(self) -> bool:
        return self._stop.done()

    def begin_stop(self, grace_s: float) -> None:
        if not self._stop.done():
            self._stop.set_result(grace_s)

    def take(self, public_id: UUID) -> None:
        """Want a run that another process had no driver for."""
        reach("hint.taken")
        try:
            stored = codec.uuid_column(self._connection.vendor, public_id)
            sql = "SELECT id FROM studio_run WHERE public_id = %s"
            for (run_id,) in self._connection.execute(sql, (stored,)):
                self.pool.want(run_id, passed_on=True)
        except Unavailable as error:
            log.debug("a hint is lost, the sweep will find run %s: %s", public_id, error)

    def watch(self, public_id: str, tell: Notify, *, patient: bool) -> None:
        """Tell when the run rests, or has ended: at once if it does already."""
        self.waiters.add(public_id, tell, patient=patient)
        try:
            if not self.pool.is_driving(public_id) and has_ended(
                self._connection, public_id, patient=patient
            ):
                (self.waiters.ended if patient else self.waiters.rests)(public_id)
        except Unavailable as error:
            log.debug("cannot look at run %s now: %s", public_id, error)


def _resolve(ended: asyncio.Future[bool], has_ended: bool) -> None:
    if not ended.done():
        ended.set_result(has_ended)


_service: Service | None = None
_service_lock = threading.Lock()


def service() -> Service:
    """The engine of this process."""
    global _service
    with _service_lock:
        if _service is None:
            _service = Service()
        return _service


def use(replacement: Service) -> None:
    """Let this process use another service: a command drives only what it started itself."""
    global _service
    with _service_lock:
        _service = replacement
