"""Django's `migrate`: a new file is made as it has to be, and no statement is cut for its time."""

from typing import Any

from django.core.management.commands.migrate import Command as Migrate
from django.db import connections

from studio.commandline import tables


class Command(Migrate):
    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        if connection.vendor != "postgresql":
            tables.make_file()
            super().handle(*args, **options)
            return
        # A large table takes longer than half a minute. Who has to wait for somebody's lock still
        # gives up soon: whoever came after him would wait as well.
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            (before,) = cursor.fetchone()
            cursor.execute("SET statement_timeout = 0")
        try:
            super().handle(*args, **options)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, false)", [before])
