"""The tools and examples that ship with Treadle: code review, and helpers for texts and data.

registry = ToolRegistry()
register_all(registry)
"""

from __future__ import annotations

from engine.library import (
    ambient,
    basics,
    datatexts,
    hashes,
    lists,
    moments,
    tables,
    texts,
    yamltext,
)
from engine.library.review.tools import register
from engine.tools import ToolRegistry

__all__ = ["register_all"]

PURE = (basics, texts, lists, tables, yamltext, datatexts, hashes, moments)
"""Families of tools that only compute."""


def register_all(registry: ToolRegistry) -> None:
    """Register every tool of the library, each with its effect."""
    register(registry)
    for family in PURE:
        for name, function in family.TOOLS.items():
            registry.register(name, function, effect="pure")
    for name, function in ambient.TOOLS.items():
        registry.register(name, function, effect="idempotent")
