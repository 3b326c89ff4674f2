"""What is installed is what was chosen: exact versions, and hashes where the lock file has them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
PINNED = re.compile(r"[A-Za-z0-9_.-]+(\[[a-z,-]+\])?==[0-9][0-9A-Za-z.+!-]*(; .+)?")
EXACT = re.compile(r"\d+\.\d+\.\d+(-[0-9a-z.-]+)?")


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_sec_dependencies_are_pinned(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    wanted = [line for line in lines if line and not line.startswith(("#", "-r "))]

    assert len(wanted) > 10
    assert [line for line in wanted if not PINNED.fullmatch(line)] == []


def test_sec_dependencies_of_the_browser_have_hashes() -> None:
    sources = ROOT / "static" / "src"
    asked: dict[str, Any] = json.loads((sources / "package.json").read_text(encoding="utf-8"))
    locked: dict[str, Any] = json.loads((sources / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: item for name, item in locked["packages"].items() if name}

    versions = {**asked["dependencies"], **asked["devDependencies"]}
    assert [name for name, version in versions.items() if not EXACT.fullmatch(version)] == []
    assert {name: packages[f"node_modules/{name}"]["version"] for name in versions} == versions
    hashes = [item.get("integrity", "") for item in packages.values()]
    assert all(text.startswith("sha512-") for text in hashes)
    assert [name for name, item in packages.items() if item.get("hasInstallScript")] == []
