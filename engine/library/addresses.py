"""Which addresses a request may go to: an allow-list of hosts, and no way around it. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

PORTS = {"http": 80, "https": 443}
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?(?P<path>/[!-\[\]-~]*)?",
    re.ASCII,
)
_ENTRY = re.compile(
    r"(?P<host>[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?",
    re.ASCII,
)
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes, read once."""

    scheme: str
    host: str
    """As written, in lower case; an IPv6 address without its brackets."""
    port: int
    path: str
    """Path and query."""

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Allowed:
    """One entry of the allow-list; without a port it means 80 for http and 443 for https."""

    host: str
    port: int | None


def read_allowed(entries: Iterable[str]) -> tuple[Allowed, ...]:
    """The allow-list. Raises ValueError naming the entry that is not host or host:port."""
    found = []
    for entry in entries:
        match = _ENTRY.fullmatch(entry.lower())
        if match is None or int(match["port"] or 1) > 65535:
            raise ValueError(
                f"{entry!r:.80}: write host or host:port, such as api.example.org:8443"
            )
        port = match["port"]
        found.append(Allowed(match["host"].strip("[]"), int(port) if port else None))
    return tuple(found)


def read_target(url: str, allowed: tuple[Allowed, ...]) -> Target:
    """Where a URL leads. Raises ValueError unless the allow-list has its host and port."""
    if not allowed:
        raise ValueError(
            "requests are switched off: the operator names the hosts in TREADLE_HTTP_HOSTS"
        )
    head, mark, _ = url.partition("#")
    scheme, dots, rest = head.partition("://")
    host, slash, path = rest.partition("/")
    match = _URL.fullmatch(f"{scheme.lower()}{dots}{host.lower()}{slash}{path}")
    if mark or match is None or int(match["port"] or 1) > 65535:
        raise ValueError(
            "write a plain address such as https://api.example.org/path?x=1: http or https, "
            "no user, no #, other characters percent-encoded, other alphabets as xn--…"
        )
    scheme, name = match["scheme"], match["host"].strip("[]")
    port = int(match["port"] or PORTS[scheme])
    if not any(e.host == name and port == (e.port or PORTS[scheme]) for e in allowed):
        raise ValueError(f"{name}:{port} is not one of TREADLE_HTTP_HOSTS: ask the operator")
    return Target(scheme, name, port, f"{slash}{path}" or "/")


def checked(target: Target, found: Iterable[str]) -> list[str]:
    """The addresses of a host, if all of them are public ones. Raises ValueError otherwise.

    An allow-list entry that is itself an address is taken at its word: that is how an operator
    lets workflows call a service on this machine.
    """
    addresses = list(found)
    if not addresses:
        raise ValueError(f"{target.host} has no address")
    for text in addresses:
        if text != target.host and not is_public(ipaddress.ip_address(text.partition("%")[0])):
            raise ValueError(f"{target.host} leads to {text}, which is not a public address")
    return list(dict.fromkeys(addresses))


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet, and so do those embedded in it."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64 or address in _COMPATIBLE:
            return False
        inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if any(item is not None for item in inner):
            return False
    return address.is_global and not address.is_multicast


_NAT64 = ipaddress.IPv6Network("64:ff9b::/32")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
