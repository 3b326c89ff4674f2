"""State keys that are read, and that nobody writes."""

from collections.abc import Iterator

from engine.errors import Problem
from engine.expressions import Expression
from engine.graph.model import MapSpec, Node
from engine.graph.reading import pointer
from engine.linting.looking import Look, named, on_node
from engine.policies import NodeType, Severity, WaitKind
from engine.said import Said, quoted, say


def unwritten_reads(look: Look) -> Iterator[Problem]:
    """Keys that conditions and nodes read, where the document says all that is there."""
    declared = look.declared()
    if declared is None or not _writes_are_known(look):
        return
    there = declared | look.written_keys()
    for edge in look.graph.edges:
        for key in sorted(edge.when.state_keys - there) if edge.when is not None else ():
            message = say(
                "the condition of edge {edge} reads {key}, which nobody writes",
                edge=look.named_edge(edge.id),
                key=quoted(key),
            )
            yield look.on_edge(edge, "unwritten_key", message, _declare(key), Severity.WARNING)
    for place in look.reached:
        for key in sorted(_read_by(place.node) - there):
            message = say(
                "{node} reads {key}, which nobody writes", node=named(place.node), key=quoted(key)
            )
            hint, where = _declare(key), pointer("nodes", place.id)
            yield on_node(place.node, "unwritten_key", where, message, hint, Severity.WARNING)


def _declare(key: str) -> Said:
    return say("declare {key} in the state's schema, if the run's start gives it", key=quoted(key))


def _writes_are_known(look: Look) -> bool:
    """Whether every tool's writes can be told from the document."""
    return all(
        node.outputs is not None and not (node.id in look.tools and look.tools[node.id].takes_state)
        for node in look.tool_nodes()
    ) and all(
        node.outputs is not None or awaited.kind is WaitKind.TIMER
        for node in look.graph.nodes.values()
        for awaited in node.awaited
    )


def _read_by(node: Node) -> frozenset[str]:
    # What a subgraph hands out is read from the state of another run.
    results = {} if node.type is NodeType.SUBGRAPH else node.outputs or {}
    expressions = (*node.inputs.values(), *results.values(), *node.set.values(), *_sent_by(node))
    own = _OWN_NAMES if node.awaited else frozenset()
    keys = frozenset(key for expression in expressions for key in expression.state_keys - own)
    return keys if node.map is None else (keys - _COUNTS) | _read_by_map(node.map)


def _sent_by(node: Node) -> Iterator[Expression]:
    if node.emits is not None:
        yield from (node.emits.payload or {}).values()
        if node.emits.key is not None:
            yield node.emits.key


_COUNTS = frozenset({"done", "failed", "total"})
"""What `complete_when` and `collect` of a map node see besides the results."""


def _read_by_map(spec: MapSpec) -> frozenset[str]:
    when = spec.complete_when.state_keys - _COUNTS if spec.complete_when else frozenset()
    return spec.over.state_keys | when | (_read_by(spec.body) - {spec.name})


_OWN_NAMES = frozenset({"answer", "payload", "alternative"})
"""What the outputs of a node that waits read besides the state."""
