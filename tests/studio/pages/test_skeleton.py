"""The boxes that the editor's page shows before its canvas is there."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from studio.actions.workflows import create_workflow
from studio.pages.skeleton import MOST, skeleton
from tests.studio import build
from tests.studio.pages.conftest import Visit


def drawn(**layout: Any) -> Any:
    return skeleton({"entry": ["a"], "nodes": {name: {} for name in layout}, "layout": layout})


def test_steps_lie_where_they_were_saved() -> None:
    found = drawn(a=[0, 0], b=[240.5, -80])

    assert found.view_box == "-64 -144 576.5 272"
    assert [(box.x, box.y, box.entry) for box in found.boxes] == [(0, 0, True), (240.5, -80, False)]


@pytest.mark.parametrize(
    "layout",
    [{}, {"a": None}, {"a": [1]}, {"a": ["1", 2]}, {"a": [True, 2]}, {"a": [1e9, 0]}],
)
def test_without_places_there_is_nothing_to_draw(layout: dict[str, Any]) -> None:
    assert drawn(**layout) is None


def test_a_large_graph_is_not_drawn_twice() -> None:
    assert drawn(**{f"n{i}": [i, 0] for i in range(MOST)}) is not None
    assert drawn(**{f"n{i}": [i, 0] for i in range(MOST + 1)}) is None


@pytest.mark.django_db
def test_the_page_of_the_editor_begins_with_it(alice: User, visit: Visit) -> None:
    document = {**build.chain("trial.count", 2), "layout": {"s1": [0, 0], "s2": [240, 0]}}
    workflow = create_workflow(user=alice, document=document, name="<b>Bold")

    page = visit(alice).get(f"/workflows/{workflow.public_id}/edit").content.decode()

    assert page.count('class="skeleton__box') == 2
    assert "&lt;b&gt;Bold</span>" in page
