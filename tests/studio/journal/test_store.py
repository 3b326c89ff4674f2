"""The engine's store contract, on the database."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connections

from engine import Graph, default_registry, run
from studio.journal.store import DatabaseStore
from studio.models import Version
from tests.engine.store_contract import StoreContract
from tests.studio import booking, build


@pytest.mark.django_db(transaction=True)
class TestDatabaseStore(StoreContract):
    @pytest.fixture
    def store(self, version: Version) -> Iterator[DatabaseStore]:
        store = DatabaseStore(version)
        yield store
        store.close()


@pytest.mark.django_db(transaction=True)
def test_a_script_has_transactional_tools_too(version: Version, alice: User) -> None:
    booking.reset()
    graph = Graph.from_dict(build.chain("trial.book", 2))
    store = DatabaseStore(version)
    try:
        result = run(
            graph, {"user": alice.pk}, registry=default_registry, store=store, run_id=uuid4().hex
        )
    finally:
        store.close()

    assert (result.status, result.state["booked"]) == ("completed", ["s1", "s2"])
    assert booking.rows() == ["s1", "s2"]
    connections.close_all()
