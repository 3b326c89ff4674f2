"""Which handshakes come from this studio's own pages.

A browser sends its cookies with any page's handshake, so a socket is opened only for a page of
ours: scheme, host and port must equal a configured public origin. A program sends no Origin; it is
let in when it brings a bearer token and no cookie. The Host is checked too, because Django's
middleware does not run here.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from studio.http.body import Scope

_DEFAULT_PORTS = {"http": 80, "https": 443}
# (scheme, host, port) of an origin.
Place = tuple[str, str, int]


def header(scope: Scope, wanted: bytes) -> str | None:
    """One header of the handshake; None when it is not there."""
    for name, value in scope["headers"]:
        if name == wanted:
            text: str = value.decode("latin1")
            return text
    return None


def may_shake_hands(scope: Scope) -> bool:
    """Whether this handshake may go on at all. Who it is, is asked afterwards."""
    if not is_own_host(header(scope, b"host") or ""):
        return False
    origin = header(scope, b"origin")
    if origin is None or origin == "null":
        return header(scope, b"cookie") is None
    return place_of(origin) in own_places()


def is_own_host(host: str) -> bool:
    domain, _port = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def own_places() -> set[Place]:
    """The public origins, or http on every allowed host and our port when none is configured."""
    origins = settings.PUBLIC_ORIGINS or _origins_of(settings.ALLOWED_HOSTS)
    return {place for place in map(place_of, origins) if place is not None}


def _origins_of(hosts: Iterable[str]) -> list[str]:
    return [f"http://{host}:{settings.PORT}" for host in hosts if not host.startswith((".", "*"))]


def place_of(origin: str) -> Place | None:
    """An origin with its port spelled out; None for what is no http origin."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or parts.path.strip("/"):
        return None
    return parts.scheme, parts.hostname.lower(), port or _DEFAULT_PORTS[parts.scheme]
