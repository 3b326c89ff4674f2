"""Which long runs have gone on so far that what they did is to be told anew: noted by the writer.

In the memory of one process: whoever drives a run also tells it.
"""

import threading

EVERY_EVENTS = 5000
"""A run shorter than this is read whole; a longer one is told again after as many events."""
MOST = 10_000

_lock = threading.Lock()
_told: dict[int, int] = {}
"""By run the seq at which it was last wanted."""
_wanted: dict[int, None] = {}


def note(run_id: int, head: int, *, rests: bool) -> None:
    """The run's journal has come so far; `rests`: it ended, paused or waits."""
    if head < EVERY_EVENTS:
        return
    with _lock:
        if not rests and head - _told.get(run_id, 0) < EVERY_EVENTS:
            return
        if len(_told) > MOST:
            _told.clear()
        _told[run_id] = head
        _wanted[run_id] = None


def take() -> int | None:
    """The next run to tell; None when there is none."""
    with _lock:
        for run_id in _wanted:
            del _wanted[run_id]
            return run_id
    return None
