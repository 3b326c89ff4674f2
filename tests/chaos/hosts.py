"""Hosts of one's own on this machine: network namespaces on a bridge, each with a name and a wire.

Needs root and the right to make network namespaces (`why_not` says what is missing).
"""

import contextlib
import os
import secrets
import shutil
import subprocess


def why_not() -> str:
    """Why hosts cannot be made here; empty if they can."""
    if os.getuid() != 0:
        return "only root makes network namespaces"
    if shutil.which("ip") is None:
        return "the program ip is absent: apt-get install -y iproute2"
    if subprocess.run(["unshare", "--net", "--uts", "true"], capture_output=True).returncode:
        return "this machine permits no network namespaces"
    return ""


class Network:
    """A bridge with an address, to which hosts are wired."""

    def __init__(self) -> None:
        # Names of interfaces have 15 characters at most.
        self._tag = secrets.token_hex(2)
        self._bridge = f"tdl{self._tag}b"
        number = secrets.randbelow(200) + 20
        self.net = f"10.{number}.77"
        self.address = f"{self.net}.1"
        """Where this machine is for the hosts."""
        self._hosts: list[Host] = []
        _ip("link", "add", self._bridge, "type", "bridge")
        _ip("addr", "add", f"{self.address}/24", "dev", self._bridge)
        _ip("link", "set", self._bridge, "up")

    def host(self) -> "Host":
        """One more host."""
        made = Host(self._tag, len(self._hosts) + 2, self.net, self._bridge)
        self._hosts.append(made)
        return made

    def close(self) -> None:
        for host in self._hosts:
            host.close()
        with contextlib.suppress(subprocess.CalledProcessError):
            _ip("link", "del", self._bridge)


class Host:
    """A host name, an address and a wire that can be cut."""

    def __init__(self, tag: str, number: int, net: str, bridge: str) -> None:
        self.name = f"tdl{tag}h{number}"
        self._wire = f"tdl{tag}w{number}"
        inside = f"tdl{tag}i{number}"
        _ip("netns", "add", self.name)
        _ip("link", "add", self._wire, "type", "veth", "peer", "name", inside)
        _ip("link", "set", inside, "netns", self.name)
        _ip("link", "set", self._wire, "master", bridge, "up")
        for command in (
            ["addr", "add", f"{net}.{number}/24", "dev", inside],
            ["link", "set", inside, "up"],
            ["link", "set", "lo", "up"],
        ):
            _ip("-n", self.name, *command)

    def prefix(self) -> list[str]:
        """What a command line begins with to run here, under this host's name."""
        set_name = f'hostname {self.name} && exec "$@"'
        inside = ["ip", "netns", "exec", self.name, "unshare", "--uts"]
        return [*inside, "sh", "-c", set_name, "sh"]

    def cut(self) -> None:
        """Nothing comes or goes any more, and nobody is told."""
        _ip("link", "set", self._wire, "down")

    def mend(self) -> None:
        """The wire carries again."""
        _ip("link", "set", self._wire, "up")

    def close(self) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):
            _ip("netns", "del", self.name)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
