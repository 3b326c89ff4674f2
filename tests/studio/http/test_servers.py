"""The studio under real servers: uvicorn as it ships, and daphne."""

import asyncio
import http.client
import json
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live import ROOT, LiveStudio
from tests.studio.api import documents
from tests.studio.sockets.watching import Watcher

pytestmark = pytest.mark.slow

TOOLS = {"TREADLE_TOOLS": "tests.studio.tools"}


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveStudio]:
    made = LiveStudio(tmp_path_factory.mktemp("servers") / "data", **TOOLS)
    try:
        made.start()
        yield made
    finally:
        made.stop()


def connection(studio: LiveStudio) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", studio.port, timeout=20)


def raw(studio: LiveStudio, path: str, body: Any, **headers: str) -> tuple[int, Any, float]:
    """One POST as bytes or chunks. Returns status, decoded body and seconds."""
    given = {"Authorization": f"Bearer {studio.token}", "Content-Type": "application/json"}
    line = connection(studio)
    began = time.monotonic()
    line.request(
        "POST", path, body, {**given, **headers}, encode_chunked=not isinstance(body, bytes)
    )
    answer = line.getresponse()
    text = answer.read()
    seconds = time.monotonic() - began
    line.close()
    return answer.status, json.loads(text), seconds


def alive(studio: LiveStudio) -> bool:
    return studio.call("GET", "/api/v1/health/ready")[0] == 200


def test_sec_body_size(studio: LiveStudio) -> None:
    """50 MB are refused at once and unread, declared or not; the server goes on."""
    body = b"[" * 50_000_000

    declared = raw(studio, "/graph/create", body)
    chunked = raw(
        studio, "/graph/create", (body[n : n + 65536] for n in range(0, len(body), 65536))
    )

    for status, answer, seconds in (declared, chunked):
        assert (status, answer["error"]["code"]) == (413, "E_BODY_SIZE")
        assert seconds < 1
    assert alive(studio)


def test_sec_nested_lists(studio: LiveStudio) -> None:
    """A million nested lists: a clear error, soon, on each address that takes JSON."""
    for path in ("/graph/create", "/graph/run", "/api/v1/runs", "/api/v1/workflows"):
        status, answer, seconds = raw(studio, path, b"[" * 1_000_000)

        assert (status, answer["error"]["code"]) == (400, "E_JSON_DEPTH")
        assert seconds < 0.5
    assert alive(studio)


HOSTILE = {
    "unknown tool": documents.demo(tool="no.such_tool"),
    "cycle without exit": documents.demo(
        edges=[{"from_node": "a", "to_node": "b"}, {"from_node": "b", "to_node": "a"}]
    ),
}


@pytest.mark.parametrize("document", HOSTILE.values(), ids=HOSTILE.keys())
def test_sec_hostile_graphs(studio: LiveStudio, document: dict[str, Any]) -> None:
    """A graph that cannot run says why within a second, and runs nothing."""
    began = time.monotonic()
    status, made = studio.call("POST", "/graph/create", document)
    if status == 200:
        status, made = studio.call("POST", "/graph/run", {"graph_id": made["graph_id"]})

    assert status in (400, 422)
    assert made["detail"]
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    "source",
    [
        "+".join("1" * 100_000),
        "!" * 20_000 + "true",
        "(" * 10_000,
        "[1,2,3,4,5,6,7,8,9]" + ".exists(a, [1,2,3,4,5,6,7,8,9]" * 6 + ".exists(g, g==0)" + ")" * 6,
        "[1]" + ".map(a, [a, a])" * 28,
        "__class__.__mro__",
        "state['__proto__']",
        "'" + "\0" * 10 + "'",
        "9" * 400,
        "\u202e state",
    ],
    ids=range(10),
)
def test_sec_hostile_expressions(studio: LiveStudio, source: str) -> None:
    """Expressions that are meant to hurt are answered within a second, as a mistake."""
    began = time.monotonic()
    status, answer = studio.call(
        "POST", "/api/v1/expressions/check", {"source": source, "state": {}}
    )

    assert status in (200, 400)
    assert status == 400 or answer["ok"] is False
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("code", ["x = 1\0\n", "x = '" + "a" * 1_000_000 + "'\n", "(" * 5_000])
def test_sec_hostile_code(studio: LiveStudio, code: str) -> None:
    """Code with null bytes, a megabyte on a line, nesting: a report or a clear error."""
    began = time.monotonic()
    status, run = studio.call("POST", "/api/v1/reviews", {"code": code, "max_passes": 1})
    started_in = time.monotonic() - began

    assert started_in < 1
    assert status in (201, 400, 413), run
    assert alive(studio)
    while status == 201 and run["status"] in ("queued", "running"):
        assert time.monotonic() - began < 20
        time.sleep(0.05)
        _, run = studio.call("GET", f"/api/v1/runs/{run['id']}")


