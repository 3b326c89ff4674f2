"""What browsers load stays small: each built file against its limit, compressed as it is sent."""

import gzip
from pathlib import Path

import pytest

BUILT = Path(__file__).resolve().parents[2] / "static" / "dist"

LIMITS_KB = {
    "editor.js": 170,
    "editor-later.js": 90,
    "run.js": 170,
    "run-later.js": 10,
    "review.js": 100,
    "code.js": 150,
    "pages.js": 6,
    "layout.worker.js": 6,
    "editor.css": 16,
    "run.css": 16,
    "review.css": 8,
}


def test_every_file_has_a_limit() -> None:
    assert {path.name for path in BUILT.iterdir()} == set(LIMITS_KB)


@pytest.mark.parametrize("name", LIMITS_KB)
def test_the_file_stays_below_its_limit(name: str) -> None:
    size = len(gzip.compress((BUILT / name).read_bytes(), 9)) / 1000

    assert size <= LIMITS_KB[name], f"{name} is {size:.1f} KB: docs/architecture.md, In the browser"
