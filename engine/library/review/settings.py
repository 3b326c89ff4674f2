"""The settings of a review, and what is refused of them."""

from __future__ import annotations

import math
from typing import Any

from engine.library.review.ruff import TARGETS

Entry = dict[str, Any]
"""A JSON object of the state."""

DEFAULT_THRESHOLD = 7.0
DEFAULT_PASSES = 8
FAIL_ON = ("none", "error", "security-high")


def check_settings(
    threshold: float, max_passes: int, target: str, language: str, fail_on: str
) -> None:
    check_threshold(threshold)
    if (
        isinstance(max_passes, bool)
        or not isinstance(max_passes, int)
        or not 0 <= max_passes <= 100
    ):
        raise ValueError(f"max_passes must be a whole number from 0 to 100, not {max_passes!r}")
    if target not in TARGETS:
        raise ValueError(f"target_version must be one of {', '.join(TARGETS)}, not {target!r}")
    if language != "python":
        raise ValueError(f"language must be 'python', not {language!r}: no other can be reviewed")
    if fail_on not in FAIL_ON:
        raise ValueError(f"fail_on must be one of {', '.join(FAIL_ON)}, not {fail_on!r}")


def check_threshold(threshold: float) -> float:
    if (
        isinstance(threshold, bool)
        or not isinstance(threshold, (int, float))
        or not math.isfinite(threshold)
    ):
        raise ValueError(f"quality_threshold must be a number from 0 to 10, not {threshold!r}")
    return threshold
