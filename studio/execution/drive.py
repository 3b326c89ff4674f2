"""One claimed run on its way: fold what its journal says, go on from there."""

from concurrent.futures import Executor
from dataclasses import dataclass

from engine import Driver, DriveResult, ToolRegistry, fold
from studio import graphs
from studio.journal import RunJournal
from studio.leases import Claim
from studio.raw_connection import Raw
from studio.store import events_of
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
    registry: ToolRegistry,
    connection: Raw,
    writer: Writer,
    executor: Executor,
) -> Drive:
    """A drive from where the journal ends. Raises EngineError when graph or journal are broken."""
    graph = graphs.by_hash(claim.graph_hash, lambda: _document(connection, claim.version_id))
    journal = RunJournal(writer, claim.run_id, head=claim.head, fence=claim.fence)
    driver = Driver(
        graph,
        registry,
        journal,
        folded=fold(graph, events_of(connection, claim.rows)),
        executor=executor,
        run_id=claim.public_id,
    )
    journal.final_state = lambda: driver.result().state
    journal.notify = driver.notify
    return Drive(claim, journal, driver)


def _document(connection: Raw, version_id: int) -> str:
    found = connection.execute("SELECT document FROM studio_version WHERE id = %s", (version_id,))
    return str(found[0][0])
