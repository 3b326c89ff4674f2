"""Collected static files, served from memory beneath Django.

`collectstatic` leaves hashed names and their compressed copies; a file is read on its first
request. What is not in the folder falls through to Django, which answers 404.
"""

import asyncio
import hashlib
import mimetypes
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from studio.http.body import Receive, Scope, Send

Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_HASHED = re.compile(r"\.[0-9a-f]{12}\.[^/]+$")
_FOREVER = b"public, max-age=31536000, immutable"
_SHORT = b"public, max-age=60"
# A document could run scripts of its own; nothing served from here is one.
_INERT = b"default-src 'none'; style-src 'unsafe-inline'; sandbox"


@dataclass(frozen=True, slots=True)
class StaticFile:
    content: bytes
    etag: bytes
    headers: tuple[tuple[bytes, bytes], ...]


class StaticFiles:
    """ASGI wrapper: GET and HEAD below `prefix` are answered from `root`, all else by `app`."""

    def __init__(self, app: Asgi, root: Path, prefix: str) -> None:
        self._app = app
        self._root = root
        self._prefix = prefix
        self._known: frozenset[str] | None = None
        self._files: dict[tuple[str, str], StaticFile] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        file = await self._find(scope)
        if file is None:
            await self._app(scope, receive, send)
        else:
            await _send_file(file, scope, send)

    async def _find(self, scope: Scope) -> StaticFile | None:
        path: str = scope["path"]
        if not path.startswith(self._prefix) or scope["method"] not in ("GET", "HEAD"):
            return None
        if self._known is None:
            self._known = await asyncio.to_thread(_names, self._root)
        name = path[len(self._prefix) :]
        # Only names found in the folder are ever opened: `..` has no way out.
        if name not in self._known:
            return None
        encoding = _best_encoding(name, self._known, _header(scope, b"accept-encoding"))
        return self._files.get((name, encoding)) or await self._load(name, encoding)

    async def _load(self, name: str, encoding: str) -> StaticFile:
        file = await asyncio.to_thread(_read, self._root, name, encoding)
        self._files[name, encoding] = file
        return file


def _names(root: Path) -> frozenset[str]:
    return frozenset(
        path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()
    )


def _best_encoding(name: str, known: frozenset[str], accepted: bytes) -> str:
    offered = set(_accepted(accepted))
    for encoding, suffix in ENCODINGS:
        if encoding in offered and name + suffix in known:
            return encoding
    return ""


def _accepted(header: bytes) -> Iterator[str]:
    for part in header.decode("latin1").split(","):
        name, _, weight = part.partition(";")
        if weight.replace(" ", "") not in ("q=0", "q=0.0"):
            yield name.strip()


def _read(root: Path, name: str, encoding: str) -> StaticFile:
    content = (root / (name + dict(ENCODINGS).get(encoding, ""))).read_bytes()
    etag = f'"{hashlib.sha256(content).hexdigest()[:24]}"'.encode()
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    headers = [
        (b"content-type", _with_charset(kind).encode()),
        (b"content-length", str(len(content)).encode()),
        (b"etag", etag),
        (b"vary", b"Accept-Encoding"),
        (b"cache-control", _FOREVER if _HASHED.search(name) else _SHORT),
        (b"x-content-type-options", b"nosniff"),
        (b"cross-origin-resource-policy", b"same-origin"),
    ]
    if encoding:
        headers.append((b"content-encoding", encoding.encode()))
    if kind in ("text/html", "image/svg+xml"):
        headers.append((b"content-security-policy", _INERT))
    return StaticFile(content, etag, tuple(headers))


def _with_charset(kind: str) -> str:
    textual = kind.startswith("text/") or kind in ("application/javascript", "image/svg+xml")
    return f"{kind}; charset=utf-8" if textual else kind


async def _send_file(file: StaticFile, scope: Scope, send: Send) -> None:
    if file.etag in _header(scope, b"if-none-match"):
        kept = [header for header in file.headers if header[0] not in _ABOUT_CONTENT]
        await send({"type": "http.response.start", "status": 304, "headers": kept})
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.start", "status": 200, "headers": list(file.headers)})
    content = b"" if scope["method"] == "HEAD" else file.content
    await send({"type": "http.response.body", "body": content})


_ABOUT_CONTENT = (b"content-length", b"content-type", b"content-encoding")


def _header(scope: Scope, wanted: bytes) -> bytes:
    return b",".join(value for name, value in scope["headers"] if name == wanted)
