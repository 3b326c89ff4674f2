"""The engine's store contract, on the database."""

from collections.abc import Iterator

import pytest

from studio.models import Version
from studio.store import DatabaseStore
from tests.engine.store_contract import StoreContract


@pytest.mark.django_db(transaction=True)
class TestDatabaseStore(StoreContract):
    @pytest.fixture
    def store(self, version: Version) -> Iterator[DatabaseStore]:
        store = DatabaseStore(version)
        yield store
        store.close()
