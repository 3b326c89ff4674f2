"""Keys of signals as text, so that the database can compare them."""

import hashlib
from typing import Any

from studio.journal import codec

LONGEST = 200


def key_text(key: Any) -> str:
    """One text for all JSON values that are the same; a hash in place of a long one."""
    text = codec.encode_clean(_plain(key))
    if len(text) <= LONGEST:
        return text
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    """The value with its keys in order and 1.0 written like 1."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _plain(value[name]) for name in sorted(value)}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
