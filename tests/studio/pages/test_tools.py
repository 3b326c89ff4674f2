"""The catalogue of tools."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from studio.actions.workflows import create_workflow
from studio.pages.tools import CATEGORIES
from studio.setup import toolbox
from tests.studio import build
from tests.studio.pages.conftest import Visit


def test_every_tool_is_listed_in_its_category(alice: User, visit: Visit) -> None:
    response = visit(alice).get("/tools/")

    groups = {
        group.name: [tool.name for tool in group.tools] for group in response.context["groups"]
    }
    assert "trial.count" in groups["Trial"]
    assert "csv.parse" in groups["CSV"]
    assert any("load_code" in names for names in groups.values())


def test_the_words_for_categories_are_those_of_the_library() -> None:
    registry = toolbox.registry()
    used = {registry.get(name).category for name in registry.names()}

    assert not CATEGORIES.keys() - used, "nothing of the library has these"


def test_categories_are_called_by_words_of_the_reader(alice: User, visit: Visit) -> None:
    response = visit(alice).get("/tools/", headers={"accept-language": "de"})

    names = {group.name for group in response.context["groups"]}
    assert {"Listen", "Datenbank", "CSV", "Trial"} <= names


@pytest.mark.parametrize(
    ("search", "kept"), [("TRIAL.COUNT", True), ("add one", True), ("zebra", False)]
)
def test_the_search_reads_names_and_texts(
    search: str, kept: bool, alice: User, visit: Visit
) -> None:
    found = visit(alice).get("/tools/", {"search": search}).content.decode()

    assert (reverse("tool", args=["trial.count"]) in found) is kept


def test_a_tool_shows_its_text_parameters_and_effect(alice: User, visit: Visit) -> None:
    found = visit(alice).get(reverse("tool", args=["load_code"])).content.decode()

    assert "<code>code</code>" in found
    assert "<b>pure</b>" in found
    assert "it may be called again" in found


def test_a_tool_names_the_workflows_that_use_it_among_those_one_sees(
    alice: User, bob: User, visit: Visit
) -> None:
    create_workflow(user=alice, name="Of Alice", document=build.chain("trial.count"))
    create_workflow(user=bob, name="Of Bob", document=build.chain("trial.count"))
    create_workflow(user=alice, name="Another", document=build.chain("trial.count_async"))

    response = visit(alice).get(reverse("tool", args=["trial.count"]))

    assert [(used.name, used.steps) for used in response.context["used_by"]] == [
        ("Of Alice", ["s1", "s2", "s3"])
    ]


@pytest.mark.parametrize("name", ["nobody.knows", "<script>", "__class__"])
def test_an_unknown_tool_is_not_found(name: str, alice: User, visit: Visit) -> None:
    assert visit(alice).get(f"/tools/{name}").status_code == 404


def test_every_tool_has_a_page(alice: User, visit: Visit) -> None:
    client = visit(alice)
    for group in client.get("/tools/").context["groups"]:
        for tool in group.tools:
            assert client.get(reverse("tool", args=[tool.name])).status_code == 200, tool.name
