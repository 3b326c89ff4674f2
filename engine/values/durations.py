"""Durations as documents write them: `250ms`, `30s`, `10m`, `24h`, `7d`, or a number of seconds."""

import math
import re
from typing import Any

from engine.said import Said, say

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PATTERN = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)(ms|s|m|h|d)", re.ASCII)


class DurationRefused(ValueError):
    """What is no duration; the message says what would be one."""

    def __init__(self, message: Said) -> None:
        super().__init__(message)
        self.message = message


def seconds(value: Any) -> float:
    """How many seconds `value` means. Raises DurationRefused."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        number = float(value)
    else:
        found = _PATTERN.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise DurationRefused(
                say("expected a duration such as '30s', '10m', '24h', or seconds")
            )
        number = float(found[1]) * _UNITS[found[2]]
    if not math.isfinite(number) or number <= 0:
        raise DurationRefused(say("a duration must be more than nothing"))
    return number
