"""What packages need in turn, as the metadata of those installed here says."""

from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def written(source: Path) -> list[Requirement]:
    """The requirements of a file, and of those that it begins with `-r`."""
    found: list[Requirement] = []
    for line in source.read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            found += written(source.with_name(line.removeprefix("-r ")))
        elif line and not line.startswith("#"):
            found.append(Requirement(line))
    return found


def closure(
    wanted: Iterable[Requirement], environment: Mapping[str, str]
) -> tuple[dict[str, set[str]], set[str]]:
    """(what each package needs by name, those that are not installed here) in this environment.

    `environment` replaces markers such as `sys_platform`; the rest is as on this machine.
    """
    edges: dict[str, set[str]] = {}
    missing: set[str] = set()
    todo = [each for each in wanted if _counts(each, environment, "")]
    done: set[tuple[str, str]] = set()
    while todo:
        requirement = todo.pop()
        name = canonicalize_name(requirement.name)
        edges.setdefault(name, set())
        for extra in ("", *requirement.extras):
            if (name, extra) in done:
                continue
            done.add((name, extra))
            try:
                lines = distribution(name).requires or []
            except PackageNotFoundError:
                missing.add(name)
                continue
            needed = [each for each in map(Requirement, lines) if _counts(each, environment, extra)]
            edges[name] |= {canonicalize_name(each.name) for each in needed}
            todo += needed
    return edges, missing


def _counts(requirement: Requirement, environment: Mapping[str, str], extra: str) -> bool:
    marker = requirement.marker
    return marker is None or marker.evaluate({**environment, "extra": extra})


def version(name: str) -> str:
    return distribution(name).version
