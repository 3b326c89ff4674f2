"""A process that has loaded the product once and forks children of it: `python -m` this.

It reads one JSON object a line: {"do": name, "with": arguments}, forks a child that does that
(`tests.faults.children`), and answers {"pid": …}. What the child returns is told as {"pid",
"gave"}, its end as {"pid", "died": exit code}, negative for a signal. When its input ends, it kills
all of them and ends.
"""

import json
import os
import select
import signal
import sys
import traceback
from typing import Any


def main() -> None:
    import django

    django.setup()
    from tests.faults import children

    living: set[int] = set()
    said = os.dup(1)
    os.dup2(2, 1)  # what anybody prints goes to the log
    rest = b""
    tell(said, {"ready": os.getpid()})
    while True:
        ready, _, _ = select.select([0], [], [], 0.005 if living else 0.5)
        if ready:
            data = os.read(0, 65536)
            if not data:
                break
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                wish = json.loads(line)
                pid = fork(said, children.DEEDS[wish["do"]], wish["with"])
                living.add(pid)
                tell(said, {"pid": pid})
        while living:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                break
            living.discard(pid)
            tell(said, {"pid": pid, "died": os.waitstatus_to_exitcode(status)})
    for pid in living:
        os.kill(pid, signal.SIGKILL)


def fork(said: int, do: Any, arguments: dict[str, Any]) -> int:
    """A child that does it, and tells what comes of it."""
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.environ.update(arguments.pop("environment", {}))
        gave = do(**arguments)
        tell(said, {"pid": os.getpid(), "gave": gave})
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)


def tell(said: int, what: dict[str, Any]) -> None:
    os.write(said, json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    main()
