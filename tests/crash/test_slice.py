"""A slice of `python -m tests.crash` for every push: each place once, and tests of the test."""

import re
from pathlib import Path

import pytest

from studio.journal.failpoints import PLACES
from tests.crash import programs
from tests.crash.grounds import ground
from tests.crash.matrix import Case
from tests.crash.slices import hurt, slice_of

STUDIO = Path(__file__).resolve().parents[2] / "studio"
pytestmark = pytest.mark.timeout(300)


def test_runs_survive_a_kill_at_every_place(tmp_path: Path) -> None:
    with ground("sqlite", tmp_path) as matrix:
        names = [program.name for program in programs.ALL]
        hurt(matrix, slice_of(matrix, [name for name in names if name != "crowd"]))


def test_child_runs_are_named_before_they_are_there(tmp_path: Path) -> None:
    """Two processes start many of them, and die while they do."""
    with ground("sqlite", tmp_path) as matrix:
        kills = [("child.started", 5), ("child.starting", 5)]
        hurt(matrix, [Case(programs.crowd(), kills)])


def test_every_place_is_named_and_every_name_is_a_place() -> None:
    """Add a place of a new name to `PLACES`, and take a name away with its last place."""
    found = {
        name
        for file in STUDIO.rglob("*.py")
        for name in re.findall(r'\breach\("([a-z_.]+)"\)', file.read_text())
    }

    assert found == set(PLACES)
