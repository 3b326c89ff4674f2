"""Workflows in the native API."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from studio.actions import sharing
from studio.actions.workflows import create_workflow
from studio.models import Workflow
from tests.studio.api import documents
from tests.studio.api.calls import Api

ITEM = {
    "id",
    "key",
    "name",
    "description",
    "tags",
    "owner",
    "rev",
    "saved_at",
    "saved_by",
    "published",
    "can",
    "can_edit",
    "concurrency",
    "retention",
    "last_run",
}


@pytest.fixture
def api(alice: User) -> Api:
    return Api(alice)


def made(api: Api, **body: Any) -> dict[str, Any]:
    answer = api.post("/api/v1/workflows", body)
    assert answer.status == 201, answer.body
    workflow: dict[str, Any] = answer.body
    return workflow


def test_a_blank_one_is_made_without_a_document(api: Api) -> None:
    workflow = made(api, name="My flow")

    assert set(workflow) == ITEM | {"draft", "problems"}
    assert (workflow["name"], workflow["owner"], workflow["rev"]) == ("My flow", "alice", 1)
    assert workflow["published"] is None
    assert workflow["draft"]["nodes"] == {}


def running(key: str) -> dict[str, Any]:
    """A document whose one step runs the workflow of this key."""
    return {
        "format": "treadle/1",
        "key": "caller",
        "name": "Caller",
        "entry": ["call"],
        "nodes": {"call": {"type": "subgraph", "workflow": key}},
        "edges": [],
    }


def put_call(api: Api, caller: dict[str, Any], key: str) -> list[str]:
    """Let the draft run that workflow; what speaks against it."""
    path = f"/api/v1/workflows/{caller['id']}"
    saved = api.put(f"{path}/draft", {"document": running(key)}, If_Match=f'"{caller["rev"]}"')
    assert saved.status == 200, saved.body
    return [problem["code"] for problem in api.get(path).body["problems"]]


@pytest.mark.parametrize("owner", ["bob", None])
def test_one_beside_another_is_found_by_it_whoever_makes_it(
    alice: User, bob: User, owner: str | None
) -> None:
    maker = Api(alice)
    shared = create_workflow(user=bob if owner else None, name="Caller")
    if owner:
        for role in ("editor", "operator"):
            sharing.share(user=bob, workflow=shared, role=role, person="alice")
    else:
        alice.is_superuser = True
        alice.save()
    caller = maker.get(f"/api/v1/workflows/{shared.public_id}").body
    document = {**documents.native(), "key": "callee"}

    callee = made(maker, document=document, beside=caller["id"])

    published = maker.post(f"/api/v1/workflows/{callee['id']}/publish", {"rev": 1, "note": ""})
    assert published.status in {200, 201}, published.body
    assert (callee["owner"], callee["can_edit"]) == (owner, True)
    assert put_call(maker, caller, callee["key"]) == []
    mine = made(maker, document={**document, "key": "mine"})
    assert mine["owner"] == "alice"


def test_who_may_not_run_one_beside_another_is_told_whom_to_ask(alice: User, bob: User) -> None:
    maker = Api(alice)
    shared = create_workflow(user=bob, name="Caller")
    sharing.share(user=bob, workflow=shared, role="editor", person="alice")
    caller = maker.get(f"/api/v1/workflows/{shared.public_id}").body
    callee = made(maker, document={**documents.native(), "key": "callee"}, beside=caller["id"])
    published = maker.post(f"/api/v1/workflows/{callee['id']}/publish", {"rev": 1, "note": ""})
    assert published.status == 201, published.body

    assert put_call(maker, caller, callee["key"]) == ["forbidden_workflow"]

    refused = maker.post(f"/api/v1/workflows/{caller['id']}/publish", {})
    assert (refused.status, refused.code) == (422, "E_INVALID_DOCUMENT")
    (detail,) = refused.body["error"]["details"]
    assert detail["hint"] == "ask bob to share it with you as operator"
    assert Api(bob).post(f"/api/v1/workflows/{caller['id']}/publish", {}).status == 201


def test_one_beside_another_takes_the_right_to_change_that(alice: User, bob: User) -> None:
    other = create_workflow(user=bob, name="Caller")
    wish = {"document": documents.native(), "beside": str(other.public_id)}

    assert Api(alice).post("/api/v1/workflows", wish).status == 404
    sharing.share(user=bob, workflow=other, role="viewer", person="alice")
    assert Api(alice).post("/api/v1/workflows", wish).status == 403
    assert Workflow.objects.count() == 1


def test_it_is_read_with_its_revision_as_etag(api: Api) -> None:
    workflow = made(api, document=documents.native())

    answer = api.get(f"/api/v1/workflows/{workflow['id']}")

    assert answer.headers["ETag"] == '"1"'
    assert answer.body["draft"]["nodes"]["a"]["tool"] == "trial.count"
    assert answer.body["problems"] == []


def test_the_last_saved_is_listed_first_in_pages(api: Api) -> None:
    names = [made(api, name=f"flow {number}")["name"] for number in range(5)]

    first = api.get("/api/v1/workflows?limit=2").body
    second = api.get(f"/api/v1/workflows?limit=2&cursor={first['next']}").body
    third = api.get(f"/api/v1/workflows?limit=2&cursor={second['next']}").body

    listed = [item["name"] for page in (first, second, third) for item in page["items"]]
    assert listed == names[::-1]
    assert third["next"] is None
    assert set(first["items"][0]) == ITEM


@pytest.mark.parametrize("cursor", ["x", "e30", "W10", "WyJhIl0", "%00", "a" * 101])
def test_a_cursor_of_somebody_else_is_refused(api: Api, cursor: str) -> None:
    assert api.get(f"/api/v1/workflows?cursor={cursor}").status == 400


def test_it_is_found_by_words_and_tags(api: Api) -> None:
    wanted = made(api, name="Release notes")
    made(api, name="Other")
    api.patch(f"/api/v1/workflows/{wanted['id']}", {"tags": ["größe", "x"]})

    for query in ("search=release", "tag=gr%C3%B6%C3%9Fe", "tag=x"):
        found = api.get(f"/api/v1/workflows?{query}").body["items"]
        assert [item["id"] for item in found] == [wanted["id"]], query
    assert api.get("/api/v1/workflows?tag=gr").body["items"] == []


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "colour=red", "search=%00"])
def test_queries_are_checked(api: Api, query: str) -> None:
    assert api.get(f"/api/v1/workflows?{query}").status == 400


@pytest.mark.parametrize("count", [1, 20])
def test_a_list_takes_the_same_queries_however_long(
    api: Api, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        made(api, name=f"flow {number}")
    api.get("/api/v1/workflows")

    # The page with its joins, and the last runs of all of them when there are any.
    with django_assert_num_queries(1):
        api.get("/api/v1/workflows")


def test_its_name_is_changed_and_it_is_deleted(api: Api) -> None:
    path = f"/api/v1/workflows/{made(api, name='Old')['id']}"

    changed = api.patch(path, {"name": "New", "description": "Why", "tags": ["a"]})

    assert (changed.body["name"], changed.body["description"]) == ("New", "Why")
    assert api.delete(path).status == 204
    assert api.get(path).status == 404


def test_sec_mass_assignment(api: Api, bob: User) -> None:
    """Members that are not in the shape are refused, so none can be smuggled in."""
    workflow = made(api)
    path = f"/api/v1/workflows/{workflow['id']}"

    for member in ("owner", "owner_id", "hidden", "published", "draft_rev", "id", "can_edit"):
        answer = api.patch(path, {member: 1})
        assert (answer.status, answer.code) == (400, "E_INVALID")
        assert answer.body["error"]["details"][0]["pointer"] == f"/{member}"
    assert Workflow.objects.get().owner.username == "alice"  # type: ignore[union-attr]


def test_a_copy_belongs_to_who_made_it(api: Api, bob: User) -> None:
    shared = Workflow.objects.get(pk=Workflow.objects.get(public_id=made(api)["id"]).pk)
    shared.owner = None
    shared.save()

    copy = Api(bob).post(f"/api/v1/workflows/{shared.public_id}/duplicate")

    assert (copy.status, copy.body["owner"]) == (201, "bob")


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_what_is_exported_can_be_imported(api: Api, form: str) -> None:
    workflow = made(api, document=documents.native())

    exported = api.client.get(
        f"/api/v1/workflows/{workflow['id']}/export?format={form}", headers=api.headers
    )
    imported = api.post(
        "/api/v1/workflows/import", {"text": exported.content.decode(), "format": form}
    )

    assert exported["Content-Disposition"] == f'attachment; filename="count.{form}"'
    assert imported.status == 201
    assert imported.body["draft"]["nodes"] == workflow["draft"]["nodes"]
    assert imported.body["id"] != workflow["id"]
    unnamed = api.post("/api/v1/workflows/import", {"text": exported.content.decode()})
    assert unnamed.body["draft"] == imported.body["draft"] | {"key": unnamed.body["draft"]["key"]}


@pytest.mark.parametrize("text", ["{", "[]", "a: *b", "x: &a [*a]", '{"__proto__": {}}', ""])
def test_sec_hostile_workflow_import(api: Api, text: str) -> None:
    """Texts that are no workflow are refused with a reason; nothing is stored."""
    for form in ("json", "yaml"):
        answer = api.post("/api/v1/workflows/import", {"text": text, "format": form})
        assert answer.status in (400, 422), (form, answer.body)
        assert answer.body["error"]["message"]
    assert Workflow.objects.count() == 0


def test_problems_of_any_document_are_listed(api: Api) -> None:
    document = documents.native(tool="no.such_tool")

    answer = api.post("/api/v1/validate", {"document": document})

    assert answer.status == 200
    problem = next(item for item in answer.body["problems"] if item["severity"] == "error")
    assert set(problem) == {"code", "message", "hint", "pointer", "severity", "node", "edge"}
    assert problem["node"] == "a"
    workflow = made(api, document=documents.native())
    path = f"/api/v1/workflows/{workflow['id']}/validate"
    assert api.post(path, {}).body == {"problems": []}
    assert api.post(path, {"document": document}).body == answer.body


def test_a_text_is_read_and_nothing_is_stored(api: Api) -> None:
    text = "format: treadle/1\nnodes: {a: {type: tool, tool: no.such}}\nedges: []\n"

    answer = api.post("/api/v1/documents/read", {"text": text})

    assert answer.status == 200
    assert answer.body["document"]["nodes"] == {"a": {"type": "tool", "tool": "no.such"}}
    assert answer.body["problems"]
    refused = api.post("/api/v1/documents/read", {"text": '{"a": 1,}', "format": "json"})
    assert (refused.status, refused.body["document"]) == (200, None)
    assert [problem["code"] for problem in refused.body["problems"]] == ["E_SYNTAX"]
    assert set(refused.body["problems"][0]) == set(answer.body["problems"][0])
    assert Workflow.objects.count() == 0


@pytest.mark.parametrize(
    ("accepts", "query", "kind"),
    [
        ("application/yaml", "", "application/yaml; charset=utf-8"),
        ("*/*", "", "application/json; charset=utf-8"),
        ("application/yaml, application/json", "", "application/json; charset=utf-8"),
        ("application/yaml", "?format=json", "application/json; charset=utf-8"),
    ],
)
def test_an_export_has_the_format_that_is_accepted(
    api: Api, accepts: str, query: str, kind: str
) -> None:
    workflow = made(api, document=documents.native())

    exported = api.client.get(
        f"/api/v1/workflows/{workflow['id']}/export{query}",
        headers={**api.headers, "Accept": accepts},
    )

    assert (exported.status_code, exported["Content-Type"]) == (200, kind)
