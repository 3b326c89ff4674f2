"""What every check of a graph starts from, and how it words what it finds."""

from collections.abc import Iterator, Mapping
from functools import cached_property

from engine.errors import Problem
from engine.graph.model import Edge, Graph, Node
from engine.graph.part import Part
from engine.graph.plan import Place, Plan, plan_of
from engine.graph.reading import pointer
from engine.graph.shapes import cycles
from engine.policies import NodeType, Severity
from engine.said import Said, Step
from engine.tools import Tool, ToolRegistry


class Look:
    """One look at one graph, or at a part of it. Raises PartRefused."""

    def __init__(
        self, graph: Graph, registry: ToolRegistry | None, part: Part | None = None
    ) -> None:
        self.graph = graph
        self.plan: Plan = plan_of(graph, part)
        self.registry = registry
        self.tools = _tools(graph, registry)
        """The tools of the nodes, by node, as far as they are known."""
        self.reached = [place for place in self.plan.places if place.order >= 0]
        self._position = {edge.id: at for at, edge in enumerate(graph.edges)}

    @cached_property
    def cycles(self) -> list[list[Place]]:
        """The parts of the graph from each of whose places one can come back to it."""
        return list(cycles(self.reached))

    def calling(self) -> Iterator[tuple[Node, tuple[str, ...]]]:
        """The nodes that call a tool, bodies of map nodes among them, and where each is written."""
        for node in self.graph.nodes.values():
            if node.type is NodeType.TOOL:
                yield node, (node.id,)
            elif node.map is not None and node.map.body.tool is not None:
                yield node.map.body, (node.id, "body")

    def tool_nodes(self) -> Iterator[Node]:
        """The nodes that call a tool themselves."""
        return (n for n in self.graph.nodes.values() if n.type is NodeType.TOOL)

    def writers(self) -> dict[str, list[Place]]:
        """The places that write each state key, as far as they say so."""
        found: dict[str, list[Place]] = {}
        for place in self.reached:
            for key in (*(place.node.outputs or ()), *place.node.set):
                found.setdefault(key, []).append(place)
        return found

    def written_keys(self) -> frozenset[str]:
        """The state keys that a node writes."""
        keys = set(self.writers())
        whole = (NodeType.TOOL, NodeType.MAP)
        keys.update(n.id for n in self.graph.nodes.values() if n.type in whole and not n.outputs)
        return frozenset(keys)

    def declared(self) -> frozenset[str] | None:
        """The keys that the run starts with, if the document says so."""
        properties = (self.graph.state.schema or {}).get("properties")
        if not isinstance(properties, dict):
            return None
        return frozenset(properties) | self.graph.state.defaults.keys()

    def on_edge(
        self, edge: Edge, code: str, message: Said, hint: Said, severity: Severity = Severity.ERROR
    ) -> Problem:
        """A problem of an edge."""
        where = pointer("edges", self._position[edge.id])
        return Problem(code, where, message, hint, severity, None, edge.id)

    def named_edge(self, id_: str) -> Step:
        """The edge in a sentence: people know it by the steps that it joins."""
        at = self._position.get(id_)
        edge = None if at is None else self.graph.edges[at]
        ends = () if edge is None else (edge.source, edge.target)
        name = " → ".join(self.graph.nodes[end].title or end for end in ends)
        return Step(repr(id_), id_, name)


def named(node: Node) -> Step:
    """The node in a sentence: people know it by its title."""
    return Step(repr(node.id), node.id, node.title)


def on_node(
    node: Node,
    code: str,
    where: str,
    message: Said,
    hint: Said,
    severity: Severity = Severity.ERROR,
) -> Problem:
    """A problem of a node."""
    return Problem(code, where, message, hint, severity, node.id, None)


def _tools(graph: Graph, registry: ToolRegistry | None) -> Mapping[str, Tool]:
    """The tool of each node that names one the registry knows."""
    if registry is None:
        return {}
    callers = (node.map.body if node.map else node for node in graph.nodes.values())
    named = ((node.id, node.tool) for node in callers if node.tool is not None)
    return {name: registry.get(tool) for name, tool in named if tool in registry}
