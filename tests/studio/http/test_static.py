"""Static files from memory: what a browser asks for and keeps, and no way out of the folder."""

from pathlib import Path
from typing import Any

import pytest

from studio.http.body import Receive, Scope, Send
from studio.http.static import StaticFiles
from tests.studio.http.asgi_client import Answer, ask

SCRIPT = "dist/studio.0123456789ab.js"


async def beneath(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 418, "headers": []})
    await send({"type": "http.response.body", "body": b"django"})


@pytest.fixture
def static(tmp_path: Path) -> StaticFiles:
    root = tmp_path / "static"
    (root / "dist").mkdir(parents=True)
    (root / SCRIPT).write_bytes(b"plain")
    (root / f"{SCRIPT}.gz").write_bytes(b"gzipped")
    (root / f"{SCRIPT}.br").write_bytes(b"brotli")
    (root / "plain.css").write_bytes(b"a{}")
    (root / "picture.0123456789ab.svg").write_bytes(b"<svg/>")
    (tmp_path / "secret_key").write_bytes(b"secret")
    return StaticFiles(beneath, root, "/static/")


async def get(static: StaticFiles, path: str, method: str = "GET", **headers: str) -> Answer:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return await ask(static, method, path, headers=given)


async def test_hashed_file_is_kept_for_ever(static: StaticFiles) -> None:
    answer = await get(static, f"/static/{SCRIPT}")

    assert (answer.status, answer.content) == (200, b"plain")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_file_without_hash_is_asked_for_again(static: StaticFiles) -> None:
    answer = await get(static, "/static/plain.css")

    assert answer.headers["cache-control"] == "public, max-age=60"


@pytest.mark.parametrize(
    ("accepted", "content", "encoding"),
    [
        ("gzip, deflate, br", b"brotli", "br"),
        ("gzip", b"gzipped", "gzip"),
        ("br;q=0, gzip;q=0.5", b"gzipped", "gzip"),
        ("identity", b"plain", None),
    ],
)
async def test_smallest_accepted_encoding_is_sent(
    static: StaticFiles, accepted: str, content: bytes, encoding: str | None
) -> None:
    answer = await get(static, f"/static/{SCRIPT}", accept_encoding=accepted)

    assert answer.content == content
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["vary"] == "Accept-Encoding"


async def test_known_etag_is_not_sent_again(static: StaticFiles) -> None:
    first = await get(static, f"/static/{SCRIPT}")

    second = await get(static, f"/static/{SCRIPT}", if_none_match=first.headers["etag"])

    assert (second.status, second.content) == (304, b"")
    assert "content-length" not in second.headers


async def test_head_has_the_headers_only(static: StaticFiles) -> None:
    answer = await get(static, f"/static/{SCRIPT}", "HEAD")

    assert (answer.status, answer.content) == (200, b"")
    assert answer.headers["content-length"] == "5"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/static/absent.js"),
        ("GET", "/static/"),
        ("GET", "/static/../secret_key"),
        ("GET", "/static//etc/passwd"),
        ("GET", "/static/dist/../../secret_key"),
        ("GET", "/elsewhere"),
        ("POST", f"/static/{SCRIPT}"),
    ],
)
async def test_everything_else_falls_through(static: StaticFiles, method: str, path: str) -> None:
    assert (await get(static, path, method)).content == b"django"


async def test_sec_svg_uploads(static: StaticFiles) -> None:
    """A picture that is opened as a page of its own runs nothing."""
    answer = await get(static, "/static/picture.0123456789ab.svg")

    policy: Any = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
