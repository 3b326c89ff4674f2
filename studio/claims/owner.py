"""Who holds a lease: a name that tells whether its process still lives on this host."""

import os
import secrets
import socket
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

# Linux only; elsewhere the parts are empty and a lease has to run out before it is taken over.
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_PID_NAMESPACE = Path("/proc/self/ns/pid")


@dataclass(frozen=True, slots=True)
class Owner:
    """One engine of one process. `str()` of it is the column `Run.lease_owner`."""

    host: str
    """Host name, at most 40 characters."""
    boot: str
    """First 8 characters of the kernel's boot id: a reboot ends every process of before."""
    namespace: str
    """The pid namespace: containers may share a host name, their pids mean different things."""
    pid: int
    started: str
    """Start time of the process in clock ticks since boot: pids are used again."""
    nonce: str
    """Tells the engines of one process apart."""

    def __str__(self) -> str:
        return "/".join(
            (self.host, self.boot, self.namespace, str(self.pid), self.started, self.nonce)
        )


# The engines of this process that still run, by nonce.
_living: set[str] = set()


def new_owner() -> Owner:
    """An owner for a new engine of this process. Call `retire` when that engine has stopped."""
    host, boot, namespace = _here()
    pid = os.getpid()
    owner = Owner(host, boot, namespace, pid, _start_time(pid), secrets.token_hex(3))
    _living.add(owner.nonce)
    return owner


def retire(owner: Owner) -> None:
    """From now on leases of this owner may be taken over at once."""
    _living.discard(owner.nonce)


def is_gone(owner: str, myself: Owner) -> bool:
    """Whether the engine that this name stands for is certainly dead.

    False when it cannot be told from here: then its lease has to run out.
    """
    parts = owner.split("/")
    if len(parts) != 6 or not all(parts[:5]):
        return False
    host, boot, namespace, pid, started, nonce = parts
    if (host, namespace) != (myself.host, myself.namespace):
        return False
    if boot != myself.boot:
        return True
    if (int(pid), started) == (myself.pid, myself.started):
        return nonce not in _living
    return _start_time(int(pid)) != started


@lru_cache(maxsize=1)
def _here() -> tuple[str, str, str]:
    return socket.gethostname().replace("/", "-")[:40], _read(_BOOT_ID)[:8], _pid_namespace()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _pid_namespace() -> str:
    try:
        return "".join(filter(str.isdigit, os.readlink(_PID_NAMESPACE)))
    except OSError:
        return ""


def _start_time(pid: int) -> str:
    """Field 22 of /proc/<pid>/stat, or "" when there is no such process (a zombie is dead)."""
    stat = _read(Path(f"/proc/{pid}/stat"))
    # The command name, in parentheses, may hold spaces and parentheses itself.
    fields = stat.rpartition(")")[2].split()
    if len(fields) < 20 or fields[0] in {"Z", "X"}:
        return ""
    return fields[19]
