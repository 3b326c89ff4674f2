"""Forgetting 10,000 runs beside 50 that go on, and reading a run of 100,000 steps:
`python -m tests.bench.keeping forget`, `… read`.

Uses a database of its own (SQLite in a temporary folder, or a new one on the PostgreSQL server of
`--server`). The latency of a commit is that of the transaction in which the writer stores what the
runs have done, with and without a prune at the same time.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from tests.bench import database

OLD_EVENTS = 12
BESIDE = 50


def say(line: str) -> None:
    print(line, flush=True)


# Forgetting --------------------------------------------------------------------------------------


def fill(version: Any, runs: int) -> None:
    """Runs that ended long ago, each with a short journal."""
    from datetime import timedelta

    from django.utils.timezone import now

    from studio.models import Run, RunEvent

    long_ago = now() - timedelta(days=100)
    for at in range(0, runs, 1000):
        made = Run.objects.bulk_create(
            Run(
                workflow=version.workflow,
                version=version,
                status="completed",
                finished_at=long_ago,
                final_state='{"n":3}',
            )
            for _ in range(min(1000, runs - at))
        )
        RunEvent.objects.bulk_create(
            RunEvent(run=run, seq=seq, kind="log", at=long_ago, data='{"line": "something said"}')
            for run in made
            for seq in range(1, OLD_EVENTS + 1)
        )


class Beside:
    """Fifty runs that go on, one step after the other, and the latency of their commits."""

    def __init__(self, version: Any) -> None:
        from studio.journal.writer import Writer

        self.taken: list[float] = []
        self._version = version
        transact = Writer._transact

        def timed(writer: Writer, journals: Any) -> None:
            began = time.perf_counter()
            try:
                transact(writer, journals)
            finally:
                self.taken.append(time.perf_counter() - began)

        Writer._transact = timed  # type: ignore[method-assign]

    def start(self) -> None:
        from studio.actions.runs import start_run

        for _ in range(BESIDE):
            start_run(user=None, version=self._version, state={"n": 0})

    def measure(self, what: str, until: Callable[[], bool]) -> None:
        """The latency while something goes on."""
        self.taken.clear()
        began = time.perf_counter()
        while not until():
            pass
        seconds, taken = time.perf_counter() - began, sorted(self.taken)
        p50, p99 = statistics.median(taken) * 1000, taken[int(len(taken) * 0.99)] * 1000
        say(
            f"  {what}: {seconds:.1f} s, {len(taken)} commits, p50 {p50:.2f} ms, p99 {p99:.2f} ms,"
            f" longest {taken[-1] * 1000:.0f} ms"
        )


def forget(runs: int) -> None:
    from studio.actions import forgetting, retention
    from studio.actions.forgetting import Forgetting
    from studio.execution import chores
    from studio.execution.service import Service, use
    from studio.journal import forgetting as rows
    from studio.models import Run
    from studio.setup.retention import Retention
    from tests.studio import build, tools  # noqa: F401 - registers the tools of the tests

    old = build.published(build.chain("trial.count", 1, key="old"))
    going_on = build.published(build.loop("trial.touch_async", 100_000))
    began = time.perf_counter()
    fill(old, runs)
    say(f"  {runs:,} runs of {OLD_EVENTS} events in {time.perf_counter() - began:.0f} s")
    # This process forgets by itself: here it is to wait until it is measured.
    chores._chores.remove(forgetting.sweep)
    beside = Beside(going_on)
    service = Service(drivers=BESIDE)
    use(service)
    service.start()
    beside.start()
    end = time.perf_counter() + 5
    beside.measure("alone", lambda: bool(time.sleep(0.01)) or time.perf_counter() > end)
    retention.set_retention(user=None, workflow=old.workflow, rule=Retention(days=30))
    work = Forgetting(None)

    def is_done() -> bool:
        is_more = work.step()
        rows.give_pages_back()
        time.sleep(work.lasted)
        return not is_more

    beside.measure(f"beside a prune of {runs:,} runs", is_done)
    assert work.gone.runs == runs, work.gone
    say(
        f"  {work.gone.events:,} events in {work.gone.batches} batches;"
        f" {Run.objects.filter(status='running').count()} of the {BESIDE} still go on"
    )
    service.stop(5)


# A long run --------------------------------------------------------------------------------------


def read(steps: int) -> None:
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.test import Client

    from studio.actions.runs import start_run
    from studio.execution.service import Service, use
    from studio.models import Run, RunEvent
    from studio.queries import runs, tellings
    from tests.studio import build, tools  # noqa: F401 - registers the tools of the tests

    # Pages name their files by the hashes that this finds.
    call_command("collectstatic", interactive=False, verbosity=0)
    root = User.objects.create_superuser("root")
    version = build.published(build.loop("trial.count_async", steps), root)
    service = Service()
    use(service)
    service.start()
    began = time.perf_counter()
    run = start_run(user=root, version=version, state={"n": 0})
    assert service.wait_ended_blocking(run.public_id, 3600)
    run = Run.objects.select_related("version", "workflow", "owner").get(pk=run.pk)
    events = RunEvent.objects.filter(run=run).count()
    seconds = time.perf_counter() - began
    say(f"  {run.status}: {steps:,} steps, {events:,} events in {seconds:.0f} s")
    service.stop(5)
    while tellings.tell_wanted() is not None:
        pass
    client = Client(SERVER_NAME="localhost")
    client.force_login(root)
    base = f"/api/v1/runs/{run.public_id}"
    asked = {
        "the run": base,
        "its state at the end": f"{base}/state",
        "its state in the middle": f"{base}/state?seq={events // 2}",
        "its last page of events": f"{base}/events?after={events - 500}",
        "its page": f"/runs/{run.public_id}",
    }
    for what, path in asked.items():
        times = []
        for _ in range(20):
            runs._glances.clear()
            began = time.perf_counter()
            answer = client.get(path)
            assert answer.status_code == 200, (path, answer.status_code)
            times.append((time.perf_counter() - began) * 1000)
        say(f"  {what}: p50 {statistics.median(times):.1f} ms, longest {max(times):.1f} ms")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.keeping", description=__doc__)
    parser.add_argument("what", choices=["forget", "read"])
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--server", help=f"a PostgreSQL server, such as {database.SERVER}")
    options = parser.parse_args()
    say("PostgreSQL" if options.server else "SQLite")
    with database.studio(options.server, "studio.settings"):
        if options.what == "forget":
            forget(options.runs)
        else:
            read(options.steps)
    return 0


if __name__ == "__main__":
    sys.exit(main())
