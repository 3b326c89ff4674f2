"""`manage.py runserver`, daphne's: a studio as `up` makes it, also in a folder that is new."""

import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live import LiveStudio

pytestmark = pytest.mark.slow


class Development(LiveStudio):
    def served_by(self) -> list[str]:
        return ["runserver", "--noreload", str(self.port)]


@pytest.fixture
def development(tmp_path: Path) -> Iterator[Development]:
    made = Development(tmp_path / "data")
    try:
        made.start()
        yield made
    finally:
        made.stop()


def test_a_new_folder_is_made_ready(development: Development) -> None:
    with urllib.request.urlopen(f"{development.url}/login", timeout=20) as answer:
        assert answer.status == 200
    development.token = development.command(
        "treadle", "token", "--create", "--user", "a", "--json"
    )["token"]

    _, sample = development.call("POST", "/graph/create_sample/code_review")
    state = {"code": "import os\n", "quality_threshold": 7}
    body = {"graph_id": sample["graph_id"], "initial_state": state}
    status, run = development.call("POST", "/graph/run", body)

    assert (status, run["status"]) == (200, "COMPLETED")
    assert "Starting ASGI/Daphne" in development.log.read_text()
