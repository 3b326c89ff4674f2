"""Signatures of webhooks: made, and checked in constant time. Pure.

Scheme `treadle`: the header `Treadle-Signature: t=SECONDS,v1=HEX`, where HEX is the HMAC-SHA256 of
`SECONDS.BODY` under the secret. Several `v1` may be given; one that is right is enough. SECONDS
(since 1970) lies within five minutes of our clock.

Scheme `github`: the header `X-Hub-Signature-256: sha256=HEX`, the HMAC-SHA256 of the body alone.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from enum import StrEnum

WINDOW_S = 300
MAX_HEADER = 1000
_MAX_TRIES = 8
"""Signatures looked at in one header."""


class Scheme(StrEnum):
    """How a sender signs."""

    TREADLE = "treadle"
    """Time and body, under `Treadle-Signature`."""
    GITHUB = "github"
    """The body alone, under `X-Hub-Signature-256`."""


SIGNATURE_HEADERS = {Scheme.TREADLE: "treadle-signature", Scheme.GITHUB: "x-hub-signature-256"}
DELIVERY_HEADERS = {Scheme.TREADLE: "treadle-delivery", Scheme.GITHUB: "x-github-delivery"}


class SignatureRefused(Exception):
    """The message is for the owner of the webhook, never for who sent the request."""


def signed_header(secret: str, time_s: int, body: bytes) -> str:
    """The value of `Treadle-Signature`."""
    return f"t={time_s},v1={_hmac(secret, b'%d.%b' % (time_s, body))}"


def check(
    scheme: Scheme, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: float
) -> str:
    """The signature (hex) that is right under one of the secrets. Raises SignatureRefused.

    Header names are in lower case.
    """
    header = headers.get(SIGNATURE_HEADERS[scheme], "")
    if not header:
        raise SignatureRefused(f"The header {SIGNATURE_HEADERS[scheme]} is missing.")
    if len(header) > MAX_HEADER:
        raise SignatureRefused("The signature header is too long.")
    if scheme is Scheme.GITHUB:
        form, _, given = header.partition("=")
        return _matching([given] if form == "sha256" else [], body, secrets)
    time_text, given_ones = _parts(header)
    found = _matching(given_ones, time_text.encode() + b"." + body, secrets)
    # Only who knows the secret learns anything about our clock.
    if abs(now - int(time_text)) > WINDOW_S:
        raise SignatureRefused("It was signed more than five minutes ago, or ahead of time.")
    return found


def _parts(header: str) -> tuple[str, list[str]]:
    """Time and signatures of `t=…,v1=…`."""
    members = [member.strip().partition("=") for member in header.split(",")]
    times = [value for name, _, value in members if name == "t"]
    if len(times) != 1 or not (times[0].isascii() and times[0].isdigit() and len(times[0]) <= 12):
        raise SignatureRefused("The signature header has no time: t=SECONDS,v1=HEX.")
    return times[0], [value for name, _, value in members if name == "v1"]


def _matching(given: Sequence[str], message: bytes, secrets: Sequence[str]) -> str:
    right = [_hmac(secret, message) for secret in secrets]
    # All are compared, whatever comes out: the time tells nothing.
    found = [
        mine
        for one in given[:_MAX_TRIES]
        for mine in right
        if hmac.compare_digest(mine.encode(), one.lower().encode("utf-8", "replace"))
    ]
    if not found:
        raise SignatureRefused("The signature is wrong: another secret, or another body.")
    return found[0]


def _hmac(secret: str, message: bytes) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
