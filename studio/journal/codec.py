"""How an event is written in the database, once for both doors to it.

The ORM reads and writes `RunEvent` rows; the engine's thread writes the same rows with raw SQL.
Everything they must agree on is here: column order, timestamps, JSON text. A parity test compares
them on both databases.
"""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

from engine import Event, EventKind

EventRow = tuple[int, int, str, object, str | None, int | None, int | None, str]
"""run_id, seq, kind, at, node, activation, attempt, data: the columns in order."""

INSERT_EVENT = (
    "INSERT INTO studio_runevent (run_id, seq, kind, at, node, activation, attempt, data)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
)
COPY_EVENTS = (
    "INSERT INTO studio_runevent (run_id, seq, kind, at, node, activation, attempt, data)"
    " SELECT %s, seq, kind, at, node, activation, attempt, data FROM studio_runevent"
    " WHERE run_id = %s AND seq <= %s"
)
SELECT_EVENTS = (
    "SELECT seq, at, kind, node, activation, attempt, data FROM studio_runevent"
    " WHERE run_id = %s AND seq > %s ORDER BY seq"
)
SELECT_HEAD = "SELECT COALESCE(MAX(seq), 0) FROM studio_runevent WHERE run_id = %s"


def _text(value: Any) -> str:
    """A sentence of the engine is a text that remembers more than a journal keeps."""
    if isinstance(value, str):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


_encoder = msgspec.json.Encoder(enc_hook=_text)
_decoder = msgspec.json.Decoder()

REPLACEMENT = "\ufffd"


def column(vendor: str, time_s: float) -> object:
    """A moment (seconds since 1970), cut to milliseconds, as the raw driver wants it in a column.

    Milliseconds are what an event's `ts` shows: row and event never differ.
    """
    if vendor == "postgresql":
        at = datetime.fromtimestamp(time_s, UTC)
        return at.replace(microsecond=at.microsecond // 1000 * 1000)
    return _text_of(time_s)


@lru_cache(maxsize=64)
def _text_of(time_s: float) -> str:
    """A moment as Django keeps it in SQLite. The events of one append are of one moment."""
    # Rounded as `fromtimestamp` does, then cut.
    fraction, second = math.modf(time_s)
    milliseconds = round(fraction * 1e6) // 1000
    if milliseconds == 1000:
        second, milliseconds = second + 1, 0
    text = _second(int(second))
    return f"{text}.{milliseconds:03}000" if milliseconds else text


@lru_cache(maxsize=64)
def _second(second: int) -> str:
    return str(datetime.fromtimestamp(second, UTC).replace(tzinfo=None))


def column_of(vendor: str, at: datetime) -> object:
    """A moment as the raw driver of this database wants it in a column."""
    if vendor == "postgresql":
        return at
    # Django's text in SQLite: naive UTC, microseconds only where there are any.
    return str(at.astimezone(UTC).replace(tzinfo=None))


def moment_of(at: object) -> datetime:
    """The moment that a raw driver or the ORM read from a column."""
    if isinstance(at, datetime):
        return at
    return datetime.fromisoformat(str(at)).replace(tzinfo=UTC)


def from_column(at: object) -> str:
    """An event's `ts` from what a raw driver or the ORM read in the column `at`."""
    if isinstance(at, datetime):
        return at.astimezone(UTC).isoformat(timespec="milliseconds")[:23] + "Z"
    text = str(at)
    return f"{text[:10]}T{text[11:19]}.{text[20:23] or '000'}Z"


def uuid_column(vendor: str, value: UUID) -> object:
    """A public id as the raw driver wants it in a column: SQLite keeps 32 hex digits."""
    return value if vendor == "postgresql" else value.hex


def encode(value: object) -> str:
    """Compact JSON text. Raises UnicodeEncodeError for lone surrogates: `clean` replaces them."""
    return _encoder.encode(value).decode("utf-8")


def decode(text: str | bytes) -> Any:
    return _decoder.decode(text)


def event_json(row: tuple[Any, ...]) -> str:
    """The event as JSON text from a row (seq, at, kind, node, activation, attempt, data).

    `data` is stored as JSON text and goes through as it is: never decoded, never encoded again.
    """
    seq, at, kind, node, activation, attempt, data = row
    return (
        f'{{"seq":{seq},"ts":"{from_column(at)}","k":"{kind}","node":{_json(node)}'
        f',"act":{_json(activation)},"att":{_json(attempt)},"data":{data}}}'
    )


def event_dict(row: tuple[Any, ...]) -> dict[str, Any]:
    """The event as a dict from a row (seq, at, kind, node, activation, attempt, data)."""
    seq, at, kind, node, activation, attempt, data = row
    return {
        "seq": seq,
        "ts": from_column(at),
        "k": kind,
        "node": node,
        "act": activation,
        "att": attempt,
        "data": decode(data),
    }


def event(row: tuple[Any, ...], data: dict[str, Any] | None = None) -> Event:
    """The engine's Event from a row (seq, at, kind, node, activation, attempt, data).

    `data` stands in for the column when its blobs were put back already.
    """
    seq, at, kind, node, activation, attempt, text = row
    return Event(
        EventKind(kind),
        decode(text) if data is None else data,
        node,
        activation,
        attempt,
        seq=seq,
        time=moment_of(at).timestamp(),
    )


def _json(value: object) -> str:
    return "null" if value is None else encode(value)


def encode_clean(value: object) -> str:
    """JSON text of a value in which nothing a database refuses is left."""
    try:
        text = encode(value)
    except UnicodeEncodeError:
        return encode(clean(value)[0])
    return encode(clean(value)[0]) if needs_cleaning(text) else text


def needs_cleaning(text: str) -> bool:
    """Whether encoded JSON may hold U+0000 (an escaped backslash before u0000 looks alike)."""
    return "\\u0000" in text


def clean(value: Any) -> tuple[Any, bool]:
    """The value with U+0000 and lone surrogates replaced by U+FFFD, and whether there were any.

    PostgreSQL refuses both and SQLite takes them: a tool's output must not decide which database
    can store a run.
    """
    if isinstance(value, str):
        cleaned = _clean_text(value)
        return cleaned, cleaned is not value
    if isinstance(value, Mapping):
        return _clean_mapping(value)
    if isinstance(value, list | tuple):
        pairs = [clean(item) for item in value]
        return [item for item, _ in pairs], any(changed for _, changed in pairs)
    return value, False


def _clean_mapping(value: Mapping[Any, Any]) -> tuple[dict[Any, Any], bool]:
    changed = False
    cleaned = {}
    for key, item in value.items():
        new_key, key_changed = clean(key)
        cleaned[new_key], item_changed = clean(item)
        changed = changed or key_changed or item_changed
    return cleaned, changed


def _clean_text(text: str) -> str:
    if "\0" not in text and _encodable(text):
        return text
    return "".join(
        REPLACEMENT if character == "\0" or "\ud800" <= character <= "\udfff" else character
        for character in text
    )


def _encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
