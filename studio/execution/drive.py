"""One claimed run on its way: fold what its journal says, go on from there."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass

from engine import Driver, DriveResult, Graph, ToolRegistry, fold
from engine.graph.subgraphs import starts_runs
from engine.keeping.replay import Folded, fold_on
from studio.claims.claiming import Claim
from studio.execution.offspring import Offspring
from studio.execution.run_secrets import secrets_of, secrets_of_new
from studio.journal import codec, graphs, reading, snapshots
from studio.journal.buffer import RunJournal
from studio.journal.raw_connection import Raw
from studio.journal.reading import events_of
from studio.journal.told import Rest, Told
from studio.journal.transactions import Steps
from studio.journal.writer import Writer
from studio.waits import outcome_rows, wait_rows
from studio.waits.children import Parent

PARK_AFTER_S = 1.0
"""A run with nothing to do for longer than this is let go of until then."""

_PARKS = frozenset(kind.value for kind in wait_rows.PARKING | outcome_rows.CHANGING)


@dataclass(slots=True)
class Drive:
    """A driver and the journal it writes."""

    claim: Claim
    journal: RunJournal
    driver: Driver

    is_child: bool
    """Whether another run waits for its end."""

    async def run(self) -> DriveResult:
        """Drive to the end, to a pause, or until stopped. Raises Fenced, or what broke."""
        return await self.driver.drive()

    def rest(self, result: DriveResult) -> Rest | None:
        """How the run stands that came to rest, if that can be told from memory."""
        told = self.journal.told
        return None if told is None else told.rest(result, self.journal.head)

    def let_go(self) -> None:
        """Nothing more is asked of the driver: the journal forgets it, as it was before.

        So both are freed as soon as nobody uses them, without the collector of circles.
        """
        self.journal.let_go()


def begin(
    claim: Claim,
    *,
    registry: ToolRegistry,
    connection: Raw,
    writer: Writer,
    executor: Executor,
    slots: asyncio.Semaphore,
    is_awaited: bool,
    want: Callable[[int], None],
    poke: Callable[[int], None],
) -> Drive:
    """A drive from where the journal ends. Raises EngineError when graph or journal are broken.

    `is_awaited` says that somebody waits for the run to rest; `want` and `poke` carry hints about
    the runs that it starts.
    """
    graph = graphs.by_hash(claim.graph_hash, lambda: _document(connection, claim.version_id))
    has_children = starts_runs(graph)
    # What stands before a snapshot was not read.
    parks = claim.snapshot is not None or any(row[2] in _PARKS for row in claim.rows)
    has_waits = has_children or parks
    journal = RunJournal(
        writer, claim.run_id, head=claim.head, fence=claim.fence, has_waits=has_waits
    )
    journal.public_id = claim.public_id
    journal.transactions = Steps(journal, writer)
    folded = _folded(graph, claim, connection)
    offspring = None
    if has_children:
        parent = Parent(claim.run_id, claim.public_id, graph)
        offspring = Offspring(connection, parent, want, poke)
    driver = Driver(
        graph,
        registry,
        journal,
        folded=folded,
        executor=executor,
        slots=slots,
        run_id=claim.public_id,
        park_after_s=PARK_AFTER_S,
        outside=True,
        secrets=secrets_of_new(claim.birth.start.owner_id)
        if claim.birth
        else secrets_of(claim.run_id),
        children=offspring,
    )
    journal.final_state = lambda: driver.result().state
    journal.notify = driver.notify
    journal.snapshot = driver.snapshot
    if claim.birth is not None:
        journal.begin(claim.birth)
    if claim.events is not None and is_awaited:
        folded.marking.shows_states = True
        journal.told = Told()
        for event in claim.events:
            journal.told.add(event, 0)
    return Drive(claim, journal, driver, is_child=folded.marking.depth > 0)


def _folded(graph: Graph, claim: Claim, connection: Raw) -> Folded:
    """Where the claimed run is, from its newest snapshot on."""
    row, kin = claim.snapshot, graphs.kin(connection, claim.version_id)
    if row is None:
        return fold(graph, claim.events or events_of(connection, claim.rows), kin)
    known = snapshots.opened(graph, row, lambda sha: reading.blob(connection, sha), kin)
    if known is not None:
        return fold_on(known, events_of(connection, claim.rows))
    rows = connection.execute(codec.SELECT_EVENTS, (claim.run_id, 0))
    return fold(graph, events_of(connection, rows), kin)


def _document(connection: Raw, version_id: int) -> str:
    found = connection.execute("SELECT document FROM studio_version WHERE id = %s", (version_id,))
    return str(found[0][0])
