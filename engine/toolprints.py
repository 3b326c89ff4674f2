"""What tools looked like when a run began, so that a change of them under the run is noticed."""

from collections.abc import Mapping

from engine.errors import ToolNotFound
from engine.graph.model import Graph
from engine.graph.plan import plan_of
from engine.tools import ToolRegistry

PRINT_LENGTH = 16
"""Digits that are kept of a tool's source hash."""

Prints = Mapping[str, str]
"""The first digits of source hashes, by the tools' names."""


def prints(graph: Graph, registry: ToolRegistry) -> dict[str, str]:
    """Those of every tool that the graph's nodes call and the registry knows."""
    return prints_of(plan_of(graph).tools, registry)


def prints_of(names: "Prints | tuple[str, ...]", registry: ToolRegistry) -> dict[str, str]:
    """Those of the tools of these names that the registry knows."""
    found = {}
    for name in names:
        try:
            found[name] = registry.get(name).source_hash[:PRINT_LENGTH]
        except ToolNotFound:
            continue
    return found
