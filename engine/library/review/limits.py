"""The limits of a review: what they are, and the words for the report when one is hit."""

from __future__ import annotations

MAX_FILE_BYTES = 512 * 1024
MAX_FILES = 2_000
MAX_TOTAL_WEIGHT = 2 * 1024 * 1024
"""Text of all files of one run, as `text_weight` counts it: the sources travel in the run's state,
which is limited itself."""
MAX_LINE_CHARS = 20_000
"""A file with a longer line is linted, but not measured and not fixed."""

MAX_FINDINGS_LISTED = 5_000
MAX_FINDINGS_BYTES = 768 * 1024
MAX_COMPLEXITY_BYTES = 192 * 1024
"""JSON size of the findings listed in the state; the others are counted, not listed."""
MAX_FUNCTIONS_LISTED = 1_500
MAX_SUPPRESSED_LISTED = 500
MAX_FIXES_LISTED = 200
"""Applied fixes, and refused ones, that one pass lists."""
MAX_PATH_CHARS = 300
MAX_DIAGNOSTICS_PER_FILE = 10_000
"""Findings of one file that are looked at; the rest is counted, and fixes are off."""

MAX_PASS_DIFF_CHARS = 200 * 1024
MAX_DIFFS_WEIGHT = 400 * 1024
"""Diffs of all passes of a run together, as `text_weight` counts them."""
MAX_MARKDOWN_DIFF_CHARS = 40_000
MAX_PATCH_CHARS = 400 * 1024
MAX_SUGGESTIONS = 200

RUFF_SECONDS = 20.0
"""Of one process; a batch that takes longer is split."""
LINT_SECONDS = 60.0
"""Of all processes for one batch together."""
CHILD_SECONDS = 30.0
CHILD_CPU_SECONDS = 10
CHILD_MEMORY_BYTES = 1024**3
PASS_SECONDS = 60.0
"""Wall time in which one `apply_fixes` may begin files."""
FILE_SECONDS = 20.0
"""Wall time in which rounds of edits may begin for one file and group."""

MAX_CANDIDATES = 1_000
MAX_EDIT_CHARS = 2_000_000
"""Edits tried in one round: how many, and how much text they insert together."""
MAX_INNER_ROUNDS = 12
"""Rounds of edits within one fix group of one file."""


def text_weight(text: str | bytes) -> int:
    """What a text weighs in a state: its characters, four times if they are not all ASCII."""
    return len(text) if text.isascii() else 4 * len(text)


def hit(limit: str, detail: str, path: str | None = None) -> dict[str, str | None]:
    """An entry of the report's `limits_hit`."""
    return {"limit": limit, "path": path, "detail": detail}
