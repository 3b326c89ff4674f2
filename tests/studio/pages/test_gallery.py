"""The gallery of templates: what each shows, found in the documents, and narrowing down by it."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest

from studio.actions.examples import install_examples
from studio.actions.workflows import create_workflow, duplicate_workflow, publish, save_draft
from studio.pages import gallery
from studio.pages.pictures import picture
from studio.pages.traits import traits
from tests.studio import build
from tests.studio.pages.conftest import Visit

CALL = {"type": "subgraph", "workflow": "part"}


def found(**document: Any) -> tuple[str, ...]:
    document = {"entry": ["a"], **document}
    return traits(document, picture(document))


def nodes(**types: str) -> dict[str, Any]:
    return {name: {"type": kind} for name, kind in types.items()}


def edge(source: str, target: str, **more: Any) -> dict[str, Any]:
    return {"from": source, "to": target, **more}


@pytest.mark.parametrize(
    ("document", "shows"),
    [
        ({"nodes": nodes(a="tool")}, ()),
        (
            {"nodes": nodes(a="tool"), "edges": [edge("a", "a", when="n < 3")]},
            ("conditions", "loop"),
        ),
        (
            {
                "nodes": nodes(a="noop", b="tool", c="end"),
                "edges": [edge("a", "b"), edge("a", "c")],
            },
            ("parallel",),
        ),
        (
            {
                "nodes": nodes(a="tool", b="end", c="end"),
                "edges": [edge("a", "b"), edge("a", "c", on="error")],
            },
            ("errors",),
        ),
        ({"nodes": {"a": {"type": "map", "body": {"workflow": "x"}}}}, ("each", "workflows")),
        ({"nodes": nodes(a="human", b="wait")}, ("people", "waits")),
        ({"nodes": {"a": {"type": "tool", "retry": {}}}}, ("errors",)),
        ({"nodes": {"a": 3, "b": {"type": []}}, "edges": [1, edge("a", "b", on=[])]}, ()),
    ],
)
def test_what_a_document_shows_is_found_in_it(
    document: dict[str, Any], shows: tuple[str, ...]
) -> None:
    assert found(**document) == shows


@pytest.mark.django_db
def test_every_template_says_what_it_is_and_shows(alice: User, visit: Visit) -> None:
    shipped = install_examples()

    page = visit(alice).get("/workflows/new").content.decode()

    cards = re.findall(r'<li class="template-card">.*?</li>', page, re.DOTALL)
    assert len(cards) == len(shipped) >= 8
    assert "Code review</h3>" in cards[0]
    for card in cards:
        assert re.search(r'template-card__text">[^<]{20,}', card), card
        assert 'class="chip"' in card, card
        assert "<rect" in card


@pytest.mark.django_db
def test_a_part_of_an_example_is_everybodys_and_no_template(
    alice: User, root: User, visit: Visit
) -> None:
    example = install_examples()[0]
    before = gallery.templates(request_of(alice))
    part = create_workflow(
        user=root, document=build.chain("trial.count", key="part"), name="Odd ends", beside=example
    )
    publish(user=root, workflow=part)
    build.published(build.chain("trial.count", key="template"))

    after = gallery.templates(request_of(alice))

    assert part.owner is None
    assert {each.name for each in after} - {each.name for each in before} == {"template"}
    assert "Odd ends" in visit(alice).get("/workflows/").content.decode()
    # Whoever copies the example finds it.
    copy = duplicate_workflow(user=alice, workflow=example)
    calling = {**build.chain("trial.count"), "nodes": {"s1": CALL}, "edges": []}
    save_draft(user=alice, workflow=copy, rev=1, document=calling, shrink=True)
    assert publish(user=alice, workflow=copy).number == 1


@pytest.mark.django_db
def test_an_administrator_makes_a_template_of_a_part(root: User, visit: Visit) -> None:
    example = install_examples()[0]
    part = create_workflow(user=root, name="Part", beside=example)
    assert "Part" not in [each.name for each in gallery.templates(request_of(root))]

    at = f"/admin/studio/partof/{part.pk}/delete/"
    assert visit(root).post(at, {"post": "yes"}).status_code == 302

    assert "Part" in [each.name for each in gallery.templates(request_of(root))]


def request_of(user: User) -> HttpRequest:
    request = HttpRequest()
    request.user = user
    return request


@pytest.mark.django_db
def test_the_gallery_is_narrowed_down_by_what_is_shown(alice: User, visit: Visit) -> None:
    install_examples()
    client = visit(alice)

    people = client.get("/workflows/new?shows=people").content.decode()
    nothing = client.get("/workflows/new?shows=nonsense").content.decode()

    assert "Approve and send" in people
    assert "Savings plan" not in people
    assert re.search(r'shows=people" aria-current="true"', people)
    assert "Start blank" in nothing
    assert client.get("/templates/")["Location"] == "/workflows/new"
