"""The code review as a plain loop over its tools, without the engine: what a run should equal."""

from __future__ import annotations

import inspect
import json
from typing import Any

from engine.library.review.sources import pack
from engine.library.review.tools import TOOLS

State = dict[str, Any]

README_CODE = "def foo():\n    print('hi')\n    # TODO improve"
"""The input that the Mini Agent Workflow Engine shows in its README."""

ROUND = (
    "extract_functions",
    "check_complexity",
    "detect_issues",
    "score_quality",
    "suggest_improvements",
    "evaluate_quality",
)


def call(name: str, state: State) -> State:
    """The update of one tool, through JSON as in a run."""
    function = TOOLS[name]
    wanted = inspect.signature(function).parameters
    given = {"state": state} if "state" in wanted else {k: state[k] for k in wanted if k in state}
    update: State = json.loads(json.dumps(function(**given)))
    return update


def review(code: str = "", files: dict[str, Any] | None = None, **settings: Any) -> State:
    """The final state of a review."""
    state: State = {"code": code, "files": pack(files or {}), **settings}
    state |= call("load_code", state)
    while True:
        for name in ROUND:
            state |= call(name, state)
        if state["stop_reason"] is not None:
            break
        state |= call("apply_fixes", state)
    return state | call("report", state)


def fixed(state: State) -> dict[str, str]:
    """The texts at the end, by path."""
    return {entry["path"]: entry["text"] for entry in state["sources"]}


def rules_found(state: State) -> list[str]:
    return [issue["rule"] for issue in state["report"]["issues"]]


def refusals(state: State) -> dict[tuple[str, str], str]:
    """Why fixes were refused: the reason by path and rule."""
    refused = [entry for one in state["report"]["passes"] for entry in one["refused"]]
    return {(entry["path"], entry["rule"]): entry["reason"] for entry in refused}
