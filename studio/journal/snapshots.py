"""Snapshots of runs: written with the journal, read so that a long journal is not read whole.

A snapshot is written in the transaction of the append after which it stands. One is due every
`EVERY_COMMITS` commits or `EVERY_BYTES` of journal, and not before the journal has grown by as much
as the last one took: so all snapshots of a run together take less room than its journal.
"""

from collections.abc import Callable
from dataclasses import dataclass

from engine import Graph, fold
from engine.keeping.replay import Folded, fold_on
from engine.keeping.snapshots import Snapshot, restore
from engine.planning.marking import Kin
from studio.journal import blobs, codec
from studio.journal.raw_connection import Raw, Row
from studio.journal.reading import blob, events_of

EVERY_COMMITS = 50
EVERY_BYTES = 256 * 1024

INSERT = (
    "INSERT INTO studio_snapshot (run_id, seq, data) VALUES (%s, %s, %s)"
    " ON CONFLICT (run_id, seq) DO NOTHING"
)
_SELECT_LAST = (
    "SELECT seq, data FROM studio_snapshot WHERE run_id = %s AND seq <= %s"
    " ORDER BY seq DESC LIMIT 1"
)
_SELECT_BETWEEN = codec.SELECT_EVENTS.replace("ORDER BY", "AND seq <= %s ORDER BY")
_HIGHEST = 2_147_483_647


@dataclass(frozen=True, slots=True)
class Written:
    """A snapshot on its way into the database."""

    text: str
    blobs: blobs.Blobs
    large: dict[int, tuple[object, str]]
    """Its large values by identity, and their names."""


class Pace:
    """Says when a driver's next snapshot of a run is due, and writes it as text."""

    def __init__(self) -> None:
        self._commits = 0
        self._bytes = 0
        self._last_size = 0
        self._large: dict[int, tuple[object, str]] = {}
        """Large values of the last stored snapshot by identity: most of them come again."""

    def count(self, commits: int, size: int) -> None:
        """So many commits were appended, and so many characters of all events' data."""
        self._commits += commits
        self._bytes += size

    @property
    def is_due(self) -> bool:
        """Never without a commit: so a snapshot shows that its driver got on with the run."""
        if not self._commits or self._bytes < self._last_size:
            return False
        return self._commits >= EVERY_COMMITS or self._bytes >= EVERY_BYTES

    def write(self, snapshot: Snapshot) -> Written:
        """The snapshot as text, its large values apart."""
        large: dict[int, tuple[object, str]] = {}
        found: blobs.Blobs = {}
        texts, references = [], []
        for at, value in enumerate(snapshot.values):
            known = self._large.get(id(value))
            if known is None:
                text = codec.encode_clean(value)
                if len(text) <= blobs.LIMIT_BYTES:
                    texts.append(text)
                    continue
                sha256 = blobs.name_of(text)
                known = value, sha256
                found[sha256] = text
            large[id(value)] = known
            references.append([at, known[1]])
            texts.append("null")
        shape = codec.encode_clean(snapshot.shape)
        apart = codec.encode(references)
        text = f'{{"shape":{shape},"values":[{",".join(texts)}],"large":{apart}}}'
        self._commits = self._bytes = 0
        self._last_size = len(text)
        return Written(text, found, large)

    def stored(self, snapshot: Written) -> None:
        """It was committed. One that was dropped on its way took its blobs along."""
        self._large = snapshot.large


# Reading ----------------------------------------------------------------------------------------


def last_row(connection: Raw, run_id: int, until: int = _HIGHEST) -> Row | None:
    """The newest snapshot at or before event `until`: (seq, data)."""
    found = connection.execute(_SELECT_LAST, (run_id, until))
    return found[0] if found else None


def folded_at(
    connection: Raw, run_id: int, graph: Graph, kin: Kin, until: int = _HIGHEST
) -> Folded:
    """The journal up to event `until`, folded from a snapshot on. Raises JournalCorrupt."""
    row = last_row(connection, run_id, until)
    folded = None if row is None else opened(graph, row, lambda sha: blob(connection, sha), kin)
    seq = 0 if folded is None else folded.seq
    rows = connection.execute(_SELECT_BETWEEN, (run_id, seq, until))
    events = events_of(connection, rows)
    return fold(graph, events, kin) if folded is None else fold_on(folded, events)


def opened(
    graph: Graph, row: Row, read: Callable[[str], str], kin: Kin | None = None
) -> Folded | None:
    """What a stored snapshot stands for; None if a later release wrote it in another format."""
    seq, text = row
    data = codec.decode(text)
    values = data["values"]
    for at, sha256 in data["large"]:
        values[at] = codec.decode(read(sha256))
    return restore(graph, Snapshot(seq, data["shape"], values), kin)
