"""The workflows that ship with Treadle, as documents."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

CODE_REVIEW = "code_review"
"""The whole code review: parallel measuring, a loop of fixes, a report."""
CODE_REVIEW_DEMO = "code_review_demo"
"""The five nodes of the Mini Agent Workflow Engine, in its own format."""


def names() -> list[str]:
    """The names of all examples, sorted."""
    found = (entry.name for entry in files(__package__).iterdir())
    return sorted(name.removesuffix(".json") for name in found if name.endswith(".json"))


def document(name: str) -> dict[str, Any]:
    """A new copy of an example's document. Raises KeyError with the names there are."""
    if name not in names():
        raise KeyError(f"there is no example {name!r}; there are {', '.join(names())}")
    text = files(__package__).joinpath(f"{name}.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
