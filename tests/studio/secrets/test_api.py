"""/api/v1/secrets: names and metadata go out, values only come in."""

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection

from studio.models import AuditEntry, Secret
from studio.seals import sealing
from tests.studio.api.calls import Api

pytestmark = pytest.mark.django_db

PATH = "/api/v1/secrets"
VALUE = "sk-cAn4ry-0123456789"


def made(user: User, name: str = "openai", **fields: str) -> str:
    answer = Api(user).post(PATH, {"name": name, "value": VALUE, **fields})
    assert answer.status == 201, answer.body
    return str(answer.body["id"])


def test_a_secret_is_made_and_its_value_is_never_shown(alice: User) -> None:
    api = Api(alice)
    answer = api.post(PATH, {"name": "openai", "value": VALUE})
    one = api.get(f"{PATH}/{answer.body['id']}")
    listed = api.get(PATH)

    assert answer.status == 201
    assert answer.body == one.body == listed.body["items"][0]
    assert answer.body["scope"] == "own"
    assert answer.body["owner"] == answer.body["set_by"] == "alice"
    assert answer.body["used_at"] is None
    for body in (answer.body, listed.body):
        assert VALUE not in repr(body)
        assert "sealed" not in repr(body)
    assert sealing.unseal(Secret.objects.get().sealed) == VALUE


def test_sec_secrets_at_rest_stand_nowhere_in_the_database(alice: User) -> None:
    made(alice)

    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            assert VALUE not in repr(cursor.fetchall())


def test_a_value_is_set_anew(alice: User) -> None:
    path = f"{PATH}/{made(alice)}"

    answer = Api(alice).put(path, {"value": "another value"})

    assert answer.status == 200
    assert sealing.unseal(Secret.objects.get().sealed) == "another value"
    verbs = list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))
    assert verbs == ["secret.create", "secret.replace"]
    assert VALUE not in repr(list(AuditEntry.objects.values()))


def test_a_deleted_secret_is_gone(alice: User) -> None:
    path = f"{PATH}/{made(alice)}"

    assert Api(alice).delete(path).status == 204
    assert Api(alice).get(path).status == 404
    assert not Secret.objects.exists()
    assert AuditEntry.objects.latest("id").verb == "secret.delete"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"value": VALUE}, "/name"),
        ({"name": "x"}, "/value"),
        ({"name": "", "value": VALUE}, "/name"),
        ({"name": "a b", "value": VALUE}, "/name"),
        ({"name": "9lives", "value": VALUE}, "/name"),
        ({"name": "x" * 65, "value": VALUE}, "/name"),
        ({"name": "x", "value": "12345"}, "/value"),
        ({"name": "x", "value": "  12345  "}, "/value"),
        ({"name": "x", "value": "v" * 70_000}, "/value"),
        ({"name": "x", "value": 123456}, "/value"),
        ({"name": "x", "value": VALUE, "scope": "world"}, "/scope"),
        ({"name": "x", "value": VALUE, "owner": "bob"}, "/owner"),
        ({"name": "x", "value": VALUE, "sealed": "s1.a.b"}, "/sealed"),
    ],
)
def test_a_wrong_body_is_refused_at_its_place(
    body: dict[str, object], pointer: str, alice: User
) -> None:
    answer = Api(alice).post(PATH, body)

    assert answer.status == 400
    assert [detail["pointer"] for detail in answer.body["error"]["details"]] == [pointer]
    assert not Secret.objects.exists()
    assert VALUE not in repr(answer.body)


def test_a_name_is_taken_once_by_each(alice: User, bob: User) -> None:
    made(alice)
    made(bob)

    assert Api(alice).post(PATH, {"name": "openai", "value": VALUE}).code == "E_EXISTS"
    assert Secret.objects.count() == 2


def test_only_administrators_make_and_change_shared_ones(
    alice: User, bob: User, root: User
) -> None:
    alice.groups.add(Group.objects.create(name="crew"))
    refused = Api(alice).post(PATH, {"name": "x", "value": VALUE, "scope": "everybody"})
    everybodys = made(root, "everybodys", scope="everybody")
    crews = made(root, "crews", scope="group", group="crew")

    assert (refused.status, refused.code) == (403, "E_NOT_ALLOWED")
    assert [item["name"] for item in Api(alice).get(PATH).body["items"]] == ["crews", "everybodys"]
    assert [item["name"] for item in Api(bob).get(PATH).body["items"]] == ["everybodys"]
    assert Api(bob).get(f"{PATH}/{crews}").status == 404
    for api in (Api(alice), Api(bob)):
        assert api.put(f"{PATH}/{everybodys}", {"value": "hijacked"}).status == 403
        assert api.delete(f"{PATH}/{everybodys}").status == 403
    assert Api(root).put(f"{PATH}/{everybodys}", {"value": "changed"}).status == 200


def test_an_unknown_group_is_refused(root: User) -> None:
    answer = Api(root).post(PATH, {"name": "x", "value": VALUE, "scope": "group", "group": "no"})

    assert answer.body["error"]["details"][0]["pointer"] == "/group"


def test_administrators_list_what_they_may_use_and_may_delete_the_rest(
    alice: User, root: User
) -> None:
    path = f"{PATH}/{made(alice)}"
    api = Api(root)

    assert api.get(PATH).body["items"] == []
    assert api.get(path).body["owner"] == "alice"
    assert api.delete(path).status == 204


def test_what_belongs_to_others_is_not_found(alice: User, bob: User) -> None:
    path = f"{PATH}/{made(bob)}"
    api = Api(alice)

    assert api.get(PATH).body["items"] == []
    assert {api.get(path).status, api.delete(path).status} == {404}
    assert api.put(path, {"value": "hijacked"}).status == 404
    assert sealing.unseal(Secret.objects.get().sealed) == VALUE
