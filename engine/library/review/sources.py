"""The files of a review: reading them from a run's input, limits, and their form in the state."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import Any

from engine.library.review import limits
from engine.library.review.text import Lines, decode, encode, newline_of

PASTED = "pasted.py"
"""The path of code that came without one."""

State = dict[str, Any]
_TEST_PATH = re.compile(r"(^|/)(tests?/|test_[^/]*$|conftest\.py$)|_test\.pyi?$")
_LINE_ENDS = re.compile(r"[\r\n]")


@dataclass(frozen=True)
class Source:
    """One file under review."""

    path: str
    text: str
    status: str = "ok"
    """``ok``; ``undecodable`` and ``nul_bytes`` (never parsed); ``long_line`` (linted only)."""
    encoding: str = "utf-8"
    bom: bool = False
    detail: str = ""
    """Why the status is not ``ok``, for people."""
    position: tuple[int, int] = (1, 1)
    """Line and column of what the status is about."""

    @cached_property
    def sha256(self) -> str:
        return sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def basename(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def stem(self) -> str:
        """The module's name as importers write its last part."""
        return self.basename.rpartition(".")[0]

    @property
    def is_package(self) -> bool:
        return self.stem == "__init__"

    @property
    def is_test(self) -> bool:
        return bool(_TEST_PATH.search(self.path))

    def with_text(self, text: str) -> Source:
        return replace(self, text=text)

    def to_bytes(self) -> bytes:
        return encode(self.text, self.encoding, bom=self.bom)

    def to_state(self) -> State:
        entry: State = {
            "path": self.path,
            "sha256": self.sha256,
            "bytes": len(self.text.encode("utf-8", "surrogatepass")),
            "encoding": self.encoding,
            "newline": newline_of(self.text),
            "bom": self.bom,
            "status": self.status,
            "text": self.text,
        }
        if self.detail:
            entry["detail"] = self.detail
            entry["position"] = list(self.position)
        return entry


def from_state(entry: Mapping[str, Any]) -> Source:
    return Source(
        path=entry["path"],
        text=entry["text"],
        status=entry.get("status", "ok"),
        encoding=entry.get("encoding", "utf-8"),
        bom=bool(entry.get("bom", False)),
        detail=entry.get("detail", ""),
        position=tuple(entry.get("position", (1, 1))),
    )


def sources_in(state: Mapping[str, Any]) -> list[Source]:
    """The files of a state, sorted by path: `sources` where loaded, else the bare `code`."""
    entries = state.get("sources")
    if entries:
        return sorted((from_state(entry) for entry in entries), key=lambda source: source.path)
    code = state.get("code")
    if isinstance(code, str) and code.strip():
        return load({PASTED: code}).sources
    return []


@dataclass(frozen=True, slots=True)
class Loaded:
    sources: list[Source]
    skipped: list[dict[str, str]]
    limits_hit: list[dict[str, str | None]]


def load(files: Mapping[str, str | bytes]) -> Loaded:
    """Take in files within the limits; what is left out is listed with its reason."""
    sources: list[Source] = []
    skipped: list[dict[str, str]] = []
    hits: list[dict[str, str | None]] = []
    total = 0
    for path in sorted(files):
        reason, detail = _refusal(path, files[path], len(sources), total)
        if reason:
            skipped.append(
                {"path": path[: limits.MAX_PATH_CHARS], "reason": reason, "detail": detail}
            )
            if reason.startswith("too_"):
                hits.append(limits.hit(reason, detail, path))
            continue
        total += _state_weight(path, files[path])
        sources.append(read(path, files[path]))
    return Loaded(sources, skipped, hits)


def _refusal(path: str, content: str | bytes, count: int, total: int) -> tuple[str, str]:
    size = _byte_size(content)
    if not path.endswith((".py", ".pyi")):
        return "not_python", "only .py and .pyi files are reviewed"
    if len(path) > limits.MAX_PATH_CHARS:
        return "long_path", f"a path may have {limits.MAX_PATH_CHARS} characters"
    if size > limits.MAX_FILE_BYTES:
        return "too_big", f"{size:,} bytes; a file may have {limits.MAX_FILE_BYTES:,}"
    if count >= limits.MAX_FILES:
        return "too_many", f"a review takes {limits.MAX_FILES:,} files; review fewer at once"
    if total + _state_weight(path, content) > limits.MAX_TOTAL_WEIGHT:
        whole = f"{limits.MAX_TOTAL_WEIGHT:,}"
        return "too_much", f"a review takes {whole} characters of text; review fewer files at once"
    if not content.strip():
        return "empty", "the file has no text"
    return "", ""


