"""Plain values that do not fit the parameter of the tool that they are given to."""

from collections.abc import Callable, Iterator
from functools import lru_cache

from engine.errors import Problem
from engine.expressions import Expression, ExpressionError
from engine.graph.model import Node
from engine.graph.reading import pointer
from engine.graph.schema import refuser, schema_problem
from engine.policies import Severity
from engine.said import Said, quoted, say
from engine.tools import Tool
from engine.values.jsonvalue import Json

_NOT_PLAIN = object()


def bad_inputs(node: Node, tool: Tool, at: tuple[str, ...]) -> Iterator[Problem]:
    """Inputs that are the same in every run and not what the tool's annotations say.

    A warning: annotations are not enforced, and the tool may bear what they do not tell.
    """
    for name, expression in node.inputs.items():
        value = _plain(expression)
        refuse = None if value is _NOT_PLAIN else _refuser(tool, name)
        for part, why in refuse(value) if refuse is not None else ():
            message = say(
                "the tool {tool} wants something else for {name}: {why}",
                tool=quoted(tool.name),
                name=quoted(name),
                why=why,
            )
            hint = say("see the parameters of the tool, or give an expression over the state")
            where = pointer("nodes", *at, "inputs", name) + part
            yield Problem("bad_input", where, message, hint, Severity.WARNING, node.id, None)


def _plain(expression: Expression) -> Json | object:
    """The value of an expression that reads nothing."""
    if expression.names:
        return _NOT_PLAIN
    try:
        return expression.evaluate({})
    except ExpressionError:
        return _NOT_PLAIN


@lru_cache(maxsize=1_024)
def _refuser(tool: Tool, name: str) -> Callable[[Json], list[tuple[str, Said]]] | None:
    """What holds a value against the schema of a parameter; None where there is none."""
    described = tool.schema.get("properties", {}).get(name)
    if not described:
        return None
    schema = {**described, "$defs": tool.schema.get("$defs", {})}
    return None if schema_problem(schema) else refuser(schema)
