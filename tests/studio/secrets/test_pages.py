"""Settings, Secrets, and the administrator's table of them."""

import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse

from studio.actions.secrets import create_secret
from studio.models import AuditEntry, Secret
from studio.seals import sealing
from tests.studio.pages.conftest import Visit, visit

__all__ = ["visit"]
pytestmark = pytest.mark.django_db

PATH = "/settings/secrets"
VALUE = "sk-cAn4ry-0123456789"


def test_a_secret_is_added_and_listed_without_its_value(alice: User, visit: Visit) -> None:
    client = visit(alice)

    answer = client.post(PATH, {"name": "openai", "value": f"{VALUE}\n"}, follow=True)

    page = answer.content.decode()
    assert "is sealed and ready to use" in page
    assert "openai" in page
    assert VALUE not in page
    assert sealing.unseal(Secret.objects.get().sealed) == VALUE


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"name": "a b", "value": VALUE}, "A secret&#x27;s name is a letter"),
        ({"name": "x", "value": "short"}, "has at least 6 characters"),
        ({"name": "taken", "value": VALUE}, "There is a secret taken already"),
        ({"name": "x", "value": VALUE, "scope": "everybody"}, "everybody is not one of"),
        ({"name": "x", "value": ""}, "This field is required"),
    ],
)
def test_what_is_wrong_is_said_and_the_value_not_sent_back(
    data: dict[str, str], said: str, alice: User, visit: Visit
) -> None:
    create_secret(user=alice, name="taken", value="some value")

    answer = visit(alice).post(PATH, data)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert VALUE not in page
    assert Secret.objects.count() == 1


def test_a_value_is_set_anew(alice: User, visit: Visit) -> None:
    secret = create_secret(user=alice, name="openai", value="the old one")
    path = reverse("settings-secret", args=[secret.public_id])
    client = visit(alice)

    assert "the old one" not in client.get(path).content.decode()
    assert client.post(path, {"value": "tiny"}).status_code == 422
    assert client.post(path, {"value": VALUE})["Location"] == PATH
    assert sealing.unseal(Secret.objects.get().sealed) == VALUE


def test_others_neither_see_nor_change_it(alice: User, bob: User, root: User, visit: Visit) -> None:
    own = create_secret(user=alice, name="of-alice", value=VALUE)
    shared = create_secret(user=root, name="of-all", value=VALUE, scope="everybody")
    client = visit(bob)

    page = client.get(PATH).content.decode()
    assert "of-alice" not in page
    assert "of-all" in page
    assert "Set anew: of-all" not in page
    for secret in (own, shared):
        path = reverse("settings-secret", args=[secret.public_id])
        assert client.get(path).status_code == 404
        assert client.post(path, {"value": "hijacked"}).status_code == 404
        assert client.post(f"{path}/delete").status_code == 404
    assert Secret.objects.count() == 2


def test_an_administrator_shares_with_a_group(root: User, visit: Visit) -> None:
    Group.objects.create(name="crew")

    visit(root).post(PATH, {"name": "x", "value": VALUE, "scope": "group:crew"})

    secret = Secret.objects.get()
    assert secret.owner is None
    assert secret.group is not None
    assert secret.group.name == "crew"


def test_a_secret_is_deleted(alice: User, visit: Visit) -> None:
    secret = create_secret(user=alice, name="openai", value=VALUE)

    visit(alice).post(reverse("settings-secret-delete", args=[secret.public_id]))

    assert not Secret.objects.exists()


def test_the_admin_sets_anew_and_deletes_and_shows_nothing(
    alice: User, root: User, visit: Visit
) -> None:
    secret = create_secret(user=alice, name="openai", value="the old one")
    client = visit(root)
    path = f"/admin/studio/secret/{secret.pk}"

    for page in (client.get("/admin/studio/secret/"), client.get(f"{path}/change/")):
        assert page.status_code == 200
        assert secret.sealed not in page.content.decode()
        assert "the old one" not in page.content.decode()
    assert client.get("/admin/studio/secret/add/").status_code == 403
    assert "at least 6" in client.post(f"{path}/change/", {"value": "tiny"}).content.decode()
    assert client.post(f"{path}/change/", {"value": VALUE}).status_code == 302
    assert sealing.unseal(Secret.objects.get().sealed) == VALUE
    assert client.post(f"{path}/delete/", {"post": "yes"}).status_code == 302
    assert not Secret.objects.exists()
    verbs = list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))
    assert verbs == ["secret.create", "secret.replace", "secret.delete"]
