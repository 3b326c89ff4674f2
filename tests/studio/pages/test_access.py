"""Who gets which page: the owner, somebody else, nobody."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from studio.actions.runs import start_run
from studio.models import Run, Version
from tests.studio import build
from tests.studio.pages.conftest import Visit

PUBLIC_LISTS = (
    "workflows",
    "workflow-new",
    "workflow-import",
    "runs",
    "inbox",
    "review",
    "tools",
    "settings-profile",
    "settings-secrets",
    "settings-tokens",
)
OF_WORKFLOW = (
    "workflow-edit",
    "workflow-run",
    "workflow-runs",
    "workflow-versions",
    "workflow-compare",
)


@pytest.fixture
def version(alice: User) -> Version:
    return build.published(build.chain("trial.count"), alice)


@pytest.fixture
def run(alice: User, version: Version) -> Run:
    return start_run(user=alice, version=version, source="review")


@pytest.mark.parametrize("name", PUBLIC_LISTS)
def test_everybody_signed_in_sees_the_lists(name: str, bob: User, visit: Visit) -> None:
    assert visit(bob).get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", PUBLIC_LISTS)
@pytest.mark.django_db
def test_a_list_leads_a_stranger_to_the_sign_in_page_and_back(name: str) -> None:
    response = Client().get(reverse(name))

    assert response.status_code == 302
    assert response["Location"] == f"{reverse('login')}?next={reverse(name)}"


@pytest.mark.parametrize("name", OF_WORKFLOW)
def test_pages_of_a_workflow_are_its_owners(
    name: str, alice: User, bob: User, root: User, version: Version, visit: Visit
) -> None:
    url = reverse(name, args=[version.workflow.public_id])

    assert visit(alice).get(url).status_code == 200
    assert visit(root).get(url).status_code == 200
    assert visit(bob).get(url).status_code == 404
    assert Client().get(url).status_code == 302


@pytest.mark.parametrize("name", ["run", "review-run"])
def test_pages_of_a_run_are_its_owners(
    name: str, alice: User, bob: User, root: User, run: Run, visit: Visit
) -> None:
    url = reverse(name, args=[run.public_id])

    assert visit(alice).get(url).status_code == 200
    assert visit(root).get(url).status_code == 200
    assert visit(bob).get(url).status_code == 404
    assert Client().get(url).status_code == 302


@pytest.mark.parametrize("name", ["run-cancel", "run-again"])
def test_nobody_else_acts_on_a_run(name: str, bob: User, run: Run, visit: Visit) -> None:
    url = reverse(name, args=[run.public_id])

    assert visit(bob).post(url).status_code == 404
    assert Run.objects.count() == 1
    run.refresh_from_db()
    assert run.status == "queued"


@pytest.mark.parametrize("name", ["workflow-duplicate", "workflow-delete", "workflow-run"])
def test_nobody_else_acts_on_a_workflow(
    name: str, bob: User, version: Version, visit: Visit
) -> None:
    url = reverse(name, args=[version.workflow.public_id])

    assert visit(bob).post(url).status_code == 404


def test_an_action_needs_a_csrf_token(alice: User, version: Version) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)

    response = client.post(reverse("workflow-duplicate", args=[version.workflow.public_id]))

    assert response.status_code == 403
    assert "The form was too old" in response.content.decode()


def test_an_action_is_not_a_link(alice: User, version: Version, visit: Visit) -> None:
    url = reverse("workflow-duplicate", args=[version.workflow.public_id])

    assert visit(alice).get(url).status_code == 405


def test_home_is_the_list_of_workflows(alice: User, visit: Visit) -> None:
    assert visit(alice).get("/")["Location"] == reverse("workflows")
