"""The tables of before, with runs under way: migrated, and the runs go on."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.studio.keeping.own_postgres import OwnPostgres, own_postgres
from tests.studio.keeping.studio_process import ROUNDS
from tests.studio.keeping.studios import command, studio

pytestmark = pytest.mark.timeout(300)
RUNS = 8
SLOW = {"TRIAL_SLOW_S": "0.1", "TREADLE_LEASE_SECONDS": "2"}


@dataclass
class Place:
    """Where a studio of the test is."""

    data: Path
    database: str
    server: OwnPostgres | None

    def migrate(self, target: str) -> None:
        words = ("migrate", "studio", target) if target else ("migrate",)
        told = command(self.data, *words, database=self.database)
        assert told.returncode == 0, told.stderr


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "sqlite":
        yield Place(tmp_path / "data", "", None)
        return
    with own_postgres() as server:
        server.run("createdb", "treadle")
        yield Place(tmp_path / "data", server.url("treadle"), server)


def test_runs_that_were_cut_go_on_in_new_tables(place: Place, tmp_path: Path) -> None:
    stuck = {"TRIAL_GATE": str(tmp_path / "never"), "TRIAL_GATE_AT": str(ROUNDS)}
    with studio(place.data, tmp_path / "log", place.database, **SLOW, **stuck) as before:
        assert before.ask("prepare")["flaws"] == []
        before.ask(f"start {RUNS}")
        before.until(lambda seen: seen["steps"] >= 2 * RUNS)
    place.migrate("0015")

    place.migrate("")

    with studio(place.data, tmp_path / "log-2", place.database, **SLOW) as after:
        # What each run needs of the large values was found again.
        assert after.ask("fsck") == {"flaws": []}
        begun = after.ask("look")
        assert begun["open"] > 0
        after.ask("drive")
        done = after.until(lambda seen: not seen["open"])
        assert done["statuses"] == {"completed": RUNS}
        assert done["calls"] == RUNS * ROUNDS - begun["steps"]
        assert after.ask("fsck") == {"flaws": []}


def test_indexes_are_built_while_runs_go_on(place: Place, tmp_path: Path) -> None:
    with studio(place.data, tmp_path / "log", place.database, **SLOW) as here:
        assert here.ask("prepare")["flaws"] == []
        place.migrate("0016")
        here.ask(f"start {RUNS}")
        here.until(lambda seen: seen["steps"] >= RUNS)

        place.migrate("")

        done = here.until(lambda seen: not seen["open"])
        assert (done["statuses"], done["doubled"]) == ({"completed": RUNS}, 0)
        assert here.ask("fsck") == {"flaws": []}


def test_an_index_whose_build_was_cut_is_built_again(tmp_path: Path) -> None:
    with own_postgres() as server:
        server.run("createdb", "treadle")
        place = Place(tmp_path / "data", server.url("treadle"), server)
        place.migrate("0016")
        server.execute("CREATE INDEX run_ended ON studio_run (id)", "treadle")
        server.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'run_ended'::regclass",
            "treadle",
        )

        place.migrate("")

        with psycopg.connect(place.database) as connection:
            [(definition, is_valid)] = connection.execute(
                "SELECT pg_get_indexdef(indexrelid), indisvalid FROM pg_index"
                " WHERE indexrelid = 'run_ended'::regclass"
            ).fetchall()
        assert is_valid
        assert "finished_at" in definition
