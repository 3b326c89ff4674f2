"""How an event is written in the database, once for both doors to it.

The ORM reads and writes `RunEvent` rows; the engine's thread writes the same rows with raw SQL.
Everything they must agree on is here: column order, timestamps, JSON text. A parity test compares
them on both databases.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

EventRow = tuple[int, int, str, object, str | None, int | None, int | None, str]
"""run_id, seq, kind, at, node, activation, attempt, data: the columns in order."""

INSERT_EVENT = (
    "INSERT INTO studio_runevent (run_id, seq, kind, at, node, activation, attempt, data)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
)
SELECT_EVENTS = (
    "SELECT seq, at, kind, node, activation, attempt, data FROM studio_runevent"
    " WHERE run_id = %s AND seq > %s ORDER BY seq"
)
SELECT_HEAD = "SELECT COALESCE(MAX(seq), 0) FROM studio_runevent WHERE run_id = %s"

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder()

REPLACEMENT = "\ufffd"


def now() -> datetime:
    """This moment, cut to milliseconds: what an event's `ts` can hold."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def encode(value: object) -> str:
    """Compact JSON text. Raises UnicodeEncodeError for lone surrogates: `clean` replaces them."""
    return _encoder.encode(value).decode("utf-8")


def decode(text: str | bytes) -> Any:
    return _decoder.decode(text)


def timestamp(moment: datetime) -> str:
    """`2026-11-23T10:00:00.123Z`, as events carry it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:23] + "Z"


def moment(ts: str) -> datetime:
    return datetime.fromisoformat(ts[:-1] + "+00:00" if ts.endswith("Z") else ts)


def column(vendor: str, ts: str) -> object:
    """An event's `ts` as the raw driver of this database wants it in the column."""
    if vendor == "postgresql":
        return moment(ts)
    # Django's SQLite text: naive UTC, microseconds only where there are any.
    text = f"{ts[:10]} {ts[11:19]}"
    return text if ts[20:23] == "000" else f"{text}.{ts[20:23]}000"


def column_of(vendor: str, at: datetime) -> object:
    """A moment as the raw driver of this database wants it in a column."""
    return column(vendor, timestamp(at))


def from_column(at: object) -> str:
    """The `ts` of an event from what a raw driver or the ORM read in the column `at`."""
    if isinstance(at, datetime):
        return timestamp(at)
    text = str(at)
    return f"{text[:10]}T{text[11:19]}.{text[20:23] or '000'}Z"


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


def _json(value: object) -> str:
    return "null" if value is None else encode(value)


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
