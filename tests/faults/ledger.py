"""What really happened, written down by those who did it: lines of a file, outside of every
transaction, by code that knows nothing of the engine.

A line is one write to a file opened for appending: whole or not there, whoever is killed. Each has
`at` (seconds since 1970), `pid` and `what`:

    begun, done    a tool was called, and has done its work: run, node, act, att, effect, and what a
                   tool of effect `once` gave
    retried        a person let a call of unknown outcome be made again: run, act
    reached        a failpoint was passed, while they are recorded: place
    killed         the process kills itself there: place; or another one was killed: victim
    fault          the chaos did something: fault
    asked, told    a run was asked for, and its start was answered: key, run, seed
"""

import json
import os
import time
from pathlib import Path
from typing import Any

Line = dict[str, Any]


def note(what: str, into: Path | None = None, **more: Any) -> None:
    """Write a line into this ledger, else into the one of the environment (TRIAL_LEDGER)."""
    line = {"at": time.time(), "pid": os.getpid(), "what": what, **more}
    text = json.dumps(line, separators=(",", ":")) + "\n"
    path = into or os.environ["TRIAL_LEDGER"]
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(file, text.encode())
    finally:
        os.close(file)


def read(path: Path) -> list[Line]:
    """All lines, in the order in which they were written."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
