"""Drivers that sleep until others have their runs change nothing, and are caught where nothing
stops them."""

from collections.abc import Iterator

import pytest

from tests.crash.zombies import Zombies
from tests.faults.site import POSTGRES, Site

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(
    scope="module",
    params=[None, pytest.param(POSTGRES, marks=pytest.mark.postgres)],
    ids=["sqlite", "postgresql"],
)
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("zombies")
    made = Site(folder, request.param, TREADLE_LEASE_SECONDS="1")
    yield made
    made.close()


def test_zombies_change_nothing(site: Site) -> None:
    effects = ["pure", "idempotent", "once"]
    if site.url.startswith("postgresql"):
        # One that sleeps in a transaction would keep everybody from SQLite.
        effects.append("transactional")

    report = Zombies(site, effects).rise()

    assert report.faults == []
    assert report.late >= 3


def test_a_zombie_may_die_while_it_says_what_it_did_too_late(site: Site) -> None:
    report = Zombies(site, ["idempotent"]).rise([("late.recording", 1)])

    assert report.faults == []


def test_zombies_without_the_fence_are_caught(site: Site) -> None:
    """A test of these tests: a driver that writes on behind another one does steps twice."""
    report = Zombies(site, ["pure", "idempotent"], fence=False).rise()

    assert len(report.doubled) >= 2
