"""Graphs by the key of their version: parsed once, since a version never changes."""

from collections import OrderedDict

from engine import Graph
from studio import codec
from studio.raw_connection import Raw

KEPT = 256


class Graphs:
    """The newest graphs in memory, read over a raw connection. Lives on the engine's loop."""

    def __init__(self, connection: Raw) -> None:
        self._connection = connection
        self._kept: OrderedDict[int, Graph] = OrderedDict()

    def get(self, version_id: int) -> Graph:
        """Raises GraphError when the document was altered, LookupError when it is gone."""
        graph = self._kept.get(version_id)
        if graph is None:
            graph = self._kept[version_id] = self._read(version_id)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(version_id)
        return graph

    def _read(self, version_id: int) -> Graph:
        rows = self._connection.execute(
            "SELECT document FROM studio_version WHERE id = %s", (version_id,)
        )
        if not rows:
            raise LookupError(f"there is no version {version_id}")
        return Graph.from_dict(codec.decode(rows[0][0]))
