"""Reviews of code through the API."""

import time
from typing import Any

import pytest
from django.contrib.auth.models import User

from studio.actions.examples import install_examples
from studio.execution.service import Service
from studio.models import Run
from tests.studio.api.calls import Api

CODE = "import os\n\n\ndef foo():\n    print('hi')\n    # TODO improve\n"


@pytest.fixture
def api(engine: Service, alice: User) -> Api:
    install_examples()
    return Api(alice)


def reviewed(api: Api, **body: Any) -> dict[str, Any]:
    """The review that this starts, once it has ended."""
    started = api.post("/api/v1/reviews", body)
    assert started.status == 201, started.body
    deadline = time.monotonic() + 60
    while True:
        review: dict[str, Any] = api.get(f"/api/v1/reviews/{started.body['id']}").body
        if review["run"]["finished_at"]:
            return review
        assert time.monotonic() < deadline, review["run"]
        time.sleep(0.05)


def test_pasted_code_is_reviewed(api: Api) -> None:
    review = reviewed(api, code=CODE, quality_threshold=7)

    assert set(review) == {"run", "report", "score_course"}
    assert (review["run"]["status"], review["run"]["source"]) == ("completed", "review")
    assert review["report"]["quality_score"] > 0
    assert review["report"]["stop_reason"]
    assert review["score_course"]


def test_files_are_reviewed_by_path(api: Api) -> None:
    files = [{"path": "a.py", "text": CODE}, {"path": "b.py", "text": "x = 1\n"}]

    report = reviewed(api, files=files)["report"]

    assert {file["path"] for file in report["files"]} == {"a.py", "b.py"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"code": ""},
        {"code": "  \n"},
        {"files": []},
        {"files": [{"path": "a.py"}]},
        {"files": [{"path": "a.py", "text": "x"}, {"path": "a.py", "text": "y"}]},
        {"code": "x", "quality_threshold": 11},
        {"code": "x", "quality_threshold": "high"},
        {"code": "x", "max_passes": -1},
        {"code": "x", "max_passes": 1.5},
        {"code": "x", "colour": "red"},
    ],
)
def test_what_cannot_be_reviewed_is_refused(api: Api, body: dict[str, Any]) -> None:
    answer = api.post("/api/v1/reviews", body)

    assert answer.status == 400
    assert answer.body["error"]["message"]
    assert Run.objects.count() == 0


def test_a_run_of_something_else_has_no_report(api: Api) -> None:
    from tests.studio import build

    version = build.published(build.chain("trial.count", 1), User.objects.get(username="alice"))
    run = api.post("/api/v1/runs?wait=20", {"version": str(version.public_id)}).body

    review = api.get(f"/api/v1/reviews/{run['id']}").body

    assert (review["report"], review["score_course"]) == (None, [])
