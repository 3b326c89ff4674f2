"""State keys that are written for nobody."""

from collections.abc import Iterator, Mapping

from engine.errors import Problem
from engine.expressions import Expression
from engine.graph.model import Graph, Node
from engine.graph.nodes import RESULTS
from engine.graph.reading import pointer
from engine.linting.looking import Look, named
from engine.policies import NodeType, Severity
from engine.said import quoted, say
from engine.tools import Tool


def unread_keys(look: Look) -> Iterator[Problem]:
    """Keys that a node writes and nobody reads, where the document says what its state holds.

    What the schema declares is for whoever reads the final state, and so is what an `end` node
    writes.
    """
    graph = look.graph
    declared = (graph.state.schema or {}).get("properties")
    if not isinstance(declared, dict):
        return
    read = _read_keys(graph, look.tools)
    if read is None:
        return
    known = read | declared.keys() | graph.state.defaults.keys()
    for node in graph.nodes.values():
        if node.type is NodeType.END:
            continue
        for part, written in (("outputs", node.outputs or {}), ("set", node.set)):
            key_of = RESULTS.get(node.type, part) if part == "outputs" else part
            for key in written.keys() - known:
                message = say(
                    "{node} writes {key}, which nobody reads",
                    node=named(node),
                    key=quoted(key),
                )
                hint = say(
                    "declare {key} in the state's schema if it is a result, or leave it out",
                    key=quoted(key),
                )
                where = pointer("nodes", node.id, key_of, key)
                yield Problem("unread_key", where, message, hint, Severity.WARNING, node.id, None)


def _read_keys(graph: Graph, tools: Mapping[str, Tool]) -> set[str] | None:
    """Every key that an expression or a tool reads; None if that cannot be told."""
    read: set[str] = set()
    for edge in graph.edges:
        if edge.when is not None and not _reads(edge.when, read):
            return None
    for node in graph.nodes.values():
        called = node if node.map is None else node.map.body
        if called.tool is not None and not _called_with(tools.get(node.id), read):
            return None
        if not all(_reads(expression, read) for expression in _expressions(node)):
            return None
    return read


def _called_with(tool: Tool | None, read: set[str]) -> bool:
    """Note the keys that a tool takes by the names of its parameters."""
    if tool is None or tool.takes_state or tool.takes_any:
        return False
    read |= {param.name for param in tool.params}
    return True


def _reads(expression: Expression, read: set[str]) -> bool:
    """Note the keys that an expression reads; False if it may read any."""
    if ("state",) in expression.references:
        return False
    read |= expression.state_keys
    return True


def _expressions(node: Node) -> Iterator[Expression]:
    yield from node.inputs.values()
    yield from (node.outputs or {}).values()
    yield from node.set.values()
    if node.map is not None:
        yield node.map.over
        yield from node.map.body.inputs.values()
        if node.map.complete_when is not None:
            yield node.map.complete_when
    for awaited in node.awaited:
        yield from (e for e in (awaited.until, awaited.key) if e is not None)
