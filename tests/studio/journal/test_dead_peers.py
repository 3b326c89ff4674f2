"""A database whose host is gone without a word is given up within seconds, not after hours."""

import os
import socket

import pytest
from django.db import connection

from studio.journal.raw_connection import PostgresConnection, connect

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

PATIENCE_S = 20


def patience_s(descriptor: int) -> tuple[float, float]:
    """Seconds until a silent peer is given up: with something sent to it, and with nothing."""
    with socket.socket(fileno=os.dup(descriptor)) as end:
        assert end.family in (socket.AF_INET, socket.AF_INET6)
        unanswered_ms = end.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
        assert end.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        idle = end.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)
        every = end.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL)
        times = end.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT)
    return unanswered_ms / 1000 or float("inf"), float(idle + every * times)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no other host")
def test_the_engine_and_the_orm_give_up_a_silent_database() -> None:
    engine = connect()
    assert isinstance(engine, PostgresConnection)
    connection.ensure_connection()
    try:
        for descriptor in (engine._connection.fileno(), connection.connection.fileno()):
            unanswered, silent = patience_s(descriptor)
            assert 5 <= unanswered <= PATIENCE_S
            assert 5 <= silent <= PATIENCE_S
    finally:
        engine.close()