def test_other_requests_are_answered_while_runs_are_waited_for(studio: LiveStudio) -> None:
    """More callers wait for runs than there are request threads; nobody else notices."""
    node = {"name": "a", "tool": "trial.wait"}
    _, made = studio.call(
        "POST", "/graph/create", {"nodes": [node], "edges": [], "start_node": "a"}
    )
    body = {"graph_id": made["graph_id"]}
    waiting = [
        threading.Thread(target=studio.call, args=("POST", "/graph/run?wait=3", body))
        for _ in range(16)
    ]
    for thread in waiting:
        thread.start()
    time.sleep(0.5)

    began = time.monotonic()
    for _ in range(20):
        assert studio.call("GET", "/api/v1/tools/trial.wait")[0] == 200
    assert time.monotonic() - began < 2
    for thread in waiting:
        thread.join()


def test_static_files_are_served_compressed_and_kept(studio: LiveStudio) -> None:
    with urllib.request.urlopen(f"{studio.url}/login") as page:
        text = page.read().decode()
    path = text.split('rel="stylesheet" href="')[1].split('"')[0]
    line = connection(studio)
    line.request("GET", path, headers={"Accept-Encoding": "br, gzip"})
    answer = line.getresponse()
    answer.read()

    assert answer.status == 200
    assert "immutable" in (answer.getheader("Cache-Control") or "")
    assert answer.getheader("Content-Encoding") in ("br", "gzip")
    line.close()


async def test_it_stops_within_five_seconds_under_load(tmp_path: Path) -> None:
    studio = LiveStudio(tmp_path / "data", **TOOLS)
    studio.start()
    node = {"name": "a", "tool": "trial.wait"}
    _, made = studio.call(
        "POST", "/graph/create", {"nodes": [node], "edges": [], "start_node": "a"}
    )
    body = {"graph_id": made["graph_id"]}
    _, run = studio.call("POST", "/graph/run_async", body)
    stopping = threading.Event()

    def load(path: str, method: str, content: Any) -> None:
        while not stopping.is_set():
            try:
                studio.call(method, path, content)
            except (OSError, http.client.HTTPException):
                return

    busy = [
        threading.Thread(target=load, args=("/graph/run", "POST", body), daemon=True)
        for _ in range(8)
    ] + [
        threading.Thread(target=load, args=("/api/v1/runs", "GET", None), daemon=True)
        for _ in range(4)
    ]
    watchers = [Watcher(studio, run["run_id"], studio.token) for _ in range(10)]
    following = [asyncio.create_task(watcher.follow()) for watcher in watchers]
    for thread in busy:
        thread.start()
    await asyncio.sleep(2)

    seconds = await asyncio.to_thread(studio.stop)

    stopping.set()
    await asyncio.gather(*following)
    assert seconds < 5
    assert {watcher.code for watcher in watchers} <= {1001, 1006, 1012}
    log = studio.log.read_text()
    assert "Traceback" not in log, log[-3000:]


@pytest.fixture
def daphne(tmp_path: Path) -> Iterator[LiveStudio]:
    """The same application under daphne, which announces neither its start nor its stop."""
    studio = LiveStudio(tmp_path / "data", **TOOLS)
    studio.start()
    studio.stop()
    command = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(studio.port)]
    with studio.log.open("ab") as log:
        server = subprocess.Popen(
            [*command, "studio.asgi:application"],
            cwd=ROOT,
            env=studio.environment,
            stdout=log,
            stderr=log,
        )
    try:
        wait_for(studio)
        yield studio
    finally:
        server.terminate()
        server.wait(10)


def wait_for(studio: LiveStudio) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if alive(studio):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(studio.log.read_text())


async def test_daphne_serves_pages_runs_and_sockets(daphne: LiveStudio) -> None:
    _, made = daphne.call("POST", "/graph/create", documents.demo())
    status, ended = daphne.call("POST", "/graph/run", {"graph_id": made["graph_id"]})
    watcher = Watcher(daphne, ended["run_id"], daphne.token)
    await asyncio.wait_for(watcher.follow(), 20)

    assert (status, ended["final_state"]) == (200, {"n": 4})
    assert watcher.seqs == list(range(1, watcher.last + 1))
    assert (watcher.code, (watcher.ended or {}).get("status")) == (1000, "completed")
    with urllib.request.urlopen(f"{daphne.url}/login") as page:
        assert page.status == 200
    assert raw(daphne, "/graph/create", b"[" * 50_000_000)[0] == 413
