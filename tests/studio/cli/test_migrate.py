"""`manage.py migrate` takes as long as a large table takes."""

from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.commands.migrate import Command as Migrate
from django.db import connection

pytestmark = pytest.mark.django_db(transaction=True)


def statement_timeout() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return str(cursor.fetchone()[0])


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no such limit")
def test_no_statement_of_a_migration_is_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def look(*_: Any, **__: Any) -> None:
        seen.append(statement_timeout())

    before = statement_timeout()
    monkeypatch.setattr(Migrate, "handle", look)

    call_command("migrate", verbosity=0)

    assert before != "0"
    assert seen == ["0"]
    assert statement_timeout() == before
