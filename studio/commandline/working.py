"""`manage.py worker`: drive runs beside the web processes, on the same database, until stopped."""

import os
import signal
import threading

from django.conf import settings

from studio.commandline import terminal
from studio.execution import service as services
from studio.execution.service import Service
from studio.http import interpreter

GRACE_S = 20.0


class Worker:
    """One process that drives runs. `serve` returns when it was told to stop and has drained."""

    def __init__(
        self,
        drivers: int | None = None,
        queues: tuple[str, ...] | None = None,
        grace_s: float = GRACE_S,
    ) -> None:
        self._service = Service(drivers=drivers, queues=queues)
        self._service.when_worn = self._wear_out
        self._grace_s = grace_s
        self._told = threading.Event()
        self._is_worn = False

    def serve(self) -> bool:
        """Drive until SIGTERM or SIGINT; then claim nothing more, finish what runs within the
        grace, and hand the rest back. Returns whether to start again: its tool threads are stuck.
        """
        services.use(self._service)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._hear)
        self._service.start()
        interpreter.prepare()
        health = self._service.health()
        where = ", ".join(health["queues"]) or "all queues"
        terminal.say(f"Drives up to {health['drivers']} runs at once ({where}). Ctrl-C stops it.")
        # With a timeout: elsewhere than on the main thread's way back from C no signal is heard.
        while not self._told.wait(1.0):
            pass
        self._service.stop(0.0 if self._is_worn else self._grace_s)
        return self._is_worn

    def _hear(self, *_: object) -> None:
        if self._told.is_set():
            # Asked twice: whoever is in such a hurry gets the rest as after a crash.
            os._exit(1)
        self._told.set()

    def _wear_out(self) -> None:
        self._is_worn = True
        self._told.set()


def refuse_no_drivers(drivers: int | None) -> str:
    """What is wrong with a worker of so many drivers, or nothing."""
    if drivers is not None and drivers < 1:
        return "--drivers is how many runs are driven at once: write 1 or more."
    if drivers is None and settings.DRIVERS < 1:
        return "TREADLE_DRIVERS=0 is for web processes: a worker needs --drivers 1 or more."
    return ""
