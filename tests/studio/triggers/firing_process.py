"""A process that looks after schedules: `python -m tests.studio.triggers.firing_process WHERE GO`.

Waits until the file GO exists, acts on what is due, and prints what it did. WHERE names the place
at which it pulls its own plug: `before` the run is started, `between` start and bookkeeping, or
`after` the commit, before the hint that the run wants a driver; `nowhere` lets it live.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django


def die(*_: Any, **__: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def dies_at(where: str) -> None:
    from studio.actions import firing
    from studio.execution import dispatch

    class Deadly(dispatch.Nobody):
        wanted: Callable[..., None] = die

    dispatch.use(Deadly() if where == "after" else dispatch.Nobody())
    if where == "before":
        firing._start = die
    if where == "between":
        firing._note = die


def main() -> None:
    where, go = sys.argv[1], Path(sys.argv[2])
    django.setup()
    from studio.actions import firing
    from tests.studio import tools  # noqa: F401 - registers the tools of the tests

    dies_at(where)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while not go.exists():
        time.sleep(0.001)
    firing.fire_due()


if __name__ == "__main__":
    main()
