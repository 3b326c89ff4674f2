"""Reviewing real files gives the same result by the API and by the command line."""

import sysconfig
import time
from pathlib import Path
from typing import Any

import pytest

from tests.live import LiveStudio

LIBRARY = Path(sysconfig.get_path("stdlib"))
FILES = ("json/decoder.py", "textwrap.py", "sched.py")
COMPARED = (
    "quality_score",
    "quality_threshold",
    "quality_ok",
    "stop_reason",
    "score_course",
    "score_terms",
    "functions",
    "issues",
    "passes",
    "remaining",
)


@pytest.mark.parametrize("name", FILES)
def test_api_and_command_line_agree(live_studio: LiveStudio, name: str, tmp_path: Path) -> None:
    path = LIBRARY / name

    by_command = live_studio.command("treadle", "review", str(path), "--json", may_fail=True)
    by_api = review_by_api(live_studio, path)

    assert by_api["issues"], "a review of a real file finds something"
    for key in COMPARED:
        assert by_api[key] == by_command[key], key


def review_by_api(studio: LiveStudio, path: Path) -> dict[str, Any]:
    body = {"files": [{"path": path.name, "text": path.read_text(encoding="utf-8")}]}
    status, run = studio.call("POST", "/api/v1/reviews", body)
    assert status == 201, run
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        status, review = studio.call("GET", f"/api/v1/reviews/{run['id']}")
        assert status == 200, review
        if review["run"]["status"] not in ("queued", "running"):
            break
        time.sleep(0.1)
    assert review["run"]["status"] == "completed", review["run"]["error"]
    return dict(review["report"])
