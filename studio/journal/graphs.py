"""Graphs by their hash: parsed once per process, since an equal hash means equal behaviour."""

import threading
from collections import OrderedDict
from collections.abc import Callable

from engine import Graph
from engine.planning.marking import Kin
from studio.journal import codec
from studio.journal.raw_connection import DjangoConnection, Raw
from studio.models import Version

KEPT = 256

_kept: OrderedDict[str, Graph] = OrderedDict()
_lock = threading.Lock()


def of(version: Version) -> Graph:
    """The graph of a version. Raises GraphError when its document was altered."""
    return by_hash(version.hash, lambda: version.document)


def remembered(sha256: str) -> Graph | None:
    """The graph with that hash, if it was used here before."""
    with _lock:
        return _kept.get(sha256)


def kin_of(version: Version) -> Kin:
    """The other versions of its workflow by hash: what a run was moved from or to."""
    return kin(DjangoConnection(), version.pk)


def kin(connection: Raw, version_id: int) -> Kin:
    """The same for the key of a version, over any connection."""

    def find(sha256: str) -> Graph:
        def read() -> str:
            rows = connection.execute(_SELECT_KIN, (version_id, sha256))
            if not rows:
                raise LookupError(f"the workflow has no version with the hash {sha256}")
            return str(rows[0][0])

        return by_hash(sha256, read)

    return find


_SELECT_KIN = (
    "SELECT document FROM studio_version WHERE workflow_id ="
    " (SELECT workflow_id FROM studio_version WHERE id = %s) AND hash = %s ORDER BY id LIMIT 1"
)


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
