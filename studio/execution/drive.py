"""One claimed run on its way: fold what its journal says, go on from there."""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from engine import Driver, DriveResult, Event, Graph, ToolRegistry, fold
from studio import blobs, codec
from studio.journal import RunJournal
from studio.leases import Claim
from studio.raw_connection import Raw, Row
from studio.writer import Writer


@dataclass(slots=True)
class Drive:
    """A driver and the journal it writes."""

    claim: Claim
    journal: RunJournal
    driver: Driver

    async def run(self) -> DriveResult:
        """Drive to the end, to a pause, or until stopped. Raises Fenced, or what broke."""
        return await self.driver.drive()


def begin(
    claim: Claim,
    *,
    graph: Graph,
    registry: ToolRegistry,
    connection: Raw,
    writer: Writer,
    executor: Executor,
) -> Drive:
    """A drive from where the journal ends. Raises JournalCorrupt when it does not fold."""
    events = events_of(connection, claim.rows)
    created = events[0].data
    journal = RunJournal(writer, claim.run_id, head=claim.head, fence=claim.fence)
    driver = Driver(
        graph,
        registry,
        journal,
        folded=fold(graph, events),
        limits=created.get("limits"),
        pinned=created.get("pinned"),
        executor=executor,
    )
    journal.final_state = lambda: driver.state
    journal.notify = driver.notify
    return Drive(claim, journal, driver)


def events_of(connection: Raw, rows: Sequence[Row]) -> list[Event]:
    """The journal's rows as events, with their large values put back."""

    def read(sha256: str) -> str:
        found = connection.execute("SELECT data FROM studio_blob WHERE sha256 = %s", (sha256,))
        return str(found[0][0])

    return [codec.event(row, blobs.restore(codec.decode(row[6]), read)) for row in rows]
