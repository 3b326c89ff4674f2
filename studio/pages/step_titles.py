"""Titles of steps where a page names steps of runs of many versions.

A list that read the document of each run's version would read the same ones over and over, so what
they call their steps is kept by the hash of the graph.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from threading import Lock

from studio.journal import codec
from studio.models import Run, Version
from studio.pages.drafts import nodes_of
from studio.pages.outline import title_of

MOST_GRAPHS = 256

Titles = Mapping[str, str]
"""By the id of the node; only what differs from it."""


class StepTitles:
    """What the steps of these runs are called. Two queries, one where all graphs were seen."""

    def __init__(self, runs: Iterable[Run]) -> None:
        wanted = {run.version_id for run in runs}
        self._by_version = _titles_of(wanted) if wanted else {}

    def of(self, run: Run, node: str) -> str:
        """The step's title; its id where it has none, or where the run has another version now."""
        return self._by_version.get(run.version_id, {}).get(node, node)


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
    named = ((id_, title_of(id_, node)) for id_, node in nodes_of(codec.decode(document)).items())
    return {id_: title for id_, title in named if title != id_}


def _keep(read: Mapping[str, Titles]) -> None:
    with _lock:
        _kept.update(read)
        while len(_kept) > MOST_GRAPHS:
            _kept.popitem(last=False)
