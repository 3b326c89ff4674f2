"""The case that belongs to a seed."""

from tests.properties.comparing import Case, Found, differences, journal_faults
from tests.properties.generating import Richer, start_of

MAX_NODES = 60
"""Bigger graphs are drawn again, less deep: the reference is slow."""
JOURNAL_EVERY = 5
"""Of how many graphs one has its journal folded and cut."""


def case_of(seed: int) -> Case:
    """A random case: every third may have conflicts, three of four may fail."""
    for depth in range(1 + seed % 4, -1, -1):
        builder = Richer(seed, conflicts=seed % 3 == 0, failures=seed % 4 != 1)
        document = builder.document(depth)
        if len(document["nodes"]) <= MAX_NODES:
            break
    return Case(document, builder.tools, start_of(seed), builder.untimed, builder.needs_time)


def faults_of(case: Case, seed: int, schedules: int) -> list[Found | str]:
    """Everything in which the engine differs from the reference, or a fold from its run."""
    found: list[Found | str] = [*differences(case, schedules, seed)]
    if seed % JOURNAL_EVERY == 0:
        found += journal_faults(case, seed)
    return found
