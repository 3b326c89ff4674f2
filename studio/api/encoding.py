"""JSON out: fast for what JSON can say, honest about the rest."""

import json
import uuid
from datetime import datetime
from typing import Any

import msgspec

from studio.sentences import told


def encode(value: Any) -> bytes:
    """UTF-8 JSON of plain values; datetimes as ISO with milliseconds, UUIDs as text."""
    try:
        return _encoder.encode(value)
    except (OverflowError, UnicodeEncodeError):
        # Integers beyond 64 bits and lone surrogates: the standard library writes both.
        return json.dumps(value, ensure_ascii=True, default=_plain).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, uuid.UUID):
        return str(value)
    return told(value) if isinstance(value, str) else str(value)


def moment(value: datetime | None) -> str | None:
    """An instant as the journal writes it: 2026-11-23T10:00:00.123Z."""
    if value is None:
        return None
    return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"


# Sentences of the engine and translated messages are text once somebody looks at them.
_encoder = msgspec.json.Encoder(enc_hook=_plain)
