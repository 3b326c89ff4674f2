"""A new SQLite file, and connections to one that somebody writes to."""

import contextlib
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

CONNECT = "import django; django.setup(); from studio.models import Run; print(Run.objects.count())"


def run(folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "TREADLE_DATA_DIR": str(folder)}
    environment.pop("DATABASE_URL", None)
    environment["DJANGO_SETTINGS_MODULE"] = "studio.settings"
    done = subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_file_that_migrate_makes_can_be_shortened_and_is_opened_beside_a_writer(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "data"
    run(folder, "-m", "django", "migrate", "--verbosity", "0")

    with contextlib.closing(sqlite3.connect(folder / "treadle.sqlite3")) as writer:
        incremental, wal = 2, "wal"
        assert writer.execute("PRAGMA auto_vacuum").fetchone() == (incremental,)
        assert writer.execute("PRAGMA journal_mode").fetchone() == (wal,)
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE django_migrations SET app = app")
        # Waits ten seconds and fails if opening wants to write.
        assert run(folder, "-c", CONNECT).strip() == "0"
        writer.rollback()
