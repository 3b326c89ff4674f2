"""What people call the steps and edges of runs, of many versions maybe.

A list that read the document of each run's version would read the same ones over and over, so what
they call their steps is kept by the hash of the graph.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from functools import cache, partial
from threading import Lock
from typing import Any

from engine.failing import Names
from studio.journal import codec
from studio.models import Run, Version

MOST_GRAPHS = 256

Titles = Mapping[str, str]
"""By the id of the node; only what differs from it."""


class StepTitles:
    """What the steps of these runs are called. Two queries, one where all graphs were seen."""

    def __init__(self, runs: Iterable[Run]) -> None:
        wanted = {run.version_id for run in runs}
        self._by_version = _titles_of(wanted) if wanted else {}
        self._edges: dict[int, Titles] = {}

    def of(self, run: Run, node: str) -> str:
        """The step's title; its id where it has none, or where the run has another version now."""
        return self._by_version.get(run.version_id, {}).get(node, node)

    def names(self, run: Run) -> Names:
        """What its steps and edges are called, for the sentences of its errors."""
        return Names(partial(self.of, run), partial(self._between, run))

    def _between(self, run: Run, edge: str) -> str:
        """An edge by the steps that it joins; read when one is asked for, as graphs are large."""
        pk = run.version_id
        if pk not in self._edges:
            found = Version.objects.filter(pk=pk).values_list("document", flat=True).first()
            self._edges[pk] = between(codec.decode(found)) if found else {}
        return self._edges[pk].get(edge, "")


_kept: OrderedDict[str, Titles] = OrderedDict()
_lock = Lock()


def _titles_of(versions: set[int]) -> dict[int, Titles]:
    hashes = dict(Version.objects.filter(pk__in=versions).values_list("pk", "hash"))
    with _lock:
        known = {each: _kept[each] for each in set(hashes.values()) if each in _kept}
    missing = [pk for pk, sha256 in hashes.items() if sha256 not in known]
    if missing:
        rows = Version.objects.filter(pk__in=missing).values_list("hash", "document")
        read = {sha256: _read(document) for sha256, document in rows}
        _keep(read)
        known |= read
    return {pk: known[sha256] for pk, sha256 in hashes.items() if sha256 in known}


def _read(document: str) -> Titles:
    return titles_of(codec.decode(document))


def titles_of(document: Mapping[str, Any]) -> Titles:
    """The titles of a document's nodes, where they differ from their ids."""
    nodes = document.get("nodes")
    named = nodes.items() if isinstance(nodes, Mapping) else ()
    titles = ((str(id_), node.get("title")) for id_, node in named if isinstance(node, Mapping))
    return {
        id_: title for id_, title in titles if isinstance(title, str) and title not in ("", id_)
    }


def names_in(document: Mapping[str, Any]) -> Names:
    """The same of a document that is at hand."""
    titles, edges = cache(partial(titles_of, document)), cache(partial(between, document))
    return Names(lambda node: titles().get(node, ""), lambda edge: edges().get(edge, ""))


def between(document: Mapping[str, Any]) -> Titles:
    """Each edge of a document by the titles of the steps that it joins."""
    titles = titles_of(document)
    return {
        edge["id"]: " → ".join(titles.get(edge[end], edge[end]) for end in ("from", "to"))
        for edge in document.get("edges") or ()
        if {"id", "from", "to"} <= edge.keys()
    }


def _keep(read: Mapping[str, Titles]) -> None:
    with _lock:
        _kept.update(read)
        while len(_kept) > MOST_GRAPHS:
            _kept.popitem(last=False)
