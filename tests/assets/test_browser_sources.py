"""The browser sources: types, lint and unit tests pass, and the committed files are their build."""

import filecmp
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "static" / "src"
BUILT = ROOT / "static" / "dist"

pytestmark = [pytest.mark.node, pytest.mark.timeout(900)]


@pytest.fixture(scope="module", autouse=True)
def _packages() -> None:
    npm("ci", "--no-audit", "--no-fund")


def npm(*arguments: str) -> None:
    done = subprocess.run(
        ["npm", *arguments], cwd=SOURCES, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"npm {' '.join(arguments)}\n{done.stdout}{done.stderr}"


def test_types_and_lint_are_clean() -> None:
    npm("run", "check")


def test_unit_tests_pass() -> None:
    npm("test")


def test_the_committed_files_equal_a_fresh_build(tmp_path: Path) -> None:
    npm("run", "build", "--", "--outDir", str(tmp_path), "--emptyOutDir")

    fresh = {path.name for path in tmp_path.iterdir()}
    assert fresh == {path.name for path in BUILT.iterdir()}
    _, different, _ = filecmp.cmpfiles(tmp_path, BUILT, fresh, shallow=False)
    assert not different, "run `npm run build` in static/src and commit static/dist"
