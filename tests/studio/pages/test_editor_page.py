"""What the page of the editor brings along."""

import json
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.urls import reverse

from studio.actions.workflows import create_workflow, publish
from studio.models import Workflow
from tests.studio import build
from tests.studio.pages.conftest import Visit

pytestmark = pytest.mark.django_db


def page_of(workflow: Workflow, visit: Visit, user: User) -> HttpResponse:
    found: Any = visit(user).get(reverse("workflow-edit", args=[workflow.public_id]))
    assert isinstance(found, HttpResponse)
    return found


def boot_of(page: HttpResponse) -> Any:
    found = re.search(r'<script id="boot"[^>]*>(.*?)</script>', page.content.decode(), re.DOTALL)
    assert found
    return json.loads(found[1])


def test_no_browser_keeps_the_draft_that_the_page_had(alice: User, visit: Visit) -> None:
    workflow = create_workflow(user=alice, document=build.chain("trial.count"))

    kept = page_of(workflow, visit, alice)["Cache-Control"]

    assert {"no-store", "private"} <= set(kept.split(", "))


def test_it_says_whether_the_draft_is_live(alice: User, visit: Visit) -> None:
    workflow = create_workflow(user=alice, document=build.chain("trial.count"))
    assert boot_of(page_of(workflow, visit, alice))["live"] is False

    publish(user=alice, workflow=workflow)

    assert boot_of(page_of(workflow, visit, alice))["live"] is True
