"""`GET /api/v1/workflows/{id}/changes`: what publishing would change, and who changed it."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from studio.actions.workflows import create_workflow, publish, save_draft
from studio.journal import codec
from studio.models import Authorship, Workflow
from studio.queries import changes
from tests.studio import build
from tests.studio.api.calls import Api


@pytest.fixture
def boss(bob: User) -> User:
    """Somebody who may change what alice owns."""
    bob.is_superuser = True
    bob.save()
    return bob


@pytest.fixture
def workflow(alice: User) -> Workflow:
    return create_workflow(user=alice, document=build.chain("trial.count", 3))


def save(user: User, workflow: Workflow, document: dict[str, Any]) -> None:
    workflow.refresh_from_db()
    save_draft(user=user, workflow=workflow, rev=workflow.draft_rev, document=document)


def titled(name: str, title: str, document: dict[str, Any]) -> dict[str, Any]:
    nodes = {**document["nodes"], name: {**document["nodes"][name], "title": title}}
    return {**document, "nodes": nodes}


def told(user: User, workflow: Workflow) -> dict[str, Any]:
    body: dict[str, Any] = Api(user).get(f"/api/v1/workflows/{workflow.public_id}/changes").body
    return body


def authors(body: dict[str, Any]) -> dict[str, list[str]]:
    return {one["part"]: [each["name"] for each in one["authors"]] for one in body["changes"]}


def test_each_change_since_the_version_has_its_authors(
    alice: User, boss: User, workflow: Workflow
) -> None:
    publish(user=alice, workflow=workflow)
    mine = titled("s1", "Mine", build.chain("trial.count", 3))
    save(alice, workflow, mine)
    both = titled("s1", "Ours", titled("s2", "His", mine))
    save(boss, workflow, {**both, "limits": {"max_steps": 9}})

    body = told(alice, workflow)

    assert (body["from"], body["rev"]) == (1, 3)
    assert body["summary"] == "2 steps changed; settings changed."
    assert authors(body) == {
        "nodes/s1": ["alice", "bob"],
        "nodes/s2": ["bob"],
        "settings/limits": ["bob"],
    }
    assert body["changes"][0]["rows"] == [{"field": "title", "before": None, "after": "Ours"}]


def test_what_was_taken_back_is_no_change(alice: User, workflow: Workflow) -> None:
    publish(user=alice, workflow=workflow)
    save(alice, workflow, titled("s1", "Mine", build.chain("trial.count", 3)))
    save(alice, workflow, build.chain("trial.count", 3))

    assert told(alice, workflow)["changes"] == []


def test_before_the_first_version_everything_is_new(
    alice: User, boss: User, workflow: Workflow
) -> None:
    document = titled("s1", "His", build.chain("trial.count", 3))
    document["nodes"]["more"] = {"type": "end"}
    save(boss, workflow, document)

    body = told(alice, workflow)

    assert body["from"] is None
    found = authors(body)
    assert found["nodes/s1"] == ["alice", "bob"], "she made it, he changed it"
    assert (found["nodes/s2"], found["nodes/more"]) == (["alice"], ["bob"])
    assert {one["what"] for one in body["changes"]} == {"added"}


def test_publishing_hands_the_authors_to_the_version(
    alice: User, boss: User, workflow: Workflow
) -> None:
    publish(user=alice, workflow=workflow)
    document = titled("s1", "Mine", build.chain("trial.count", 3))
    save(alice, workflow, document)
    publish(user=boss, workflow=workflow)
    save(boss, workflow, titled("s2", "His", document))
    publish(user=boss, workflow=workflow)

    assert told(alice, workflow)["changes"] == []
    assert not Authorship.objects.filter(workflow=workflow, version=None).exists()
    second = changes.between(workflow, "1", "2")
    assert [
        [author.name for author in second.of(group)] for group in second.sections[0].groups
    ] == [["alice"]]
    whole = changes.between(workflow, "1", "3")
    assert {part: line[0].name for part, line in whole.authors.items()} == {
        "nodes/s1": "alice",
        "nodes/s2": "bob",
    }
    assert changes.between(workflow, "3", "1").authors == {}, "nobody went back"


def test_looks_have_no_author(alice: User, workflow: Workflow) -> None:
    publish(user=alice, workflow=workflow)
    save(alice, workflow, {**build.chain("trial.count", 3), "layout": {"s1": [8, 8]}})

    assert not Authorship.objects.filter(workflow=workflow, version=None).exists()


def test_a_user_who_is_gone_leaves_the_change(boss: User, alice: User, workflow: Workflow) -> None:
    publish(user=alice, workflow=workflow)
    save(boss, workflow, titled("s1", "His", build.chain("trial.count", 3)))
    Authorship.objects.filter(user=boss).update(user=None)

    assert authors(told(alice, workflow)) == {"nodes/s1": ["Treadle"]}


def test_others_do_not_see_it(bob: User, workflow: Workflow) -> None:
    answer = Api(bob).get(f"/api/v1/workflows/{workflow.public_id}/changes")

    assert answer.status == 404


def test_the_editors_page_tells_the_same_in_the_language_of_the_reader(
    alice: User, workflow: Workflow, client: Client
) -> None:
    publish(user=alice, workflow=workflow)
    workflow.refresh_from_db()
    save(alice, workflow, titled("s1", "First", codec.decode(workflow.draft)))
    path = reverse("workflow-draft-changes", args=[workflow.public_id])
    assert client.get(path).status_code == 401
    client.force_login(alice)

    german = client.get(path, headers={"accept-language": "de"}).json()

    english = told(alice, workflow)
    assert german["summary"] == "1 Schritt geändert."
    assert english["summary"] == "1 step changed."
    assert client.get(path).json() == english
    api = f"/api/v1/workflows/{workflow.public_id}/changes"
    assert client.get(api, headers={"accept-language": "de"}).json() == english
    assert [one["part"] for one in german["changes"]] == [one["part"] for one in english["changes"]]


def test_the_editors_page_tells_nothing_to_those_who_may_not_look(
    bob: User, workflow: Workflow, client: Client
) -> None:
    client.force_login(bob)

    assert (
        client.get(reverse("workflow-draft-changes", args=[workflow.public_id])).status_code == 404
    )
