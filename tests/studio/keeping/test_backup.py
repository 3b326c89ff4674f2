"""Copies of the database while runs go on; restored elsewhere, the runs go on from there."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.studio.keeping.own_postgres import own_postgres
from tests.studio.keeping.studio_process import ROUNDS
from tests.studio.keeping.studios import Studio, command, studio

pytestmark = pytest.mark.timeout(300)
RUNS = 10
SLOW = {"TRIAL_SLOW_S": "0.05", "TREADLE_LEASE_SECONDS": "2"}


@pytest.fixture
def slow(tmp_path: Path) -> dict[str, str]:
    """Every run goes on while it is copied, and stands before its last step until that is done."""
    return {**SLOW, "TRIAL_GATE": str(tmp_path / "gate"), "TRIAL_GATE_AT": str(ROUNDS)}


def under_way(here: Studio) -> None:
    """Runs that are in the middle."""
    assert here.ask("prepare")["flaws"] == []
    here.ask(f"start {RUNS}")
    here.until(lambda seen: seen["steps"] >= 2 * RUNS)


def goes_on_right(there: Studio) -> None:
    """The copy is whole, and its runs end with what came after the copy done, and nothing twice."""
    copied = there.ask("look")
    assert copied["open"] > 0
    assert 2 * RUNS <= copied["steps"] < RUNS * ROUNDS
    assert there.ask("fsck") == {"flaws": []}

    there.ask("drive")
    done = there.until(lambda seen: not seen["open"])

    assert done["statuses"] == {"completed": RUNS}
    assert done["steps"] == RUNS * ROUNDS
    assert done["calls"] == RUNS * ROUNDS - copied["steps"]
    assert there.ask("fsck") == {"flaws": []}


def test_a_copy_of_sqlite_under_load_goes_on_elsewhere(
    tmp_path: Path, slow: dict[str, str]
) -> None:
    data, copy, other = tmp_path / "data", tmp_path / "copy.sqlite3", tmp_path / "other"
    with studio(data, tmp_path / "log", **slow) as here:
        under_way(here)
        here.ask(f"backup {copy}")
        (tmp_path / "gate").touch()
        after = here.until(lambda seen: not seen["open"])
        assert (after["statuses"], after["doubled"]) == ({"completed": RUNS}, 0)
        told = command(data, "backup", str(tmp_path / "second"))
        assert "the keys are not in it" in told.stdout, told.stderr
        refused = command(data, "restore", str(copy))
        assert "stop the studio first" in refused.stderr
    assert copy.stat().st_mode & 0o777 == 0o600

    assert command(other, "restore", str(copy)).returncode == 0
    shutil.copytree(data / "seal_keys", other / "seal_keys")
    with studio(other, tmp_path / "log-of-other", **SLOW) as there:
        goes_on_right(there)


def test_a_restored_database_takes_nothing_of_the_one_before(
    tmp_path: Path, slow: dict[str, str]
) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy.sqlite3"
    with studio(data, tmp_path / "log", **slow) as here:
        under_way(here)
        here.ask(f"backup {copy}")
        (tmp_path / "gate").touch()
        here.until(lambda seen: not seen["open"])
        here.process.kill()
    assert (data / "treadle.sqlite3-wal").exists(), "killed, so the log is still there"

    told = command(data, "restore", str(copy))

    assert told.returncode == 0, told.stderr
    assert "the database of before is" in told.stdout
    [aside] = data.glob("treadle.sqlite3.before-*[0-9]")
    with studio(data, tmp_path / "log-of-other", **SLOW) as there:
        goes_on_right(there)
    with closing(sqlite3.connect(aside)) as before:
        count = "SELECT COUNT(*) FROM studio_run WHERE status = 'completed'"
        assert before.execute(count).fetchone() == (RUNS,)


def test_what_is_no_copy_is_refused(tmp_path: Path) -> None:
    text, empty, newer = (tmp_path / name for name in ("text", "empty", "newer"))
    text.write_text("no database" * 100)
    with closing(sqlite3.connect(empty)) as file:
        file.execute("CREATE TABLE t (x)")
    with closing(sqlite3.connect(newer, isolation_level=None)) as file:
        file.execute("CREATE TABLE django_migrations (app, name)")
        file.execute("INSERT INTO django_migrations VALUES ('studio', '9999_later')")

    for path, says in (
        (text, "no database of Treadle"),
        (empty, "no database of Treadle"),
        (newer, "of a newer Treadle"),
        (tmp_path / "absent", "no database of Treadle"),
    ):
        told = command(tmp_path / "data", "restore", str(path))
        assert (told.returncode, says in told.stderr) == (1, True), told.stderr
    assert not (tmp_path / "data" / "treadle.sqlite3").exists()
    assert "exists: name another file" in command(tmp_path / "data", "backup", str(text)).stderr


@pytest.mark.parametrize("jobs", ["plain", "custom"])
def test_a_dump_of_postgresql_under_load_goes_on_elsewhere(
    tmp_path: Path, jobs: str, slow: dict[str, str]
) -> None:
    with own_postgres() as server:
        server.run("createdb", "here")
        server.run("createdb", "there")
        dump = tmp_path / "dump"
        with studio(tmp_path / "data", tmp_path / "log", server.url("here"), **slow) as here:
            under_way(here)
            server.run("pg_dump", f"--format={jobs}", f"--file={dump}", "here")
            (tmp_path / "gate").touch()
            after = here.until(lambda seen: not seen["open"])
            assert after["statuses"] == {"completed": RUNS}
        if jobs == "plain":
            server.run("psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(dump), "-d", "there")
        else:
            server.run("pg_restore", "--dbname=there", str(dump))
        with studio(tmp_path / "data", tmp_path / "log-2", server.url("there"), **SLOW) as there:
            goes_on_right(there)
