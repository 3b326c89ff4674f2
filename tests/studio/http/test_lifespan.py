"""When the engine starts and drains, with servers that announce themselves and without."""

import asyncio
from typing import Any

import pytest
from django.test import override_settings

from studio.http import lifespan as module
from studio.http.lifespan import Lifespan


class FakeService:
    def __init__(self) -> None:
        self.calls: list[str] = []
        self.failure: Exception | None = None

    def start(self) -> None:
        self.calls.append("start")
        if self.failure:
            raise self.failure

    def stop(self, grace_s: float) -> None:
        assert 0 < grace_s < 5
        self.calls.append("stop")


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> FakeService:
    made = FakeService()
    monkeypatch.setattr(module, "service", lambda: made)
    return made


async def announced(lifespan: Lifespan, *steps: str) -> list[dict[str, Any]]:
    waiting = [{"type": f"lifespan.{step}"} for step in steps]
    said: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return waiting.pop(0)

    async def send(message: Any) -> None:
        said.append(message)

    await lifespan({"type": "lifespan"}, receive, send)
    return said


@override_settings(ENGINE_AUTOSTART=True)
async def test_the_engine_starts_and_drains_with_the_server(service: FakeService) -> None:
    said = await announced(Lifespan(), "startup", "shutdown")

    assert [message["type"] for message in said] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    assert service.calls == ["start", "stop"]


@override_settings(ENGINE_AUTOSTART=True)
async def test_a_start_that_fails_stops_the_server(service: FakeService) -> None:
    service.failure = RuntimeError("no database")

    said = await announced(Lifespan(), "startup", "shutdown")

    assert said[0] == {"type": "lifespan.startup.failed", "message": "no database"}
    assert service.calls == ["start"]


@override_settings(ENGINE_AUTOSTART=True)
async def test_the_first_connection_starts_it_where_nobody_announced(
    service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_exit: list[Any] = []
    monkeypatch.setattr(module.atexit, "register", at_exit.append)
    lifespan = Lifespan()

    await asyncio.gather(*(lifespan.ensure_started() for _ in range(5)))

    assert service.calls == ["start"]
    at_exit[0]()
    assert service.calls == ["start", "stop"]


@override_settings(ENGINE_AUTOSTART=False)
async def test_settings_may_keep_the_engine_out(service: FakeService) -> None:
    await announced(Lifespan(), "startup", "shutdown")

    assert service.calls == []
