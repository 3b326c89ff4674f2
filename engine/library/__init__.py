"""The tools and examples that ship with Treadle: code review, and small helpers for texts and data.

registry = ToolRegistry()
register_all(registry)
"""

from __future__ import annotations

from engine.library import basics
from engine.library.review.tools import register
from engine.tools import ToolRegistry

__all__ = ["register_all"]


def register_all(registry: ToolRegistry) -> None:
    """Register every tool of the library; all of them are pure."""
    register(registry)
    for name, function in basics.TOOLS.items():
        registry.register(name, function, effect="pure")
