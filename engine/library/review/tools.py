"""The ten tools of the code review, plain functions over the keys of a run's state.

Each is pure: the same state gives the same answer, so a run can be replayed, a crashed one
repeated, and a round run twice leaves the state as it was. Without `sources` (in a graph that does
not begin with `load_code`) they review the bare `code`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.library.review.judging import evaluate_quality, score_quality, suggest_improvements
from engine.library.review.looking import check_complexity, detect_issues, extract_functions
from engine.library.review.mending import apply_fixes, write_report
from engine.library.review.taking import load_code
from engine.tools import ToolRegistry

TOOLS: dict[str, Callable[..., dict[str, Any]]] = {
    "load_code": load_code,
    "extract_functions": extract_functions,
    "check_complexity": check_complexity,
    "detect_issues": detect_issues,
    "detect_basic_issues": detect_issues,
    "score_quality": score_quality,
    "suggest_improvements": suggest_improvements,
    "evaluate_quality": evaluate_quality,
    "apply_fixes": apply_fixes,
    "report": write_report,
}
"""The tools by name; `detect_basic_issues` is the older name of `detect_issues`."""


def register(registry: ToolRegistry) -> None:
    """Register the ten names (two of them are one tool); all are pure."""
    for name, function in TOOLS.items():
        registry.register(name, function, effect="pure", category="review")
