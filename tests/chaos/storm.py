"""Workers at work, and what is done to them."""

import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests.faults import graphs
from tests.faults.checking import Report, check
from tests.faults.ledger import note
from tests.faults.postgres import OwnPostgres
from tests.faults.site import Child, Site
from tests.faults.tables import RunRow
from tests.studio.spread.brokers import OwnRedis

LEASE_S = 3
DRIVERS = 6
GRAPHS = 40
EVERY_S = 0.12
"""Between two starts of a run."""
SLOW_S = 0.3
"""How long every tool takes."""
CALM_S = 120.0
"""How long the runs may take to end once nobody disturbs them."""


@dataclass
class Worker:
    """One `manage.py worker`."""

    child: Child
    wakes_at: float | None = None
    """When it is woken, by the monotonic clock, if it was stopped."""


class Storm:
    """A site with workers of both kinds, and somebody who starts runs."""

    def __init__(
        self,
        folder: Path,
        *,
        seed: int = 1,
        workers: int = 3,
        celery: bool = True,
        fence: bool = True,
        lease_s: int = LEASE_S,
        drawn: int = GRAPHS,
    ) -> None:
        """So many graphs are `drawn`. Without a `fence` workers do not stop for each other."""
        self.dice = random.Random(seed)
        self.faults: Counter[str] = Counter()
        self._names = tuple(FAULTS)
        self.postgres = OwnPostgres()
        self.postgres.start()
        self.redis = OwnRedis(folder)
        self.redis.start()
        environment = {"TREADLE_LEASE_SECONDS": str(lease_s), "TREADLE_BROKER_URL": self.redis.url}
        environment["TRIAL_SLOW_S"] = str(SLOW_S)
        if not fence:
            environment["TRIAL_FENCE"] = "off"
        self.site = Site(folder, self.postgres.url, **environment)
        self._seeds = graphs.some(drawn, seed)
        documents = [graphs.case(each).document for each in self._seeds]  # type: ignore[union-attr]
        self._versions = self.site.call("publish_all", documents=documents)
        self.workers = [Worker(self._worker()) for _ in range(workers)]
        self._celery = self._start_celery() if celery else None
        self._clients: list[Child] = []
        self._operator = self.site.fork("decide", seed=seed)

    def _worker(self) -> Child:
        return self.site.fork("worker", drivers=DRIVERS)

    def _start_celery(self) -> Any:
        options = ("-P", "prefork", "-c", "1", "--without-gossip", "--without-mingle")
        drivers = {"TREADLE_DRIVERS": str(DRIVERS)}
        return self.site.start("celery", "-A", "studio", "worker", *options, **drivers)

    # The storm ----------------------------------------------------------------------------------

    def blow(self, seconds: float, pause_s: tuple[float, float] = (0.5, 2.0)) -> None:
        """Do harm for so long, while runs are started; then let all of them end."""
        self.start_runs(seconds)
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            time.sleep(min(self.dice.uniform(*pause_s), max(0.0, ends - time.monotonic())))
            self.tend()
            name = self.dice.choice(self._names)
            if FAULTS[name](self):
                self.faults[name] += 1
                note("fault", into=self.site.ledger, fault=name)
        self._calm()

    def start_runs(self, seconds: float) -> None:
        """Have clients start runs for so long."""
        wishes = self._wishes(int(seconds / EVERY_S))
        self._clients.append(self.site.fork("start_many", runs=wishes, every_s=EVERY_S))

    def _wishes(self, count: int) -> list[dict[str, Any]]:
        wishes = []
        for number in range(count):
            at = number % len(self._seeds)
            seed = self._seeds[at]
            state = graphs.start(seed)
            key = f"{seed}/{number}"
            wishes.append({"version": self._versions[at], "key": key, "state": state})
        return wishes

    def tend(self) -> None:
        """Wake who slept long enough, and put new workers in the place of those that are gone."""
        for worker in self.workers:
            if worker.wakes_at is not None and time.monotonic() >= worker.wakes_at:
                self._wake(worker)
            if not worker.child.lives:
                worker.child, worker.wakes_at = self._worker(), None
        if self._celery is not None and self._celery.poll() is not None:
            self._celery = self._start_celery()

        for helper in (*self._clients, self._operator):
            # They are patient with a database that is away; whatever else ends them is a fault.
            assert helper.lives or not helper.code, self.site.said()

    def _wake(self, worker: Worker) -> None:
        worker.child.signal(signal.SIGCONT)
        worker.wakes_at = None

    def _calm(self) -> None:
        """Nobody is hurt any more: the last clients are answered, and all runs end."""
        for worker in self.workers:
            if worker.wakes_at is not None:
                self._wake(worker)
        for client in self._clients:
            client.signal(signal.SIGTERM)
            client.wait(60)
        deadline = time.monotonic() + CALM_S
        while time.monotonic() < deadline and self._under_way():
            self.tend()
            time.sleep(0.2)

    def _under_way(self) -> bool:
        try:
            tables = self.site.tables
            return bool(tables.under_way("default") or tables.undecided())
        except psycopg.OperationalError:
            return True

    # Afterwards ---------------------------------------------------------------------------------

    def report(self) -> Report:
        """What the checker finds, and fsck."""

        def expected(run: RunRow) -> Any:
            return None if run.key is None else graphs.expected(int(run.key.split("/")[0]))

        report = check(self.site.tables, self.site.lines(), expected)
        left = self.site.tables.undecided()
        report.unended += [f"{left} runs wait for a person, who decides everything"] if left else []
        report.wrong += [f"fsck: {flaw}" for flaw in self.site.call("flaws")]
        return report

    def close(self) -> None:
        for worker in self.workers:
            worker.child.signal(signal.SIGCONT)
            worker.child.kill()
        self.site.close()
        self.redis.stop()
        self.postgres.close()

    # The faults: each says whether there was anybody to hurt ------------------------------------

    def _awake(self) -> Worker | None:
        awake = [w for w in self.workers if w.child.lives and w.wakes_at is None]
        return self.dice.choice(awake) if awake else None

    def kill(self) -> bool:
        """kill -9 of a worker."""
        worker = self._awake()
        if worker is None:
            return False
        note("killed", into=self.site.ledger, victim=worker.child.pid)
        worker.child.kill()
        return True

    def kill_celery(self) -> bool:
        """kill -9 of the process of Celery that drives; its parent makes another one."""
        for pid in self._children_of_celery():
            victim = Child(pid)
            note("killed", into=self.site.ledger, victim=pid)
            victim.kill()
            return True
        return False

    def _children_of_celery(self) -> list[int]:
        if self._celery is None or self._celery.poll() is not None:
            return []
        pid = self._celery.pid
        try:
            found = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        except OSError:
            return []
        return [int(each) for each in found.split()]

    def stop(self) -> bool:
        """SIGSTOP of a worker until its leases have run out: then it wakes as a zombie."""
        worker = self._awake()
        if worker is None:
            return False
        worker.child.signal(signal.SIGSTOP)
        worker.wakes_at = time.monotonic() + LEASE_S + self.dice.uniform(0.5, 3.0)
        return True

    def deploy(self) -> bool:
        """SIGTERM of a worker: it hands its runs back and ends, and another one comes."""
        worker = self._awake()
        if worker is not None:
            worker.child.signal(signal.SIGTERM)
        return worker is not None

    def crash_database(self) -> bool:
        """The database stops at once, and comes back."""
        self.postgres.crash()
        time.sleep(self.dice.uniform(0.0, 1.0))
        self.postgres.start()
        return True

    def flush_broker(self) -> bool:
        """Everything that the broker holds is gone."""
        import redis

        with redis.Redis(port=self.redis.port) as client:
            client.flushall()
        return True

    def kill_broker(self) -> bool:
        """The broker is gone, with everything that it holds, and comes back."""
        self.redis.stop()
        time.sleep(self.dice.uniform(0.0, 1.0))
        self.redis.start()
        return True


FAULTS: dict[str, Callable[[Storm], bool]] = {
    "kill": Storm.kill,
    "kill again": Storm.kill,
    "kill celery": Storm.kill_celery,
    "stop": Storm.stop,
    "stop again": Storm.stop,
    "deploy": Storm.deploy,
    "crash database": Storm.crash_database,
    "flush broker": Storm.flush_broker,
    "kill broker": Storm.kill_broker,
}
