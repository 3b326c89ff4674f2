"""How often something may be done: a rate as people write it, and the buckets that keep to it."""

import math
import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from time import monotonic

_SECONDS = {"s": 1, "min": 60, "h": 3600}
_RATE = re.compile(r"([1-9][0-9]{0,6})/(s|min|h)", re.ASCII)
KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, and so many in `seconds` from then on."""

    count: int
    seconds: int


def a_rate(text: str) -> Rate | None:
    """`60/min` as a Rate, `off` as None. Raises ValueError that says what to write."""
    if text.lower() == "off":
        return None
    match = _RATE.fullmatch(text)
    if match is None:
        raise ValueError("write a number per s, min or h, such as 60/min, or off")
    return Rate(int(match[1]), _SECONDS[match[2]])


class Buckets:
    """One bucket a key: full at first, refilled steadily. In the memory of one process."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        # When each bucket is full again; a bucket that is full needs no entry.
        self._full_at: dict[Hashable, float] = {}
        self._most = KEPT

    def __len__(self) -> int:
        return len(self._full_at)

    def take(self, key: Hashable, rate: Rate) -> int:
        """0 when one was taken, else the whole seconds until there is one again."""
        share = rate.seconds / rate.count
        with self._lock:
            now = self._clock()
            full_at = max(self._full_at.get(key, now), now) + share
            over = full_at - now - rate.seconds
            # A billionth of a second is what sums of shares are wrong by.
            if over > 1e-6:
                return math.ceil(over)
            self._full_at[key] = full_at
            if len(self._full_at) > self._most:
                self._drop_full_ones(now)
        return 0

    def give_back(self, key: Hashable, rate: Rate) -> None:
        """One was taken for what is counted once more elsewhere."""
        with self._lock:
            if key in self._full_at:
                self._full_at[key] -= rate.seconds / rate.count

    def clear(self) -> None:
        with self._lock:
            self._full_at.clear()

    def _drop_full_ones(self, now: float) -> None:
        self._full_at = {key: at for key, at in self._full_at.items() if at > now}
        self._most = max(KEPT, 2 * len(self._full_at))
