"""What a sync tool leaves behind in its thread: no connection to the database."""

from typing import Any

import pytest
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from engine import ToolRegistry
from studio.execution.tool_threads import ToolThreads

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_S = 60


def look_at_the_database() -> BaseDatabaseWrapper:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    made = connections["default"]
    assert made.connection is not None
    return made


def fail_after_looking(seen: list[Any]) -> None:
    seen.append(look_at_the_database())
    raise ValueError("no good")


def test_a_connection_is_closed_after_the_call_also_of_one_that_fails() -> None:
    seen: list[Any] = []
    pool = ToolThreads(1, ToolRegistry())
    try:
        seen.append(pool.submit(look_at_the_database).result(PATIENCE_S))
        with pytest.raises(ValueError, match="no good"):
            pool.submit(fail_after_looking, seen).result(PATIENCE_S)
        # The pool's one thread has left a call when it has taken the next.
        pool.submit(int).result(PATIENCE_S)
    finally:
        pool.shutdown()

    assert len(seen) == 2
    assert [each.connection for each in seen] == [None, None]
