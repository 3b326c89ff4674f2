"""What is asked of the subjects, and how it is printed."""

import time

from . import treadle
from .subject import Round, Subject, measure

CONCURRENT = {1: 1000, 10: 200, 100: 50, 500: 20}
"""Runs beside each other, and the steps of each."""
CARRIED = (0, 100_000, 1_000_000)
"""Bytes in a key that no step touches."""
LENGTHS = (100, 1_000, 10_000)
"""Steps of the runs that are taken up again."""
BARE = "a row and a COMMIT"


def one_run(rounds: int, steps: int, beside: list[Subject]) -> None:
    """One run at a time."""
    subjects = [*treadle.subjects(), *beside]
    measure(subjects, rounds, steps=steps)
    others = [each for each in beside if not each.name.endswith(BARE)]
    print(f"\n== durable: one run of {steps:,} steps, µs per step")
    heads = "".join(f" {each.name.split(',')[0]:>10}" for each in others)
    print(f"{'':34} {'median':>9} {'best':>9} {'CPU':>9}  times faster by the clock than{heads}")
    for each in subjects:
        figures = [each.median(_clock), each.best(_clock), each.best(_cpu)]
        line = f"{each.name:34} " + " ".join(f"{value / steps * 1e6:9.1f}" for value in figures)
        if each.name.startswith("Treadle"):
            times = [other.median(_clock) / figures[0] for other in others]
            line += " " * 32 + "".join(f" {value:10.1f}" for value in times)
        print(line)


def many_runs(rounds: int, beside: list[Subject]) -> None:
    """Runs beside each other share their commits."""
    print("\n== durable: runs beside each other, all their steps together, medians")
    print(
        f"{'':34} {'runs':>6} {'steps/s':>9} {'µs/step':>9} {'CPU':>9} {'commits':>8} {'times':>7}"
    )
    for runs, steps in CONCURRENT.items():
        others = [each for each in beside if not each.name.endswith(BARE)]
        ours = treadle.subjects()
        measure([*others, *ours], rounds, steps=steps, runs=runs)
        best_of_others = min((each.median(_clock) for each in others), default=0.0)
        for each in [*others, *ours]:
            clock, cpu = (each.median(pick) / (steps * runs) for pick in (_clock, _cpu))
            commits = each.rounds[-1].commits
            times = best_of_others / each.median(_clock) if each in ours and others else None
            print(
                f"{each.name:34} {runs:6} {1 / clock:9,.0f} {clock * 1e6:9.1f} {cpu * 1e6:9.1f}"
                f" {'' if commits is None else commits:>8}"
                f" {'' if times is None else f'{times:7.1f}'}"
            )


def carried_along(steps: int, beside: list[Subject]) -> None:
    """The same loop beside a value that no step touches: time and bytes stored per step."""
    print(f"\n== durable: {steps:,} steps beside a value that they do not touch")
    print(f"{'':34} {'bytes':>10} {'µs/step':>9} {'CPU':>9} {'stored per step':>16}")
    others = [each for each in beside if each.name.startswith("LangGraph")]
    for size in CARRIED:
        subjects = [treadle.subjects()[0], *others]
        measure(subjects, 1, steps=steps, size=size)
        for each in subjects:
            [found] = each.rounds
            print(
                f"{each.name:34} {size:10,} {found.seconds / steps * 1e6:9.1f}"
                f" {found.cpu / steps * 1e6:9.1f} {found.stored / steps:16,.0f}"
            )


def taken_up_again() -> None:
    """What it costs to claim and to read a run of many steps."""
    print("\n== durable: a long run, read again (ms)")
    print(f"{'steps':>8} {'events':>8} {'to go on with it':>17} {'to show it':>11}")
    from studio.claims import claiming
    from studio.claims.owner import new_owner
    from studio.execution import drive
    from studio.journal import graphs
    from studio.journal.raw_connection import connect
    from studio.models import Run, RunEvent
    from studio.queries.runs import fresh_view

    for length in LENGTHS:
        public_id = treadle.one("trial.count_async", length)
        run = Run.objects.select_related("version").get(public_id=public_id)
        graphs.of(run.version)
        began = time.perf_counter()
        fresh_view(run)
        shown = time.perf_counter() - began
        Run.objects.filter(pk=run.pk).update(status="queued", finished_at=None)
        connection = connect()
        began = time.perf_counter()
        [claimed] = claiming.claim(connection, [run.pk], new_owner(), 30)
        drive._folded(graphs.of(run.version), claimed, connection)
        taken = time.perf_counter() - began
        connection.close()
        events = RunEvent.objects.filter(run=run).count()
        print(f"{length:8,} {events:8,} {taken * 1e3:17.1f} {shown * 1e3:11.1f}")


def _clock(found: Round) -> float:
    return found.seconds


def _cpu(found: Round) -> float:
    return found.cpu
