"""Graphs by their hash: parsed once per process, since an equal hash means equal behaviour."""

import threading
from collections import OrderedDict
from collections.abc import Callable

from engine import Graph
from studio import codec
from studio.models import Version

KEPT = 256

_kept: OrderedDict[str, Graph] = OrderedDict()
_lock = threading.Lock()


def of(version: Version) -> Graph:
    """The graph of a version. Raises GraphError when its document was altered."""
    return by_hash(version.hash, lambda: version.document)


def by_hash(sha256: str, read: Callable[[], str]) -> Graph:
    """The graph with that hash; `read` gives its document as JSON text if it is new here."""
    with _lock:
        graph = _kept.get(sha256)
        if graph is not None:
            _kept.move_to_end(sha256)
            return graph
    graph = Graph.from_dict(codec.decode(read()))
    with _lock:
        _kept[sha256] = graph
        if len(_kept) > KEPT:
            _kept.popitem(last=False)
    return graph
