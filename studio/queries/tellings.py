"""What a long run did, told on from where it was told before, however long its journal is."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from engine import Event, EventKind
from engine.events import TOOL_DRIFT
from engine.keeping.numbers import Numbers
from engine.keeping.replay import ItemCounts, NodeActivity, Replay, Teller
from studio.journal import blobs, codec, graphs, long_runs, reading, snapshots
from studio.journal.raw_connection import DjangoConnection, Raw
from studio.models import Run, Snapshot, Telling

FORMAT = 1
PAGE = 1000
WORTH = 1000
"""Events after which what was told is kept for the next reader."""

_PAGE = codec.SELECT_EVENTS + f" LIMIT {PAGE}"


class Tally:
    """What replaying leaves out: edges, the part that ran, tools that changed. JSON all of it."""

    def __init__(self, kept: Mapping[str, Any] | None = None) -> None:
        kept = kept or {}
        self.edges: dict[str, dict[str, Any]] = kept.get("edges", {})
        self.part: dict[str, str | None] | None = kept.get("part")
        self.drifted: list[dict[str, str]] = kept.get("drifted", [])

    def take(self, event: Event) -> None:
        for report in event.data.get("edges") or ():
            if isinstance(report, dict):
                empty = {"taken": 0, "skipped": 0, "reason": None}
                seen = self.edges.setdefault(report["edge"], empty)
                seen["taken" if report["taken"] else "skipped"] += 1
                seen["reason"] = None if report["taken"] else report.get("reason")
        if event.seq == 1:
            start, until = event.data.get("start"), event.data.get("until")
            both = start is None and until is None
            self.part = None if both else {"from": start, "to": until}
        if event.kind is EventKind.WARNING and event.data.get("code") == TOOL_DRIFT:
            self.drifted.append({key: str(event.data[key]) for key in ("tool", "was", "now")})


def told(run: Run) -> tuple[int, Replay, Tally]:
    """How far the journal goes, and what it tells without its steps. Raises JournalCorrupt.

    What was read of a long journal is kept for the next reader.
    """
    connection = DjangoConnection()
    graph, kin = graphs.of(run.version), graphs.kin_of(run.version)
    seq, teller, tally = _begun(connection, run)
    keep_at = Snapshot.objects.filter(run=run, seq__gt=seq).order_by("-seq")
    target = keep_at.values_list("seq", flat=True).first()
    kept, read = None, 0
    for event in _events(connection, run.pk, seq):
        teller.take(event, graph, kin)
        tally.take(event)
        seq, read = event.seq, read + 1
        if seq == target:
            kept = _packed(teller, tally)
    if kept is not None and target is not None and read >= WORTH:
        Telling.objects.update_or_create(run_id=run.pk, defaults={"seq": target, "data": kept})
    return seq, teller.done(), tally


def _begun(connection: Raw, run: Run) -> tuple[int, Teller, Tally]:
    """Where the last telling and its snapshot stand, else before the first event."""
    row = Telling.objects.filter(run=run).values_list("seq", "data").first()
    if row is not None:
        seq, text = row
        data = codec.decode(text)
        snapshot = snapshots.last_row(connection, run.pk, seq)
        if data.get("format") == FORMAT and snapshot is not None and snapshot[0] == seq:
            graph, kin = graphs.of(run.version), graphs.kin_of(run.version)
            folded = snapshots.opened(
                graph, snapshot, lambda sha: reading.blob(connection, sha), kin
            )
            if folded is not None:
                teller = Teller(folded.marking, keeps_steps=False)
                teller.told.activations = _activities(data["nodes"])
                teller.seen = Numbers(data["seen"])
                return seq, teller, Tally(data)
    return 0, Teller(keeps_steps=False), Tally()


def _events(connection: Raw, run_id: int, after: int) -> Iterator[Event]:
    while rows := connection.execute(_PAGE, (run_id, after)):
        for row in rows:
            data = blobs.restore(codec.decode(row[6]), lambda sha: reading.blob(connection, sha))
            yield codec.event(row, data)
        after = rows[-1][0]


def _packed(teller: Teller, tally: Tally) -> str:
    return codec.encode_clean(
        {
            "format": FORMAT,
            "nodes": {name: asdict(node) for name, node in teller.told.activations.items()},
            "seen": teller.seen.spans(),
            "edges": tally.edges,
            "part": tally.part,
            "drifted": tally.drifted,
        }
    )


def _activities(nodes: Mapping[str, Any]) -> dict[str, NodeActivity]:
    found = {}
    for name, node in nodes.items():
        items = node["items"]
        found[name] = NodeActivity(
            **{**node, "items": None if items is None else ItemCounts(**items)}
        )
    return found


def tell_wanted() -> float | None:
    """A chore: tell a run that has gone on for long, so that nobody has to wait for that."""
    run_id = long_runs.take()
    if run_id is None:
        return None
    run = Run.objects.select_related("version").filter(pk=run_id, forgotten_at=None).first()
    if run is not None:
        told(run)
    return 0.0
