"""The lock files: which there are, and what stands in one.

A lock names every package that is installed, at one version, with the hash of each of its files:
for every Python from 3.11 on and every platform, told apart by markers. pip and uv both refuse what
is not in it.
"""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("requirements", "requirements-scale", "requirements-dev", "requirements-supply")
"""Each is written by hand as NAME.in and locked as NAME.txt."""
OLDEST_PYTHON = "3.11"

_ENTRY = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9.-]*)==(?P<version>[0-9][0-9A-Za-z.+!-]*)(?: ; (?P<marker>[^\\]+?))?"
    r"(?P<hashes>(?: \\\n    --hash=sha256:[0-9a-f]{64})*)(?:\n|\Z)"
)


class NotALock(ValueError):
    """A line that is no package with a version. The message names it."""


@dataclass(frozen=True, slots=True)
class Locked:
    """One package of a lock. `marker`: where it is installed; empty: everywhere."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]


def source(name: str) -> Path:
    return ROOT / f"{name}.in"


def lock(name: str) -> Path:
    return ROOT / f"{name}.txt"


def read(text: str) -> list[Locked]:
    """The packages of a lock file. Raises NotALock for anything else in it than comments."""
    body = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))
    found, at = [], 0
    while at < len(body):
        entry = _ENTRY.match(body, at)
        if entry is None:
            raise NotALock(f"no package with a version: {body[at:].splitlines()[0]!r}")
        hashes = tuple(re.findall(r"sha256:([0-9a-f]{64})", entry["hashes"]))
        found.append(Locked(entry["name"], entry["version"], entry["marker"] or "", hashes))
        at = entry.end()
    return found
