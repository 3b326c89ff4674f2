"""A studio on a database of its own, for the benches that store."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SERVER = "postgresql://postgres@127.0.0.1:5432"


@contextmanager
def new_database(server: str) -> Iterator[str]:
    """The URL of a new database on a PostgreSQL server, dropped in the end."""
    import psycopg

    name = f"treadle_bench_{secrets.token_hex(4)}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[arg-type]
        try:
            yield f"{server}/{name}"
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')  # type: ignore[arg-type]


@contextmanager
def studio(server: str | None, settings: str = "tests.settings") -> Iterator[Path]:
    """Set Django up on a migrated database: of the server, or SQLite in the folder given."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings)
    with tempfile.TemporaryDirectory(prefix="treadle-bench-") as folder:
        os.environ["TREADLE_DATA_DIR"] = folder
        os.environ.pop("DATABASE_URL", None)
        if server is None:
            _migrate(django)
            yield Path(folder)
            return
        with new_database(server) as url:
            os.environ["DATABASE_URL"] = url
            _migrate(django)
            yield Path(folder)
            from django.db import connections

            connections.close_all()


def _migrate(django: object) -> None:
    django.setup()  # type: ignore[attr-defined]
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
