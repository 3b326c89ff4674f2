"""Hiding secrets: what a tool brings or says passes here before it becomes an event or state.

`KNOWN` holds every secret that a tool of this process was given. It is empty in a process that has
used none, and then nothing here costs more than a look at it.
"""

import base64
import html
import json
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus

from engine.values.jsonvalue import Json

MIN_LENGTH = 6
"""Characters of a secret; a shorter one would be found everywhere."""
MIN_LINE = 16
"""Characters of a line of a long secret, such as a private key, that is hidden by itself."""
HIDDEN = "[hidden]"


class Redactor:
    """Known secrets, in every form in which they are likely to be written. Safe in any thread."""

    def __init__(self) -> None:
        self._masks: tuple[tuple[str, str], ...] = ()
        self._numbers: dict[str, str] = {}
        self._learned: set[tuple[str, str]] = set()
        self._lock = threading.Lock()
        self.hide: Callable[[Json], Json] | None = None
        """`value` once a secret is known; None before, so that looking costs next to nothing."""

    def __bool__(self) -> bool:
        """Whether any secret is known."""
        return bool(self._masks)

    def learn(self, name: str, value: str) -> None:
        """Hide this value from now on, as `[secret name]`."""
        if (name, value) in self._learned or len(value) < MIN_LENGTH:
            return
        mask = f"[secret {name}]"
        with self._lock:
            self._learned.add((name, value))
            masks = {**dict.fromkeys(forms(value), mask), **dict(self._masks)}
            # A form may hold a shorter one: the longest goes first.
            self._masks = tuple(sorted(masks.items(), key=lambda item: -len(item[0])))
            self.hide = self.value
            if value.isdigit():
                self._numbers[value] = mask

    def text(self, text: str) -> str:
        """The text with every known secret replaced."""
        for form, mask in self._masks:
            if form in text:
                text = text.replace(form, mask)
        return text

    def value(self, value: Json) -> Json:
        """The JSON value with every known secret replaced, in keys too."""
        if not self._masks:
            return value
        return self._walk(value)

    def _walk(self, value: Json) -> Json:
        kind = type(value)
        if kind is str:
            return self.text(value)
        if kind is dict:
            return {self.text(key): self._walk(item) for key, item in value.items()}
        if kind is list:
            return [self._walk(item) for item in value]
        if kind is int and self._numbers:
            return self._numbers.get(str(value), value)
        return value


KNOWN = Redactor()
"""The secrets of this process."""


def forms(secret: str) -> set[str]:
    """The secret as it is, quoted for URLs, JSON, HTML and Python, in hex and in base64."""
    found = set(_written(secret))
    lines = [line.strip() for line in secret.splitlines()]
    if len(lines) > 1:
        for line in lines:
            if len(line) >= MIN_LINE and not line.startswith("-----"):
                found.update(_written(line))
    return {form for form in found if len(form) >= MIN_LENGTH}


def _written(secret: str) -> Iterator[str]:
    raw = secret.encode("utf-8", "surrogatepass")
    quoted = {quote(raw), quote(raw, safe=""), quote_plus(raw), quote_plus(raw, safe="/:@")}
    yield from (secret, secret.strip(), repr(secret)[1:-1], html.escape(secret))
    once = _in_json(secret)
    yield from once
    for text in once:  # JSON inside of JSON
        yield from _in_json(text)
    yield from quoted
    yield from map(_lower_escapes, quoted)
    yield from (raw.hex(), raw.hex().upper())
    yield from _in_base64(raw)


def _in_json(text: str) -> tuple[str, str]:
    return json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]


def _lower_escapes(quoted: str) -> str:
    return re.sub(r"%[0-9A-F]{2}", lambda escape: escape.group().lower(), quoted)


def _in_base64(raw: bytes) -> Iterator[str]:
    """What is left of the bytes in base64, wherever in a longer text they begin."""
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + raw).decode("ascii")
        first = (0, 2, 3)[before]
        last = (before + len(raw)) * 8 // 6
        kept = whole[first:last]
        yield kept
        yield kept.replace("+", "-").replace("/", "_")


# By name ------------------------------------------------------------------------------------------

_WORDS = ("passw", "secret", "token", "api", "authori", "cookie", "credential", "://")
_NAMED = re.compile(
    r"""(?ix) (
        (?: passw(?:or)?d | secret | token | api[_-]?key | authorization | cookie | credentials? )
        (?: [_-]?(?:key|value|header) )?
        ["']? \s{0,3} [:=] \s{0,3} ["']?
        (?: (?:bearer|basic|token|negotiate) \s+ )?
    ) (?! \[(?:secret\s|hidden\]) ) [^\s"',;&)}\]]+"""
)
_LOGIN = re.compile(r"(://[^/\s:@]{1,100}:)[^@/\s]{1,200}(?=@)")


def named(text: str) -> str:
    """The text with what stands behind words such as `password=` or `Authorization:` hidden."""
    lowered = text.lower()
    if not any(word in lowered for word in _WORDS):
        return text
    text = _NAMED.sub(rf"\1{HIDDEN}", text)
    return _LOGIN.sub(rf"\1{HIDDEN}", text)


def line(text: str) -> str:
    """A line for people (a log line, a message) without known secrets and without named ones."""
    return named(KNOWN.text(text))


def trace(text: str) -> str:
    """A traceback without known secrets; its lines of source stay as they are."""
    return "\n".join(
        part if part.startswith("    ") else named(part) for part in KNOWN.text(text).split("\n")
    )


def details(data: dict[str, Any]) -> dict[str, Any]:
    """What an error says of itself, without known secrets."""
    return KNOWN.value(data) if KNOWN else data
