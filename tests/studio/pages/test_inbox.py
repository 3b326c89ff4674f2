"""The inbox: open questions, and answering one without JavaScript."""

import time
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from studio.journal import codec
from studio.models import Run, Wait
from studio.queries import waits as queries
from tests.studio import build
from tests.studio.pages.conftest import Finish, Visit

FORM = {
    "type": "object",
    "required": ["verdict", "sure"],
    "properties": {
        "verdict": {"title": "Your verdict", "enum": ["ship", "stop", 3]},
        "sure": {"type": "boolean"},
        "score": {"type": "number", "minimum": 0, "maximum": 10},
        "count": {"type": "integer"},
        "why": {"type": "string", "maxLength": 500, "description": "In a sentence."},
        "more": {"type": "array"},
    },
}
GIVEN = {
    "field0": '"ship"',
    "field1": "false",
    "field2": "7.5",
    "field3": "",
    "field4": "good",
    "field5": "[1, 2]",
}


@pytest.fixture
def ask(alice: User, finish: Finish) -> Any:
    """A question of a run of alice's."""

    def asking(**more: Any) -> Wait:
        document = build.chain("trial.count", 2, key="asks")
        document["nodes"]["s1"] = {
            "type": "human",
            "title": "Ship <b>it</b>?",
            "form": FORM,
            **more,
        }
        finish(build.published(document, alice), alice)
        return Wait.objects.latest("id")

    return asking


def address(wait: Wait) -> str:
    return reverse("question", args=[queries.item(wait)["id"]])


def ended(run: Run) -> Run:
    deadline = time.monotonic() + 20
    while (found := Run.objects.get(pk=run.pk)).status != "completed":
        assert time.monotonic() < deadline, found.status
        time.sleep(0.02)
    return found


def test_an_empty_inbox_says_what_fills_it(alice: User, visit: Visit) -> None:
    assert "Ask a person" in visit(alice).get(reverse("inbox")).content.decode()


def test_questions_are_listed_by_whom_they_concern(ask: Any, alice: User, visit: Visit) -> None:
    ask(assignees={"users": ["alice"]})
    ask(assignees={"group": "maintainers"}, due="48h")

    response = visit(alice).get(reverse("inbox"))

    own, others = response.context["own"], response.context["others"]
    assert [item["people"] for item in own] == ["alice"]
    assert [item["people"] for item in others] == ["everybody in maintainers"]
    text = response.content.decode()
    assert "Ship &lt;b&gt;it&lt;/b&gt;?" in text
    assert '2<span class="visually-hidden"> open' in text


def test_an_answer_lets_the_run_go_on_and_counts_once(ask: Any, alice: User, visit: Visit) -> None:
    wait = ask()
    browser = visit(alice)

    response = browser.post(address(wait), GIVEN)
    again = browser.post(address(wait), GIVEN)

    assert (response.status_code, response["Location"]) == (302, reverse("inbox"))
    state = codec.decode(ended(wait.run).final_state or "")
    assert state.pop("n") == 1
    assert state == {
        "verdict": "ship", "sure": False, "score": 7.5, "why": "good", "more": [1, 2]
    }  # fmt: skip
    assert again.status_code == 422
    assert browser.get(reverse("inbox")).context["own"] == []
    assert "nothing is open" in browser.get(address(wait)).content.decode()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"field0": ""}, "field0"),
        ({"field0": '"other"'}, "field0"),
        ({"field1": ""}, "field1"),
        ({"field2": "many"}, "field2"),
        ({"field2": "11"}, "field2"),
        ({"field3": "1.5"}, "field3"),
        ({"field5": "{"}, "field5"),
        ({"field5": "{}"}, "field5"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field_and_kept(
    changed: dict[str, str], field: str, ask: Any, alice: User, visit: Visit
) -> None:
    wait = ask()

    response = visit(alice).post(address(wait), {**GIVEN, **changed})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert response.context["form"]["field4"].value() == "good"
    assert Wait.objects.get(pk=wait.pk).closed_at is None


def test_a_question_without_fields_is_confirmed(ask: Any, alice: User, visit: Visit) -> None:
    wait = ask(form={"type": "object"})

    assert "Confirm" in visit(alice).get(address(wait)).content.decode()
    visit(alice).post(address(wait), {})

    assert codec.decode(ended(wait.run).final_state or "") == {"n": 1}


def test_questions_of_others_are_not_found(ask: Any, bob: User, visit: Visit) -> None:
    wait = ask()

    assert visit(bob).get(address(wait)).status_code == 404
    assert visit(bob).post(address(wait), GIVEN).status_code == 404
    assert visit(bob).get(reverse("inbox")).context["own"] == []
    assert Wait.objects.get(pk=wait.pk).closed_at is None


@pytest.mark.parametrize("wait_id", ["x", "1.2", "00000000-0000-0000-0000-000000000000.1"])
def test_odd_addresses_are_not_found(wait_id: str, alice: User, visit: Visit) -> None:
    assert visit(alice).get(reverse("question", args=[wait_id])).status_code == 404
