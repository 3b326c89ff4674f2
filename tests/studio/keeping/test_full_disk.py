"""The disk of the database is full: runs stand still, nothing is half-written, and they go on."""

import os
import pwd
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.studio.keeping.own_postgres import own_postgres
from tests.studio.keeping.small_disks import SmallDisk, small_disk
from tests.studio.keeping.studio_process import ROUNDS
from tests.studio.keeping.studios import Studio, studio

pytestmark = pytest.mark.timeout(300)
RUNS = 12


def fill_and_free(studio: Studio, disk: SmallDisk, gate: Path) -> None:
    assert studio.ask("prepare")["flaws"] == []
    studio.ask(f"start {RUNS}")
    studio.until(lambda seen: seen["steps"] >= 2 * RUNS)
    disk.fill()
    gate.touch()

    full = studio.until(lambda seen: seen["full"])

    assert full["open"] > 0
    assert full["statuses"].get("failed", 0) == 0
    assert studio.ask("fsck") == {"flaws": []}
    if (disk.path / "treadle.sqlite3").exists():
        with closing(sqlite3.connect(disk.path / "treadle.sqlite3")) as file:
            assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)

    disk.make_room()

    done = studio.until(lambda seen: not seen["open"])
    assert done["statuses"] == {"completed": RUNS}
    assert (done["calls"], done["doubled"]) == (RUNS * ROUNDS, 0)
    assert done["warned"] > 0
    assert not done["full"]
    assert studio.ask("fsck") == {"flaws": []}


def gated(gate: Path) -> dict[str, str]:
    """Each run waits before its third step until the disk is full."""
    return {"TRIAL_GATE": str(gate), "TRIAL_GATE_AT": "3"}


def test_on_sqlite_runs_stand_still_and_go_on(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    with (
        small_disk(tmp_path / "disk", 24) as disk,
        studio(disk.path, tmp_path / "log", **gated(gate)) as here,
    ):
        fill_and_free(here, disk, gate)


def test_on_postgresql_runs_stand_still_and_go_on(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    with own_postgres() as server, small_disk(server.folder / "disk", 64) as disk:
        space = disk.path / "space"
        space.mkdir()
        _give_to_server(space)
        server.execute(f"CREATE TABLESPACE small LOCATION '{space}'")
        server.execute("CREATE DATABASE treadle TABLESPACE small")
        database = server.url("treadle")
        with studio(tmp_path / "data", tmp_path / "log", database, **gated(gate)) as here:
            fill_and_free(here, disk, gate)
        server.execute("DROP DATABASE treadle WITH (FORCE)")


def _give_to_server(path: Path) -> None:
    if os.getuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(path, user.pw_uid, user.pw_gid)
