"""Three hosts with a Celery worker each, one of which is cut off in the middle of its runs."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.hosts import Host, Network
from tests.crash.programs import chain, counted
from tests.faults.checking import Report, check, recoveries
from tests.faults.postgres import OwnPostgres
from tests.faults.site import Site
from tests.faults.tables import EventRow, RunRow
from tests.studio.spread.brokers import OwnRedis

LEASE_S = 3
STEPS = 6
SLOW_S = 0.3
RUNS = 18
DRIVERS = 6


class Apart:
    """The hosts, and what became of the runs."""

    def __init__(self, site: Site, network: Network, hosts: int = 3) -> None:
        self.site = site
        self.hosts = [network.host() for _ in range(hosts)]
        options = ("-P", "prefork", "-c", "1", "--without-gossip", "--without-mingle")
        for host in self.hosts:
            environment = {"TREADLE_DRIVERS": str(DRIVERS)}
            command = ("celery", "-A", "studio", "worker", *options)
            site.start(*command, prefix=host.prefix(), **environment)
        (self._version,) = site.call("publish_all", documents=[chain("idempotent", STEPS)])
        self._count = 0

    def start(self, count: int) -> None:
        """Start runs as a web process does that drives none."""
        wishes = []
        for _ in range(count):
            self._count += 1
            state = {"slow_s": SLOW_S}
            wishes.append({"version": self._version, "key": str(self._count), "state": state})
        self.site.call("start", runs=wishes)

    def driving(self, host: Host) -> list[RunRow]:
        """The runs that it holds."""
        return [run for run in self.site.tables.runs() if _host(run.lease_owner) == host.name]

    def has_driven(self, host: Host, after: float = 0.0) -> bool:
        """Whether it claimed a run since then."""
        return any(
            event.at > after and event.kind == "run.claimed" and _is_of(event, host)
            for events in self.journals()
            for event in events
        )

    def journals(self) -> list[list[EventRow]]:
        return [self.site.tables.events(run.id) for run in self.site.tables.runs()]

    def calling(self, host: Host) -> bool:
        """Whether the journal knows of a call that it makes: what comes of that may be too late."""
        for run in self.driving(host):
            kinds = [event.kind for event in self.site.tables.events(run.id)]
            claimed_at = len(kinds) - kinds[::-1].index("run.claimed")
            if "attempt.started" in kinds[claimed_at:]:
                return True
        return False

    def all_at_work(self) -> None:
        """Give all of them runs until each is in the middle of some."""
        deadline = time.monotonic() + 120
        while not all(self.calling(host) for host in self.hosts):
            assert time.monotonic() < deadline, self.site.said()
            if self.site.tables.under_way("default") < RUNS:
                self.start(RUNS)
            time.sleep(0.05)

    def end(self) -> None:
        self.site.until(lambda: not self.site.tables.under_way("default"), 120, "all runs end")

    def fenced(self) -> int:
        """How many results of drivers that had lost their run came too late."""
        return sum(
            event.kind == "attempt.late_result" and "fence" in event.data
            for events in self.journals()
            for event in events
        )

    def taken_over(self, at: float, host: Host) -> list[float]:
        """Seconds from that moment until others had the runs that the host held."""
        pids = {
            int(event.data["owner"].split("/")[3])
            for events in self.journals()
            for event in events
            if event.kind == "run.claimed" and _is_of(event, host)
        }
        return [
            each
            for events in self.journals()
            for each in recoveries(events, [(at, pid) for pid in pids])
        ]

    def report(self) -> Report:
        return check(self.site.tables, self.site.lines(), lambda run: counted(STEPS))


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a host that was cut off."""

    moved: list[float]
    """Seconds until others had its runs."""
    late: int
    """Results that it brought too late, when it was back."""
    report: Report


def cut_off(world: Apart) -> Told:
    """Cut a host off in the middle of its runs, let others end them, and have it back.

    Returns once it was told that it came too late, and drives again.
    """
    world.all_at_work()
    lost = world.hosts[0]
    lost.cut()
    cut_at = time.time()
    world.end()
    moved = world.taken_over(cut_at, lost)
    lost.mend()
    mended_at = time.time()
    world.site.until(world.fenced, 120, "it says what it did too late")

    def drives_again() -> bool:
        if not world.site.tables.under_way("default"):
            world.start(RUNS)
        return world.has_driven(lost, mended_at)

    world.site.until(drives_again, 120, "it drives again")
    world.end()
    return Told(moved, world.fenced(), world.report())


def _host(owner: str) -> str:
    return owner.split("/")[0]


def _is_of(claim: EventRow, host: Host) -> bool:
    return _host(claim.data["owner"]) == host.name


@contextlib.contextmanager
def apart(folder: Path) -> Iterator[Apart]:
    """Three hosts on a network with this machine, which has the database and the broker."""
    with contextlib.ExitStack() as stack:
        network = Network()
        stack.callback(network.close)
        postgres = OwnPostgres(network.address, f"{network.net}.0/24")
        stack.callback(postgres.close)
        postgres.start()
        redis = OwnRedis(folder, network.address)
        redis.start()
        stack.callback(redis.stop)
        environment = {"TREADLE_BROKER_URL": redis.url, "TREADLE_LEASE_SECONDS": str(LEASE_S)}
        site = Site(folder, postgres.url, **environment)
        stack.callback(site.close)
        yield Apart(site, network)
