"""Which handshakes a socket takes: pages of this studio, and programs that bring a token."""

from typing import Any

import pytest
from django.test import override_settings

from studio.consumers.origin import may_shake_hands, place_of


def handshake(host: str, origin: str | None = None, *, cookie: bool = True) -> dict[str, Any]:
    headers = [(b"host", host.encode())]
    if origin is not None:
        headers.append((b"origin", origin.encode()))
    if cookie:
        headers.append((b"cookie", b"treadle_session=abc"))
    return {"type": "websocket", "path": "/ws/run/x", "headers": headers}


@pytest.mark.parametrize(
    ("origin", "is_ours"),
    [
        ("http://localhost:8000", True),
        ("http://127.0.0.1:8000", True),
        ("HTTP://LOCALHOST:8000", True),
        ("http://[::1]:8000", True),
        ("http://evil.example", False),
        ("http://localhost:8001", False),
        ("http://localhost", False),
        ("https://localhost:8000", False),
        ("http://sub.localhost:8000", False),
        ("http://localhost.evil.example:8000", False),
        ("http://localhost:8000@evil.example", False),
        ("http://localhost:99999", False),
        ("file://", False),
        ("null", False),
        ("", False),
        (None, False),
    ],
)
@override_settings(PORT=8000, PUBLIC_ORIGINS=[], ALLOWED_HOSTS=["localhost", "127.0.0.1", "[::1]"])
def test_sec_cswsh_origin_matrix(origin: str | None, is_ours: bool) -> None:
    """With a cookie, the Origin must be this studio's: scheme, host and port."""
    assert may_shake_hands(handshake("localhost:8000", origin)) is is_ours


@pytest.mark.parametrize(
    ("origin", "is_ours"),
    [
        ("https://treadle.example.org", True),
        ("https://treadle.example.org:443", True),
        ("http://treadle.example.org", False),
        ("https://treadle.example.org:8443", False),
        ("https://x.treadle.example.org", False),
        ("http://localhost:8000", False),
    ],
)
@override_settings(
    PUBLIC_ORIGINS=["https://treadle.example.org"], ALLOWED_HOSTS=["treadle.example.org"]
)
def test_configured_public_origins_are_the_only_ones(origin: str, is_ours: bool) -> None:
    assert may_shake_hands(handshake("treadle.example.org", origin)) is is_ours


@pytest.mark.parametrize("origin", [None, "null"])
@override_settings(ALLOWED_HOSTS=["localhost"])
def test_programs_without_origin_and_cookie_may_go_on_to_show_a_token(origin: str | None) -> None:
    assert may_shake_hands(handshake("localhost:8000", origin, cookie=False))


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example:8000", "", "local host"])
@override_settings(PORT=8000, PUBLIC_ORIGINS=[], ALLOWED_HOSTS=["localhost"])
def test_sec_dns_rebinding_of_sockets(host: str) -> None:
    """A foreign Host is refused, whatever the Origin says."""
    assert not may_shake_hands(handshake(host, "http://localhost:8000"))
    assert not may_shake_hands(handshake(host, cookie=False))


@override_settings(ALLOWED_HOSTS=[".example.org"], PUBLIC_ORIGINS=[], PORT=8000)
def test_a_pattern_of_hosts_names_no_origin() -> None:
    assert not may_shake_hands(handshake("a.example.org", "http://a.example.org:8000"))


def test_places_spell_the_port_out() -> None:
    assert place_of("https://a.example") == ("https", "a.example", 443)
    assert place_of("http://a.example:80/") == ("http", "a.example", 80)
    assert place_of("ws://a.example") is None
    assert place_of("http://a.example/path") is None
