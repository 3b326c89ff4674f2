"""A tool module (TREADLE_TOOLS) whose process kills itself at the place that a file names, once."""

import os
import signal
from pathlib import Path
from typing import Any

from engine import default_registry
from studio.journal import failpoints

_FILE = Path(os.environ["TREADLE_DATA_DIR"]).parent / "kill"


def _kill(place: str) -> None:
    if _FILE.exists() and _FILE.read_text() == place:
        _FILE.unlink()
        os.kill(os.getpid(), signal.SIGKILL)


failpoints.hook = _kill


@default_registry.tool("crash.add", effect="pure")
async def add(state: dict[str, Any]) -> None:
    """Add one to `n`."""
    state["n"] = state["n"] + 1
