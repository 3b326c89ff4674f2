"""Content security policies: what a page may load, run and talk to.

Everything is refused and a few things of our own are allowed. A page that brings somebody else's
widget gets the least that it works with.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Directives = Mapping[str, str]

PAGE: Directives = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self' {nonce}",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "font-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
# The island writes no HTML; its workers get their address through one named policy.
ISLAND: Directives = {
    **PAGE,
    "require-trusted-types-for": "'script'",
    "trusted-types": "treadle",
}
# ReDoc makes style elements while it runs, and searches in a worker of its own.
REDOC: Directives = {
    **PAGE,
    "style-src": "'self' 'unsafe-inline'",
    "worker-src": "'self' blob:",
}

# Answers that are no page: nothing in them may ever run.
DATA = "default-src 'none'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class Policy:
    """Directives as one header value; `text(nonce)` fills the nonce in."""

    directives: Directives
    _template: str = field(init=False)

    def __post_init__(self) -> None:
        joined = "; ".join(f"{name} {value}" for name, value in self.directives.items())
        object.__setattr__(self, "_template", joined)

    def text(self, nonce: str | None) -> str:
        """Without a nonce, no style element of any page is allowed."""
        given = f"'nonce-{nonce}'" if nonce else ""
        return self._template.replace(" {nonce}", f" {given}" if given else "")
