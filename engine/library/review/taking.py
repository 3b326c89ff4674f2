"""The tool that takes code in."""

from __future__ import annotations

from typing import Any

from engine.library.review.ruff import DEFAULT_TARGET
from engine.library.review.settings import DEFAULT_PASSES, DEFAULT_THRESHOLD, Entry, check_settings
from engine.library.review.sources import PASTED, load, unpack


def load_code(
    code: str = "",
    files: dict[str, Any] | list[Any] | None = None,
    sources: list[Entry] | None = None,
    quality_threshold: float = DEFAULT_THRESHOLD,
    max_passes: int = DEFAULT_PASSES,
    target_version: str = DEFAULT_TARGET,
    language: str = "python",
    fail_on: str = "none",
) -> dict[str, Any]:
    """Take in the code to review: pasted text in `code`, or `files` as {path: text}.

    A file that is not UTF-8 is given as {"base64": …} of its bytes. `quality_threshold` is the
    score from 0 to 10 that is good enough, `max_passes` how often fixes may be applied,
    `target_version` the oldest Python the code has to run on (py310 … py314), `fail_on` which
    findings close the gate whatever the score says: none, error or security-high.
    """
    check_settings(quality_threshold, max_passes, target_version, language, fail_on)
    given = unpack(files) if files else {}
    if isinstance(code, str) and code.strip():
        given.setdefault(PASTED, code)
    loaded = load(given)
    entries = [source.to_state() for source in loaded.sources]
    return {
        "sources": entries or sources or [],
        # The files live on in `sources`; a second copy would only weigh the state down.
        "files": {},
        "skipped": loaded.skipped,
        "limits_hit": loaded.limits_hit,
        "quality_threshold": quality_threshold,
        "max_passes": max_passes,
        "target_version": target_version,
        "fail_on": fail_on,
        **_FRESH,
    }


_FRESH: dict[str, Any] = {
    "passes": [],
    "refusals": [],
    "originals": {},
    "baseline_size": {},
    "score_course": [],
    "progress": True,
}
"""What the loop gathers, empty at the start: a state of an earlier review begins anew."""
