"""What of the matrix is in every test run."""

from collections.abc import Iterable, Iterator

from tests.crash import programs
from tests.crash.matrix import Case, Matrix
from tests.faults.checking import Report


def slice_of(matrix: Matrix, names: list[str]) -> Iterator[Case]:
    """Every place once, where it is passed for the last time or the first; in each program a place
    that was killed at before, and a second kill."""
    seen: set[str] = set()
    for program in programs.ALL:
        if program.name not in names:
            continue
        recorded = matrix.recorded(program)
        fresh = [place for place in sorted(recorded) if place not in seen]
        seen.update(fresh)
        for place in fresh:
            yield Case(program, [(place, recorded[place] if len(seen) % 2 else 1)])
        twice = sorted(recorded)[len(seen) % len(recorded)]
        yield Case(program, [(twice, 1), ("*", 1 + len(seen) % 7)])


def hurt(matrix: Matrix, cases: Iterable[Case]) -> Report:
    for case in cases:
        matrix.run(case)
    report = matrix.report()
    assert report.faults == [], "\n".join([report.figures(), *report.faults[:20]])
    reached = sum(tally.cases - len(tally.unreached) for tally in matrix.tallies.values())
    cases = sum(tally.cases for tally in matrix.tallies.values())
    assert reached > 0.8 * cases, "most kills never came: nothing was proven"
    return report
