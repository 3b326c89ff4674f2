"""The code-review agent: rule-based, deterministic, and careful with other people's code.

It measures Python code, scores it from 0 to 10, applies the fixes it can prove or guard, and goes
round again until the score reaches the threshold or nothing safe is left to do. The reviewed code
is parsed in a limited process of its own; it is never imported and never executed.
"""

from engine.library.review.workflow import (
    Review,
    ReviewFailed,
    finished,
    review_files,
    review_sources,
)

__all__ = ["Review", "ReviewFailed", "finished", "review_files", "review_sources"]
