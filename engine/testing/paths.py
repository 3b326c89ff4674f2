"""The path that a run took, and an assertion about it."""

import difflib
from collections.abc import Sequence, Set
from typing import Any

from engine.driving.runner import RunResult
from engine.events import EventKind

Expected = Sequence[str | Set[str]]


def path_of(result: RunResult) -> list[str]:
    """The nodes whose work was kept, in the order in which it was."""
    return [e["node"] for e in result.events if e["k"] == EventKind.ATTEMPT_SUCCEEDED]


def assert_path(result: RunResult, expected: Expected) -> None:
    """Raise AssertionError with a diff, unless the run took exactly this path.

    A set stands for nodes of parallel branches, done in any order: ["a", {"b", "c"}, "d"].
    """
    taken = path_of(result)
    wanted = _as_taken(expected, taken)
    if taken == wanted:
        return
    lines = [
        "the run took another path (- expected, + taken):",
        *(line for line in difflib.ndiff(wanted, taken) if not line.startswith("?")),
        f"it is {result.status}{_reason(result)}",
    ]
    raise AssertionError("\n".join(lines))


def _as_taken(expected: Expected, taken: list[str]) -> list[str]:
    """The expected nodes, those of a set in the order in which they were taken."""
    wanted: list[str] = []
    for part in expected:
        if isinstance(part, str):
            wanted.append(part)
            continue
        here = taken[len(wanted) : len(wanted) + len(part)]
        wanted += here if set(here) == part else sorted(part)
    return wanted


def _reason(result: RunResult) -> str:
    error: Any = result.error
    return "" if error is None else f": {error}"
