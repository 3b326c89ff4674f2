"""Review code by running the shipped workflow, so that every door gives the same result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from engine import Graph, RunStatus, ToolRegistry, ValueRefused, run
from engine.library import examples
from engine.library.review.sources import from_state, pack
from engine.library.review.tools import register


class ReviewFailed(ValueError):
    """The workflow did not come to its end; the message says which node failed and why."""


@dataclass(frozen=True, slots=True)
class Review:
    """A finished review."""

    report: dict[str, Any]
    markdown: str
    patch: str
    """One diff from what came in to what the passes made of it."""
    fixed_files: dict[str, bytes]
    """The files that were changed, in the encoding they came in."""


def review_sources(
    sources: Mapping[str, str | bytes],
    threshold: float = 7.0,
    max_passes: int = 8,
    fix: bool = True,
    target_version: str = "py310",
    fail_on: str = "none",
) -> dict[str, Any]:
    """The report of a review of {path: text or bytes}; with `fix` off it only measures."""
    passes = max_passes if fix else 0
    return review_files(sources, threshold, passes, target_version, fail_on).report


def review_files(
    sources: Mapping[str, str | bytes],
    threshold: float = 7.0,
    max_passes: int = 8,
    target_version: str = "py310",
    fail_on: str = "none",
) -> Review:
    """Review files; ValueError names a setting or a file that cannot be right."""
    state = {
        "files": pack(sources),
        "quality_threshold": threshold,
        "max_passes": max_passes,
        "target_version": target_version,
        "fail_on": fail_on,
    }
    graph, registry = _shipped()
    try:
        result = run(graph, state, registry=registry)
    except ValueRefused as refusal:
        raise ReviewFailed(str(refusal)) from refusal
    if result.status is not RunStatus.COMPLETED:
        raise ReviewFailed(str(result.error))
    return finished(result.state)


def finished(state: Mapping[str, Any]) -> Review:
    """The review in the final state of a run of the shipped workflow."""
    changed = {path for one in state["passes"] for path in one["files_changed"]}
    sources = (from_state(entry) for entry in state["sources"])
    fixed = {source.path: source.to_bytes() for source in sources if source.path in changed}
    return Review(state["report"], state["markdown"], state["patch"], fixed)


@cache
def _shipped() -> tuple[Graph, ToolRegistry]:
    registry = ToolRegistry()
    register(registry)
    return Graph.from_dict(examples.document(examples.CODE_REVIEW)), registry
