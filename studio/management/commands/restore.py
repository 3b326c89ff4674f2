"""`python manage.py restore FILE`: a copy that `backup` made becomes the database."""

import os
import shutil
import sqlite3
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from studio.commandline import terminal

PG_RESTORE = (
    "This studio is on PostgreSQL: make an empty database, pg_restore --dbname=IT FILE, and name it"
    " in DATABASE_URL."
)
_PARTS = ("", "-wal", "-shm")


class Command(BaseCommand):
    help = "Let a copy that `backup` made be the SQLite database. The studio must be stopped."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="the copy")

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "sqlite":
            raise CommandError(PG_RESTORE)
        file: Path = options["file"]
        _check(file)
        database = Path(str(settings.DATABASES["default"]["NAME"]))
        # Beside it first: what can fail has failed when the old one goes.
        draft = database.with_name(f".{database.name}.{os.getpid()}")
        try:
            shutil.copyfile(file, draft)
            draft.chmod(0o600)
            aside = _put_aside(database)
            draft.replace(database)
        except OSError as error:
            raise CommandError(f"{file} could not be put in place: {error}") from error
        finally:
            draft.unlink(missing_ok=True)
        if aside is not None:
            terminal.say(f"the database of before is {aside}")
        terminal.say(f"{database} is as {file} has it: `manage.py fsck` says whether it is whole,")
        terminal.say("and the keys that belong to it must be in the data folder or the settings")


def _check(file: Path) -> None:
    """Raise CommandError for what is no whole database of this or an older Treadle."""
    try:
        copy = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        try:
            (verdict,) = copy.execute("PRAGMA quick_check").fetchone()
            rows = copy.execute("SELECT app, name FROM django_migrations").fetchall()
        finally:
            copy.close()
    except sqlite3.Error as error:
        raise CommandError(f"{file} is no database of Treadle: {error}.") from error
    if verdict != "ok":
        raise CommandError(f"{file} is damaged: {verdict}. Take another copy.")
    known = MigrationLoader(None).disk_migrations
    newer = sorted(name for app, name in rows if app == "studio" and (app, name) not in known)
    if newer:
        raise CommandError(f"{file} is of a newer Treadle ({newer[-1]}): install that first.")
    if not any(app == "studio" for app, _ in rows):
        raise CommandError(f"{file} is no database of Treadle.")


def _put_aside(database: Path) -> Path | None:
    """The database that is there gets another name. Raises CommandError while it is in use."""
    if not database.exists():
        # A write-ahead log without its file would be played into the new one.
        for part in _PARTS[1:]:
            database.with_name(database.name + part).unlink(missing_ok=True)
        return None
    _refuse_in_use(database)
    aside = database.with_name(f"{database.name}.before-{time.strftime('%Y%m%d-%H%M%S')}")
    for part in _PARTS:
        piece = database.with_name(database.name + part)
        if piece.exists():
            piece.rename(aside.with_name(aside.name + part))
    return aside


def _refuse_in_use(database: Path) -> None:
    """Only who is alone leaves the write-ahead log, which SQLite deletes with the last user."""
    connection.close()
    alone = sqlite3.connect(database, timeout=1, isolation_level=None)
    try:
        alone.execute("PRAGMA locking_mode=EXCLUSIVE")
        alone.execute("BEGIN EXCLUSIVE")
        alone.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        raise CommandError("The database is in use: stop the studio first.") from error
    finally:
        alone.close()