def _state_weight(path: str, content: str | bytes) -> int:
    """What a file adds to the state: its text, and its path and figures in several places."""
    return limits.text_weight(content) + 8 * limits.text_weight(path) + 600


def _byte_size(content: str | bytes) -> int:
    return len(content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content)


def read(path: str, content: str | bytes) -> Source:
    """A file with the status that can be told without parsing it."""
    if isinstance(content, str):
        bom = content.startswith("\ufeff")
        source = Source(path, content.removeprefix("\ufeff"), bom=bom)
        if re.search("[\ud800-\udfff]", content):
            detail = "the text contains lone surrogates, which no encoding can hold"
            return Source(path, "", status="undecodable", detail=detail)
    else:
        try:
            decoded = decode(content)
        except ValueError as error:
            return Source(path, "", status="undecodable", detail=str(error))
        source = Source(path, decoded.text, encoding=decoded.encoding, bom=decoded.bom)
    if "\0" in source.text:
        return _with_nul_bytes(source)
    if _longest_line(source.text) > limits.MAX_LINE_CHARS:
        detail = f"a line is longer than {limits.MAX_LINE_CHARS:,} characters: linted only"
        return replace(source, status="long_line", detail=detail)
    return source


def _with_nul_bytes(source: Source) -> Source:
    """No state can hold U+0000, so it is replaced; the place of the first one is kept."""
    position = Lines(source.text).position(source.text.index("\0"))
    return replace(
        source,
        text=source.text.replace("\0", "\ufffd"),
        status="nul_bytes",
        detail="the text contains NUL bytes",
        position=position,
    )


def _longest_line(text: str) -> int:
    return max(map(len, _LINE_ENDS.split(text)))


def pack(files: Mapping[str, str | bytes]) -> dict[str, Any]:
    """Files as JSON: text where that loses nothing, else ``{"base64": …}`` of the bytes."""
    packed: dict[str, Any] = {}
    for path, content in files.items():
        data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        text = _plain_text(data)
        packed[path] = {"base64": base64.b64encode(data).decode()} if text is None else text
    return packed


def _plain_text(data: bytes) -> str | None:
    """The text of UTF-8 bytes without a byte order mark, another encoding's name or NUL bytes."""
    try:
        decoded = decode(data)
    except ValueError:
        return None
    if decoded.bom or decoded.encoding != "utf-8" or "\0" in decoded.text:
        return None
    return decoded.text


def fold_text(text: str) -> str:
    """A text as small as the state can hold it, for what nobody reads before the end."""
    return base64.b64encode(zlib.compress(text.encode("utf-8"))).decode()


def unfold_text(folded: str) -> str:
    """The reverse of `fold_text`; ValueError if it would unfold into more than a file may have."""
    machine = zlib.decompressobj()
    data = machine.decompress(base64.b64decode(folded), limits.MAX_FILE_BYTES + 1)
    if len(data) > limits.MAX_FILE_BYTES:
        raise ValueError("an original text in the state is larger than a file may be")
    return data.decode("utf-8")


def unpack(files: Any) -> dict[str, str | bytes]:
    """The reverse of `pack`, for whatever a client sent; ValueError says what is wrong."""
    if isinstance(files, Mapping):
        pairs: Iterable[tuple[Any, Any]] = files.items()
    elif isinstance(files, list):
        pairs = [_pair(item) for item in files]
    else:
        raise ValueError("files must be an object {path: text} or a list of {path, text}")
    unpacked: dict[str, str | bytes] = {}
    for path, content in pairs:
        if not isinstance(path, str) or not path:
            raise ValueError("every file needs a path, a non-empty string")
        unpacked[path] = _content(path, content)
    return unpacked


def _pair(item: Any) -> tuple[Any, Any]:
    if not isinstance(item, Mapping) or "path" not in item:
        raise ValueError('a list of files holds objects {"path": …, "text": …}')
    return item["path"], item if "base64" in item else item.get("text")


def _content(path: str, content: Any) -> str | bytes:
    if isinstance(content, str):
        return content
    if isinstance(content, Mapping) and isinstance(content.get("base64"), str):
        try:
            return base64.b64decode(content["base64"], validate=True)
        except binascii.Error as error:
            raise ValueError(f"file {path!r}: base64 is damaged: {error}") from error
    raise ValueError(f'file {path!r}: give its text as a string, or {{"base64": …}} of its bytes')
