"""A canary goes through everything that leaks; then it is looked for in everything there is."""

import asyncio
import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect

from tests.live import LiveStudio
from tests.studio.secrets.leaky import spellings

CANARY = "cAn4ry/+ü \"quoted\"\\&<b>'key' end"
PAGES = ("/runs/{run}", "/runs/", "/settings/secrets", "/api/v1/runs", "/api/v1/secrets")
EXPORTS = (
    "/api/v1/runs/{run}",
    "/api/v1/runs/{run}/state",
    "/api/v1/runs/{run}/events?limit=500",
    "/api/v1/runs/{run}/document",
    "/api/v1/workflows/{workflow}/export",
    "/graph/state/{run}",
    *PAGES,
)
pytestmark = pytest.mark.slow


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[LiveStudio]:
    made = LiveStudio(tmp_path / "data", TREADLE_TOOLS="tests.studio.secrets.leaky")
    try:
        made.start()
        yield made
    finally:
        made.stop()


def traces(secret: str) -> list[str]:
    """The canary in each spelling, without what stands around it."""
    told = spellings(secret)
    url = told["url"].removeprefix("https://x.test/?key=")
    quoted, _, path = url.partition("&p=/")
    return [
        secret,
        quoted,
        path,
        told["json"][9:-2],
        told["html"],
        told["python"][9:-2],
        told["hex"],
        told["header"].rpartition(" ")[2][8:-4],
        told["base64"][4:-6],
        told["login"].removeprefix("postgresql://me:").removesuffix("@db/name"),
        secret[:9],
    ]


def hits(where: str, text: str) -> list[str]:
    """Where a trace was found: in the text, and in what it means as JSON once or twice."""
    once = text.replace('\\"', '"').replace("\\\\", "\\")
    twice = once.replace('\\"', '"').replace("\\\\", "\\")
    seen = (text, once, twice)
    return [f"{where}: {trace}" for trace in traces(CANARY) if any(trace in each for each in seen)]


def node(tool: str, **fields: Any) -> dict[str, Any]:
    return {"type": "tool", "tool": f"leaky.{tool}", **fields}


DOCUMENT = {
    "format": "treadle/1",
    "key": "leaky",
    "name": "leaky",
    "entry": ["echo"],
    "nodes": {
        "echo": node("echo"),
        "echo_async": node("echo_async"),
        "apart": node("apart", isolation="process"),
        "items": {
            "type": "map",
            "over": "[1, 2, 3]",
            "as": "x",
            "body": {"tool": "leaky.item", "inputs": {"x": "x"}},
            "on_item_error": "collect",
            "collect": {"items": "results"},
        },
        "slow": node("slow", timeout="100ms", retry={"max_attempts": 1}, on_error="continue"),
        "process_log": node("process_log"),
        "raise": node("raise", retry={"max_attempts": 2, "initial": "1ms"}),
        "raise_apart": node("raise", isolation="process", retry={"max_attempts": 1}),
        "end": {"type": "set", "set": {"seen": "error"}},
    },
    "edges": [
        {"id": "a", "from": "echo", "to": "echo_async"},
        {"id": "b", "from": "echo_async", "to": "apart"},
        {"id": "c", "from": "apart", "to": "items"},
        {"id": "d", "from": "items", "to": "slow"},
        {"id": "e", "from": "slow", "to": "process_log"},
        {"id": "f", "from": "process_log", "to": "raise"},
        {"id": "g", "from": "raise", "to": "raise_apart", "on": "error"},
        {"id": "h", "from": "raise_apart", "to": "end", "on": "error"},
    ],
}


def test_sec_secrets_canary_is_found_nowhere(studio: LiveStudio) -> None:
    status, _ = studio.call("POST", "/api/v1/secrets", {"name": "canary", "value": CANARY})
    assert status == 201
    workflow, run = started(studio)
    frames = asyncio.run(watched(studio, run))
    time.sleep(0.6)  # the late result of the slow tool

    _, seen = studio.call("GET", f"/api/v1/runs/{run}/state")
    assert seen["state"]["length"] == len(CANARY)
    assert seen["state"]["echo"]["plain"] == "[secret canary]"
    kinds = {event["k"] for frame in frames for event in json.loads(frame).get("ev", ())}
    assert {"log", "progress", "attempt.failed", "attempt.timed_out"} <= kinds

    found = [hit for frame in frames for hit in hits("socket", frame)]
    read = reader(studio)
    for path in EXPORTS:
        _, answer = (
            studio.call("GET", path.format(run=run, workflow=workflow))
            if (path.startswith(("/api", "/graph")))
            else (0, read(path.format(run=run)))
        )
        found += hits(path, answer if isinstance(answer, str) else json.dumps(answer))
    studio.stop()
    found += hits("log", studio.log.read_text())
    found += in_database(studio.data_dir / "treadle.sqlite3")
    for file in studio.data_dir.glob("treadle.sqlite3*"):
        found += hits(file.name, file.read_bytes().decode("utf-8", "replace"))

    assert found == []
    assert "outside: [secret canary]" in studio.log.read_text()


def started(studio: LiveStudio) -> tuple[str, str]:
    status, workflow = studio.call("POST", "/api/v1/workflows", {"document": DOCUMENT})
    assert status == 201, workflow
    status, run = studio.call("POST", "/api/v1/runs", {"workflow": workflow["id"], "draft": True})
    assert status == 201, run
    return workflow["id"], run["id"]


async def watched(studio: LiveStudio, run: str) -> list[str]:
    """Every frame of the socket, as text, until the run's end."""
    frames = []
    url = f"ws://127.0.0.1:{studio.port}/ws/run/{run}"
    headers = {"Authorization": f"Bearer {studio.token}"}
    async with connect(url, additional_headers=headers, subprotocols=["treadle.v1"]) as socket:
        async for frame in socket:
            frames.append(str(frame))
    return frames


def reader(studio: LiveStudio) -> Callable[[str], str]:
    """Gives pages as a signed-in browser gets them."""
    import http.cookiejar
    import urllib.parse
    import urllib.request

    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    way = studio.url + studio.sign_in_path()
    browser.open(way).read()
    csrf = next(str(cookie.value) for cookie in jar if cookie.name == "csrftoken")
    form = browser.open(way).read().decode()
    token = form.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0] or csrf
    sent = urllib.parse.urlencode({"csrfmiddlewaretoken": token}).encode()
    browser.open(urllib.request.Request(way, sent, {"Origin": studio.url})).read()

    def read(path: str) -> str:
        with browser.open(studio.url + path) as answer:
            assert answer.status == 200
            text: str = answer.read().decode()
            return text

    return read


def in_database(path: Path) -> list[str]:
    found: list[str] = []
    with sqlite3.connect(path) as connection:
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
        ).fetchall()
        for (table,) in tables:
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                for value in row:
                    if isinstance(value, (str, bytes)):
                        text = value if isinstance(value, str) else value.decode("utf-8", "replace")
                        found += hits(table, text)
    connection.close()
    return found
