"""Large values outside the journal: stored once, under the SHA-256 of their JSON text.

A value over 32 KiB in an event's data is replaced by null, and the data's own key `$blobs` says
what belongs there. That key stands beside the engine's keys, never inside a value of the user's,
so no state can forge a reference to somebody else's blob.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from studio.journal import codec

LIMIT_BYTES = 32 * 1024
REFERENCES = "$blobs"

Path = list[str | int]
Blobs = dict[str, str]
"""JSON text by SHA-256."""


def encode_data(data: Mapping[str, Any]) -> tuple[str, Blobs]:
    """An event's data as JSON text, with its large values taken out, and those values."""
    text = codec.encode(data)
    if len(text) <= LIMIT_BYTES:
        return text, {}
    return _split(data)


def _split(data: Mapping[str, Any]) -> tuple[str, Blobs]:
    blobs: Blobs = {}
    references: list[dict[str, Any]] = []
    slim: dict[str, Any] = _copy(data)
    for path, value in _slots(data):
        text = codec.encode(value)
        if len(text) > LIMIT_BYTES:
            sha256 = name_of(text)
            blobs[sha256] = text
            references.append({"path": path, "sha256": sha256, "size": len(text.encode())})
            _put(slim, path, None)
    if references:
        slim[REFERENCES] = references
    return codec.encode(slim), blobs


def name_of(text: str) -> str:
    """Under which name a large value's JSON text is kept."""
    return hashlib.sha256(text.encode()).hexdigest()


def _slots(data: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    """Where a value of the user's may stand: each key of `state`, each op's value, else the whole
    of a top-level key.
    """
    for key, value in data.items():
        if key == "state" and isinstance(value, Mapping):
            for name, item in value.items():
                yield [key, name], item
        elif key == "ops" and isinstance(value, list | tuple):
            for index, op in enumerate(value):
                if op:
                    yield [key, index, len(op) - 1], op[-1]
        else:
            yield [key], value


def _copy(data: Mapping[str, Any]) -> dict[str, Any]:
    """A copy in which every slot can be overwritten without touching the caller's data."""
    copy = dict(data)
    if isinstance(copy.get("state"), Mapping):
        copy["state"] = dict(copy["state"])
    if isinstance(copy.get("ops"), list | tuple):
        copy["ops"] = [list(op) for op in copy["ops"]]
    return copy


def _put(container: Any, path: Path, value: Any) -> None:
    for part in path[:-1]:
        container = container[part]
    container[path[-1]] = value


def references(data: Mapping[str, Any]) -> list[str]:
    """The blobs that an event's stored data needs."""
    return [reference["sha256"] for reference in data.get(REFERENCES, ())]


def restore(data: dict[str, Any], read: Callable[[str], str]) -> dict[str, Any]:
    """The data as it was appended. `read` gives a blob's JSON text by its SHA-256."""
    found = data.pop(REFERENCES, None)
    for reference in found or ():
        _put(data, reference["path"], codec.decode(read(reference["sha256"])))
    return data
