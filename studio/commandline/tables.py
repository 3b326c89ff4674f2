"""The database before a command uses it: made when it is new, refused when it is out of date."""

import contextlib
import sqlite3
from pathlib import Path

from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from studio.actions.examples import install_examples


def make_ready() -> None:
    """Migrate and load the examples. Raises CommandError when the database cannot be used."""
    make_file()
    try:
        call_command("migrate", interactive=False, verbosity=0)
    except OperationalError as error:
        raise CommandError(
            f"The database cannot be used: {error}. Look at DATABASE_URL."
        ) from error
    install_examples()


def ensure_ready() -> None:
    """Make a database that is new; ask for `migrate` when one is older than this code."""
    try:
        executor = MigrationExecutor(connection)
    except OperationalError as error:
        raise CommandError(
            f"The database cannot be used: {error}. Look at DATABASE_URL."
        ) from error
    if not executor.loader.applied_migrations:
        make_ready()
    elif executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError("The database is of an older Treadle: run `python3 manage.py migrate`.")


def _unusable(error: OperationalError) -> CommandError:
    return CommandError(f"The database cannot be used: {error}. Look at DATABASE_URL.")


def make_file() -> None:
    """A new SQLite file gives space back step by step; that can only be chosen when it is made."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or name == ":memory:" or name.startswith("file:"):
        return
    path = Path(name)
    with contextlib.closing(sqlite3.connect(path)) as fresh:
        if fresh.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
            return
        fresh.execute("PRAGMA auto_vacuum=INCREMENTAL")
        fresh.execute("PRAGMA journal_mode=WAL")
        fresh.execute("VACUUM")
    path.chmod(0o600)
