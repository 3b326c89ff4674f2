"""The database before a command uses it: made when it is new, refused when it is out of date."""

import sqlite3
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from studio.actions.examples import install_examples


def make_ready() -> None:
    """Migrate and load the examples. Raises CommandError when the database cannot be used."""
    _make_file()
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


def _make_file() -> None:
    """A new SQLite file gives space back step by step; that can only be chosen when it is made."""
    path = Path(str(settings.DATABASES["default"]["NAME"]))
    is_new = not path.exists() or path.stat().st_size == 0
    if connection.vendor != "sqlite" or not is_new:
        return
    fresh = sqlite3.connect(path)
    try:
        fresh.execute("PRAGMA auto_vacuum=INCREMENTAL")
        fresh.execute("PRAGMA journal_mode=WAL")
        fresh.execute("VACUUM")
    finally:
        fresh.close()
    path.chmod(0o600)
