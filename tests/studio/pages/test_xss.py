"""Hostile text in every field that a page shows comes out as text."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from studio.accounts import tokens
from studio.actions.workflows import create_workflow, patch_workflow, publish
from studio.models import Run, Version
from tests.studio import build
from tests.studio.pages.conftest import Finish, Visit

PAYLOADS = (
    "<script>window.__xss=1</script>",
    '"><img src=x onerror=window.__xss=1>',
    "'-alert(1)-'",
    "</script><script>window.__xss=1</script>",
    "{{ 7*7 }}{% debug %}",
    "</textarea><svg onload=window.__xss=1>",
    "<!--<script>",
)


@pytest.fixture(params=PAYLOADS)
def payload(request: pytest.FixtureRequest) -> str:
    text: str = request.param
    return text


def check(found: str, payload: str) -> None:
    """The payload's markup is nowhere in the page as it stands."""
    for piece in (
        "<script>window",
        "<img src=x",
        "<svg onload",
        "<!--<script>",
        "</script><script>w",
    ):
        assert piece not in found
    if "7*7" in payload:
        assert ">49<" not in found


@pytest.fixture
def version(alice: User, payload: str) -> Version:
    document: dict[str, Any] = {
        **build.chain("trial.count", length=2),
        "name": payload,
        "description": payload,
    }
    workflow = create_workflow(user=alice, name=payload, document=document)
    patch_workflow(user=alice, workflow=workflow, tags=[payload[:40]])
    return publish(user=alice, workflow=workflow, note=payload)


@pytest.mark.parametrize(
    "name",
    [
        "workflow-edit",
        "workflow-run",
        "workflow-runs",
        "workflow-versions",
        "workflow-delete",
    ],
)
def test_pages_of_a_workflow(
    name: str, payload: str, alice: User, version: Version, visit: Visit
) -> None:
    url = reverse(name, args=[version.workflow.public_id])

    check(visit(alice).get(url).content.decode(), payload)


@pytest.mark.parametrize(
    "url", ["/workflows/", "/workflows/?tag=x", "/runs/", "/tools/trial.count"]
)
def test_lists(url: str, payload: str, alice: User, version: Version, visit: Visit) -> None:
    Run.objects.create(
        workflow=version.workflow,
        version=version,
        owner=alice,
        status="failed",
        tags=[payload],
        error=json.dumps({"code": payload, "message": payload, "node": payload, "details": {}}),
        error_code=payload[:40],
    )

    check(visit(alice).get(url).content.decode(), payload)


@pytest.mark.parametrize(
    "url",
    ["/workflows/?search={}", "/workflows/?owner={}", "/runs/?search={}", "/tools/?search={}"],
)
def test_what_was_searched_for(
    url: str, payload: str, alice: User, version: Version, visit: Visit
) -> None:
    path, _, query = url.partition("?")
    name = query.partition("=")[0]

    check(visit(alice).get(path, {name: payload}).content.decode(), payload)


def test_the_page_of_a_run(
    payload: str, alice: User, version: Version, visit: Visit, finish: Finish
) -> None:
    run = finish(version, alice, state={"n": 1, payload: payload}, tags=[payload[:40]])

    check(visit(alice).get(reverse("run", args=[run.public_id])).content.decode(), payload)


def test_forms_that_come_back(payload: str, alice: User, version: Version, visit: Visit) -> None:
    client = visit(alice)
    answers = [
        client.post("/workflows/import", {"text": payload}),
        client.post("/review/", {"code": payload, "quality_threshold": payload}),
        client.post(
            reverse("workflow-run", args=[version.workflow.public_id]),
            {"which": "published", "state": payload},
        ),
        client.post("/settings/profile", {"form": "profile", "email": payload}),
        client.post("/login", {"username": payload, "password": "x"}, follow=True),
    ]

    for answer in answers:
        check(answer.content.decode(), payload)


def test_the_names_of_tokens_and_people(payload: str, alice: User, visit: Visit) -> None:
    tokens.create(user=alice, name=payload)
    alice.first_name = payload
    alice.save()

    check(visit(alice).get("/settings/tokens").content.decode(), payload)
