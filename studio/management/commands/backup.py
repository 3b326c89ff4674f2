"""`python manage.py backup FILE`: a copy of the SQLite database while the studio runs."""

import os
import sqlite3
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from studio.commandline import terminal

KEYS = (
    "the keys are not in it: copy secret_key and seal_keys of the data folder, or the two settings,"
    " to another place than this file"
)
PG_DUMP = (
    "This studio is on PostgreSQL: use pg_dump, which takes one moment of it while runs go on:"
    " pg_dump --format=custom --file=FILE DATABASE"
)


class Command(BaseCommand):
    help = (
        "Copy the SQLite database into a new file, as it is at one moment, while runs go on."
        " `restore` takes it back."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="a file that does not exist")

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "sqlite":
            raise CommandError(PG_DUMP)
        file: Path = options["file"]
        if file.exists():
            raise CommandError(f"{file} exists: name another file.")
        try:
            size = copy(file)
        except (OSError, sqlite3.Error) as error:
            raise CommandError(f"{file} could not be written: {error}") from error
        if options["verbosity"]:
            terminal.say(f"{file}: {size / 1_048_576:.1f} MiB, checked")
            terminal.say(KEYS)


def copy(file: Path) -> int:
    """Write the copy, whole or not at all. Returns its size in bytes."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        _copy_into(draft)
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        # Not a rename, which would take the place of a file that came meanwhile.
        os.link(draft, file)
    finally:
        for part in (draft, *(draft.with_name(draft.name + end) for end in ("-journal", "-wal"))):
            part.unlink(missing_ok=True)
    return file.stat().st_size


def _copy_into(draft: Path) -> None:
    connection.ensure_connection()
    source = connection.connection
    target = sqlite3.connect(draft)
    try:
        # In one go: it reads one moment while others write. In parts it would begin again with
        # each commit of theirs.
        source.backup(target)
        (verdict,) = target.execute("PRAGMA quick_check").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(f"the copy is damaged: {verdict}")
        target.execute("PRAGMA journal_mode=DELETE")
    finally:
        target.close()
