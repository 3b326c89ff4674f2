"""Which secrets a graph is going to ask for, as far as its document says so. Pure."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from engine.errors import ToolNotFound
from engine.expressions import ExpressionError
from engine.graph.model import Graph, Node
from engine.tools import Tool, ToolRegistry

SecretName = Annotated[str, Field(json_schema_extra={"format": "secret"})]
"""The type of a tool's parameter that takes the name of a secret: forms offer a list of names."""


def secret_names(graph: Graph, registry: ToolRegistry) -> dict[str, str]:
    """Names written down in the graph for parameters of type SecretName, and a node of each."""
    found: dict[str, str] = {}
    for node in graph.nodes.values():
        for called in (node, node.map.body if node.map is not None else None):
            for name in _of_node(called, registry) if called is not None else ():
                found.setdefault(name, node.id)
    return found


def _of_node(node: Node, registry: ToolRegistry) -> Iterator[str]:
    try:
        tool = registry.get(node.tool or "")
    except ToolNotFound:
        return
    for param, shape in _parameters(tool):
        given = node.inputs.get(param)
        value = shape.get("default")
        if given is not None:
            try:
                # What reads nothing is a name written down; anything else is known later only.
                value = None if given.references else given.evaluate({})
            except ExpressionError:
                continue
        if isinstance(value, str) and value:
            yield value


def _parameters(tool: Tool) -> list[tuple[str, dict[str, Any]]]:
    if not tool.takes_ctx:
        return []
    return [
        (name, shape)
        for name, shape in tool.schema["properties"].items()
        if _is_secret(shape) or any(map(_is_secret, shape.get("anyOf", ())))
    ]


def _is_secret(shape: dict[str, Any]) -> bool:
    return shape.get("format") == "secret"
