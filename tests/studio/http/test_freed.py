"""A request of the API that was answered is freed at once, without the collector of circles."""

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest
from rest_framework.request import Request

from studio.api.operation import Operation
from studio.http.handler import OneHopHandler
from tests.studio.api.calls import Api
from tests.studio.http.asgi_client import ask

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def handler() -> Iterator[OneHopHandler]:
    made = OneHopHandler()
    yield made
    made.close()


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/tools", "/api/v1/runs"])
def test_nothing_of_a_request_is_left(handler: OneHopHandler, alice: User, path: str) -> None:
    headers = {"authorization": f"Bearer {Api(alice).token}"}

    async def answers() -> None:
        await ask(handler, "GET", path, headers=headers)  # what is remembered is remembered
        with uncollected() as before:
            answer = await ask(handler, "GET", path, headers=headers)
            assert answer.status == 200
            assert [one for one in alive() if not any(one is old for old in before)] == []

    asyncio.run(answers())


@contextmanager
def uncollected() -> Iterator[list[object]]:
    """What is there at first, and nobody collects circles meanwhile."""
    gc.collect()
    before = alive()
    gc.disable()
    try:
        yield before
    finally:
        gc.enable()


def alive() -> list[object]:
    # By type: to ask a lazy object for its class is to have it made.
    kinds = (HttpRequest, Request, Operation)
    return [one for one in gc.get_objects() if issubclass(type(one), kinds)]
