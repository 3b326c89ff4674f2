"""What is installed is what was chosen: exact versions, and a hash for every file of them."""

import json
import re
import tomllib
from typing import Any

import pytest
from packaging.markers import Marker
from packaging.utils import canonicalize_name

from tests.supply import audit, locks, needs, sbom
from tests.supply.locks import Locked, NotALock

ROOT = locks.ROOT
PINNED = re.compile(r"[A-Za-z0-9_.-]+(\[[a-z,-]+\])?==[0-9][0-9A-Za-z.+!-]*(; .+)?")
EXACT = re.compile(r"\d+\.\d+\.\d+(-[0-9a-z.-]+)?")
# Where people install it. The machine's architecture decides about no package of ours.
ENVIRONMENTS = [
    {
        "python_version": python,
        "python_full_version": f"{python}.9",
        "sys_platform": platform,
        "platform_system": system,
        "os_name": "nt" if platform == "win32" else "posix",
    }
    for python in ("3.11", "3.12", "3.13", "3.14")
    for platform, system in (("linux", "Linux"), ("darwin", "Darwin"), ("win32", "Windows"))
]


def locked(name: str) -> list[Locked]:
    return locks.read(locks.lock(name).read_text(encoding="utf-8"))


def in_force(lock: list[Locked], environment: dict[str, str]) -> dict[str, str]:
    """Versions by name, as an installer of that environment takes them from the lock."""
    chosen = [each for each in lock if not each.marker or Marker(each.marker).evaluate(environment)]
    found = {each.name: each.version for each in chosen}
    assert len(found) == len(chosen), "a package with two versions at once"
    return found


@pytest.mark.parametrize("name", locks.NAMES)
def test_sec_dependencies_are_pinned(name: str) -> None:
    lines = locks.source(name).read_text(encoding="utf-8").splitlines()
    wanted = [line for line in lines if line and not line.startswith(("#", "-r "))]

    assert len(wanted) > 1
    assert [line for line in wanted if not PINNED.fullmatch(line)] == []


@pytest.mark.parametrize("name", locks.NAMES)
def test_sec_dependencies_have_hashes(name: str) -> None:
    """Every package of every lock, and nothing else stands there, least of all an address."""
    lock = locked(name)

    assert len(lock) > 20
    assert [each.name for each in lock if not each.hashes] == []
    assert "://" not in locks.lock(name).read_text(encoding="utf-8")


def test_a_lock_with_a_line_of_another_kind_is_none() -> None:
    good = f"one==1.0 ; sys_platform != 'win32' \\\n    --hash=sha256:{'a' * 64}\ntwo==2.0\n"

    assert [each.hashes for each in locks.read(good)] == [("a" * 64,), ()]
    for bad in ("one>=1.0\n", "-r other.txt\n", "--index-url x\n", "one @ file:one.whl\n"):
        with pytest.raises(NotALock):
            locks.read(good + bad)


@pytest.mark.parametrize("name", locks.NAMES)
@pytest.mark.parametrize(
    "environment", ENVIRONMENTS, ids=lambda each: f"{each['python_version']}-{each['sys_platform']}"
)
def test_sec_dependencies_are_locked_whole(name: str, environment: dict[str, str]) -> None:
    """What was written and all that it needs in turn, on every Python and platform."""
    chosen = in_force(locked(name), environment)
    wanted = needs.written(locks.source(name))

    for requirement in wanted:
        if requirement.marker is None or requirement.marker.evaluate(environment):
            version = chosen[canonicalize_name(requirement.name)]
            assert version in requirement.specifier, requirement
    edges, _missing = needs.closure(wanted, environment)
    assert sorted(set(edges) - set(chosen)) == []


def test_the_tests_run_with_the_versions_of_the_runtime() -> None:
    runtime, tests = locked("requirements"), locked("requirements-dev")

    assert {(each.name, each.version, each.hashes) for each in runtime} <= {
        (each.name, each.version, each.hashes) for each in tests
    }


def test_what_is_installed_here_is_what_is_locked() -> None:
    chosen = in_force(locked("requirements-dev"), {})
    edges, missing = needs.closure(needs.written(locks.source("requirements-dev")), {})

    assert missing == set()
    assert {name: needs.version(name) for name in edges} == {name: chosen[name] for name in edges}


def test_the_package_and_the_lock_ask_for_the_same() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    dynamic = project["tool"]["setuptools"]["dynamic"]

    assert dynamic["dependencies"] == {"file": ["requirements.in"]}
    assert "--require-hashes" in (ROOT / "manage.py").read_text(encoding="utf-8")


def test_sec_dependencies_bill_of_materials() -> None:
    """It names everything that the lock installs here, and says what needs what."""
    bill = sbom.bill()
    names = {each["name"]: each["version"] for each in bill["components"]}
    refs = {each["bom-ref"] for each in bill["components"]} | {sbom.ROOT_REF}
    below = {each["ref"]: each["dependsOn"] for each in bill["dependencies"]}

    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert names == in_force(locked("requirements"), {})
    assert set(below) == refs
    assert {ref for each in below.values() for ref in each} == refs - {sbom.ROOT_REF}
    assert sbom.text() == sbom.text()
    assert json.loads(sbom.text()) == bill


def test_an_audit_that_asked_nobody_says_so() -> None:
    clean = {"name": "one", "version": "1.0", "vulns": []}
    hole = {"id": "PYSEC-1", "fix_versions": ["1.1"]}
    skipped = {"name": "one", "skip_reason": "could not be audited"}

    def verdict(*packages: dict[str, Any]) -> tuple[str, int]:
        return audit.verdict("lock.txt", json.dumps({"dependencies": packages}), "")

    assert verdict(clean) == ("lock.txt: no known hole in 1 packages", 0)
    said, code = verdict(clean, {**clean, "vulns": [hole]})
    assert code == audit.FOUND
    assert "one 1.0: PYSEC-1 (mended in 1.1)" in said
    for said, code in (
        verdict(skipped, clean),
        audit.verdict("lock.txt", "", "Traceback\nConnectionError: no route"),
    ):
        assert code == audit.UNREACHABLE
        assert "NOT AUDITED" in said


def test_sec_dependencies_of_the_browser_have_hashes() -> None:
    sources = ROOT / "static" / "src"
    asked: dict[str, Any] = json.loads((sources / "package.json").read_text(encoding="utf-8"))
    lock: dict[str, Any] = json.loads((sources / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: item for name, item in lock["packages"].items() if name}

    versions = {**asked["dependencies"], **asked["devDependencies"]}
    assert [name for name, version in versions.items() if not EXACT.fullmatch(version)] == []
    assert {name: packages[f"node_modules/{name}"]["version"] for name in versions} == versions
    hashes = [item.get("integrity", "") for item in packages.values()]
    assert all(text.startswith("sha512-") for text in hashes)
    assert [name for name, item in packages.items() if item.get("hasInstallScript")] == []
