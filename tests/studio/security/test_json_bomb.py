"""JSON that is meant to hurt is refused before it is parsed, within milliseconds."""

import time

import pytest

from studio.api import guard
from studio.api.guard import DOCUMENT, RUN_INPUT, JsonBroken, JsonRefused, Limits

MIB = 1024 * 1024


def refusal(body: bytes, limits: Limits = DOCUMENT) -> str:
    with pytest.raises(JsonRefused) as caught:
        guard.load(body, limits)
    return caught.value.code


def seconds_for(body: bytes) -> float:
    # The processor's time: other processes do not stretch it.
    started = time.process_time()
    with pytest.raises((JsonRefused, JsonBroken)):
        guard.load(body)
    return time.process_time() - started


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 1_000_000,
        b'{"a":' * 300_000,
        b"[" * 999_999 + b"]" * 999_999,
        b'[{"a":' * 150_000,
        b"[" * 70 + b'"' + b'\\"' * 900_000,
        b"[[" * 40 + b'"' * 1_000_000,
    ],
    ids=["lists", "objects", "closed", "mixed", "escapes", "quotes"],
)
def test_sec_json_depth_bomb(body: bytes) -> None:
    """A million levels: an error in less than 50 ms."""
    assert min(seconds_for(body) for _ in range(3)) < 0.05


@pytest.mark.parametrize(
    "body",
    [b'"' + b'\\"' * 900_000, b"1" * 1_000_000, b"[" + b'"\\u0041",' * 180_000, b"{" * 64],
    ids=["escapes", "digits", "strings", "open"],
)
def test_sec_json_size_bomb(body: bytes) -> None:
    """As much as a body may hold of what is slow to read: the time stays linear."""
    assert min(seconds_for(body) for _ in range(3)) < 0.3


def test_depth_is_counted_outside_of_strings() -> None:
    assert guard.load(b'["' + b"[" * 1000 + b'"]') == ["[" * 1000]
    assert guard.load(b'["\\"' + b"[" * 1000 + b'"]') == ['"' + "[" * 1000]
    assert refusal(b"[" * 65 + b"]" * 65) == "E_JSON_DEPTH"
    assert guard.load(b"[" * 64 + b"]" * 64)


def test_wide_but_flat_text_is_no_bomb() -> None:
    assert len(guard.load(b"[" + b"[]," * 10_000 + b"1]")) == 10_001


def test_keys_are_counted_outside_of_strings() -> None:
    members = b",".join(b'"k%d":1' % number for number in range(10_001))

    assert refusal(b"{" + members + b"}") == "E_JSON_KEYS"
    assert len(guard.load(b"{" + members + b"}", RUN_INPUT)) == 10_001
    assert guard.load(b'{"a":"' + b":" * 20_000 + b'"}')["a"] == ":" * 20_000


def test_long_strings_are_refused() -> None:
    assert refusal(b'{"code":"' + b"a" * (MIB + 1) + b'"}') == "E_JSON_STRING"
    assert len(guard.load(b'"' + b"a" * MIB + b'"')) == MIB


@pytest.mark.parametrize("text", [b"NaN", b"[Infinity]", b'{"a":-Infinity}', b"1e999", b"-1e999"])
def test_numbers_that_json_cannot_say_are_refused(text: bytes) -> None:
    assert refusal(text) == "E_JSON_NUMBER"


def test_integers_of_thousands_of_digits_are_refused() -> None:
    assert refusal(b"1" * 5000) == "E_JSON_NUMBER"


@pytest.mark.parametrize("key", ["__proto__", "constructor", "prototype", "__pr\\u006fto__"])
def test_sec_poisoned_keys(key: str) -> None:
    """Keys that reach a browser's prototypes are refused in documents at any depth."""
    body = f'{{"nodes":{{"a":[{{"{key}":1}}]}}}}'.encode()

    assert refusal(body) == "E_JSON_KEY"
    assert guard.load(body, RUN_INPUT)


def test_a_key_that_is_there_twice_is_refused() -> None:
    assert refusal(b'{"a":1,"b":2,"a":3}') == "E_JSON_KEY"
    assert refusal(b'{"a":1,"\\u0061":3}', RUN_INPUT) == "E_JSON_KEY"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b" ",
        b"{",
        b'{"a"}',
        b"[1,]",
        b'"open',
        b'"\\',
        b"\xff",
        b"\xef\xbb\xbf{}",
        b"{}x",
        b"'a'",
    ],
)
def test_text_that_is_not_json_says_where(text: bytes) -> None:
    with pytest.raises(JsonBroken) as caught:
        guard.load(text)

    assert "line" in str(caught.value) or "byte" in str(caught.value)
