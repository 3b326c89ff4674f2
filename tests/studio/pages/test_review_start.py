"""The form that starts a review."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from studio.actions.examples import install_examples
from studio.models import Run
from tests.studio.api.calls import Api
from tests.studio.pages.conftest import Visit

WAYS_TO_SAY_NOTHING: list[Any] = [
    {},
    {"code": ""},
    {"code": " \r\n\t\n"},
    {"code": "\ufeff"},
]


@pytest.mark.parametrize("code", WAYS_TO_SAY_NOTHING)
def test_an_empty_form_starts_nothing_and_says_what_to_do(
    code: dict[str, str], alice: User, visit: Visit
) -> None:
    install_examples()

    answer = visit(alice).post("/review/", {"quality_threshold": "7", "max_passes": "8", **code})

    assert answer.status_code == 422
    assert "Paste some Python code first." in answer.content.decode()
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    "body", [*WAYS_TO_SAY_NOTHING, {"files": []}, {"files": [{"path": "a.py", "text": "\n"}]}]
)
def test_an_empty_review_starts_nothing_by_api(body: dict[str, Any], alice: User) -> None:
    install_examples()

    answer = Api(alice).post("/api/v1/reviews", body)

    assert (answer.status, answer.code) == (400, "E_INVALID")
    assert "paste some" in answer.body["error"]["message"]
    assert not Run.objects.exists()


def test_an_empty_file_beside_another_is_fine(alice: User) -> None:
    install_examples()
    files = [{"path": "__init__.py", "text": ""}, {"path": "a.py", "text": "x = 1\n"}]

    assert Api(alice).post("/api/v1/reviews", {"files": files}).status == 201
