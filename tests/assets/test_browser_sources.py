"""The browser sources: types, lint and unit tests pass, and the committed files are their build."""

import filecmp
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "static" / "src"
BUILT = ROOT / "static" / "dist"

pytestmark = [pytest.mark.node, pytest.mark.timeout(900)]


@pytest.fixture(scope="module", autouse=True)
def _packages() -> None:
    # Not `npm ci`: it refuses a lock file that leaves out binaries of other platforms.
    npm("install", "--no-save", "--no-audit", "--no-fund")


def npm(*arguments: str, **environment: str) -> None:
    done = subprocess.run(
        ["npm", *arguments],
        cwd=SOURCES,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"npm {' '.join(arguments)}\n{done.stdout}{done.stderr}"


def test_types_and_lint_are_clean() -> None:
    npm("run", "check")


def test_unit_tests_pass() -> None:
    npm("test")


def test_the_committed_files_equal_a_fresh_build(tmp_path: Path) -> None:
    npm("run", "build", TREADLE_DIST=str(tmp_path))

    fresh = {path.name for path in tmp_path.iterdir()}
    assert fresh == {path.name for path in BUILT.iterdir()}
    _, different, _ = filecmp.cmpfiles(tmp_path, BUILT, fresh, shallow=False)
    assert not different, "run `npm run build` in static/src and commit static/dist"
