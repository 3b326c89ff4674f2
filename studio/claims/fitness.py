"""Which runs a process may drive: those of its queues, whose tools it has.

A queue is a name on a workflow or a map; whoever drives says from which ones it takes. Tools are
looked up in the graph of the run's version, once for each version. Both hold for every way to a
run: the line, what died half-way, a hint. Only a run that is being ended needs neither, and a draft
on trial asks for no tools: what it runs was checked at its start.
"""

from engine import GraphError, ToolRegistry
from engine.graph.model import Graph
from studio.journal import graphs
from studio.journal.raw_connection import Raw

DEFAULT_QUEUE = "default"


def tools_of(graph: Graph) -> set[str]:
    """The names of the tools that a run of this graph calls by itself."""
    found = set()
    for node in graph.nodes.values():
        body = node.map.body if node.map is not None else None
        for each in (node, body):
            # The tool of a body that is a run of its own is that run's.
            if each is not None and each.tool and each.runs is None:
                found.add(each.tool)
    return found


def lacking(graph: Graph, registry: ToolRegistry) -> list[str]:
    """The tools of a graph that a registry has not, by name."""
    return sorted(name for name in tools_of(graph) if name not in registry)


class Fit:
    """What one process may drive. Lives on the engine's loop."""

    def __init__(self, queues: tuple[str, ...] = (), registry: ToolRegistry | None = None) -> None:
        """No queues: runs of every queue. No registry: runs with any tools."""
        self.queues = queues
        self._registry = registry
        self._registered = 0 if registry is None else len(registry)
        self._has_tools: dict[int, bool] = {}
        """By version."""
        self.refused: list[int] = []
        """Runs that somebody asked for, and that are not for this process."""

    def take_refused(self) -> list[int]:
        """Give the runs that were refused since this was asked last."""
        given, self.refused = self.refused, []
        return given

    def takes(
        self, connection: Raw, queue: str, version_id: int, graph_hash: str, status: str = "queued"
    ) -> bool:
        """Whether such a run may be driven here. Raises Unavailable."""
        if status == "cancelling":
            return True
        if self.queues and queue not in self.queues:
            return False
        return self._is_equipped(connection, version_id, graph_hash)

    def _is_equipped(self, connection: Raw, version_id: int, graph_hash: str) -> bool:
        if self._registry is None:
            return True
        if self._registered != len(self._registry):
            self._registered = len(self._registry)
            self._has_tools.clear()
        known = self._has_tools.get(version_id)
        if known is None:
            try:
                graph = graphs.by_hash(graph_hash, lambda: _document(connection, version_id))
                known = not lacking(graph, self._registry) or _is_draft(connection, version_id)
            except (GraphError, ValueError):
                # Whoever drives the run says what is wrong; here it would hold up all the others.
                known = True
            self._has_tools[version_id] = known
        return known

    @property
    def with_tools(self) -> str:
        """The condition on rows that keeps out versions whose tools are known to be missing."""
        foreign = [str(key) for key, has_them in self._has_tools.items() if not has_them]
        return f" AND version_id NOT IN ({', '.join(foreign)})" if foreign else ""

    @property
    def condition(self) -> str:
        """The same with the queues, to be put behind other conditions."""
        names = ", ".join(f"'{name}'" for name in self.queues)
        return (f" AND queue IN ({names})" if names else "") + self.with_tools

    @property
    def begun_condition(self) -> str:
        """As `condition`, for runs that were begun: whoever likes may end one."""
        return f" AND (status = 'cancelling' OR (1 = 1{self.condition}))"


ANYTHING = Fit()
"""Every run that there is."""


def _is_draft(connection: Raw, version_id: int) -> bool:
    """Whether it is a draft on trial: a part of it may run while others are unfinished."""
    found = connection.execute("SELECT number FROM studio_version WHERE id = %s", (version_id,))
    return found[0][0] is None


def _document(connection: Raw, version_id: int) -> str:
    found = connection.execute("SELECT document FROM studio_version WHERE id = %s", (version_id,))
    return str(found[0][0])
