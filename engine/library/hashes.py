"""Checksums of texts, and signatures with a shared key."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import Any, Literal

from engine.driving.context import ToolContext
from engine.linting.secret_names import SecretName

Algorithm = Literal["sha256", "sha512", "sha1", "md5"]
_KNOWN = ("sha256", "sha512", "sha1", "md5")


def digest(text: str, algorithm: Algorithm = "sha256") -> dict[str, str]:
    """Compute the checksum of a text (as UTF-8), in hex. Returns {"digest": ...}.

    md5 and sha1 are for old systems that ask for them: anybody can make two texts that share one.
    """
    return {
        "digest": hashlib.new(_known(algorithm), _bytes(text), usedforsecurity=False).hexdigest()
    }


def sign(
    text: str,
    key: str = "",
    algorithm: Algorithm = "sha256",
    secret: SecretName = "",
    *,
    ctx: ToolContext,
) -> dict[str, str]:
    """Sign a text with a shared key: its HMAC, in hex. Returns {"signature": ...}.

    `secret` names the key; a `key` given itself is seen by whoever may see the run.
    """
    return {"signature": _hmac(text, _key(ctx, key, secret), algorithm)}


def verify(
    text: str,
    key: str = "",
    signature: str = "",
    algorithm: Algorithm = "sha256",
    secret: SecretName = "",
    *,
    ctx: ToolContext,
) -> dict[str, bool]:
    """Check an HMAC in hex; every wrong one takes equally long. Returns {"valid": ...}."""
    given = _bytes(signature.strip().lower())
    made = _hmac(text, _key(ctx, key, secret), algorithm)
    return {"valid": hmac.compare_digest(_bytes(made), given)}


def _key(ctx: ToolContext, key: str, secret: str) -> str:
    if key and secret:
        raise ValueError("give either a key or the name of a secret")
    return ctx.secret(secret) if secret else key


def _hmac(text: str, key: str, algorithm: str) -> str:
    if not key:
        raise ValueError("key must not be empty: a signature without one proves nothing")
    return hmac.new(_bytes(key), _bytes(text), _known(algorithm)).hexdigest()


def _known(algorithm: str) -> str:
    if algorithm not in _KNOWN:
        raise ValueError(f"algorithm is one of {', '.join(_KNOWN)}, not {algorithm!r:.40}")
    return algorithm


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


TOOLS: dict[str, Callable[..., Any]] = {
    "hash.digest": digest,
    "hash.sign": sign,
    "hash.verify": verify,
}
