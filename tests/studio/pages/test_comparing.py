"""What changed between two versions, on its page."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from engine.graph.difference import difference
from studio.actions.workflows import create_workflow, publish, save_draft
from studio.models import Workflow
from studio.queries.difference_words import in_short, sections
from tests.studio import build
from tests.studio.pages.conftest import Visit


def document(**more: Any) -> dict[str, Any]:
    return {**build.chain("trial.count", 3), **more}


@pytest.fixture
def workflow(alice: User) -> Workflow:
    """Version 1, version 2 that does more, and a draft that only looks different."""
    made = create_workflow(user=alice, document=document())
    publish(user=alice, workflow=made, note="the first")
    second = document(limits={"max_steps": 7})
    second["nodes"]["s2"]["title"] = "Count <b>again</b>"
    second["nodes"]["extra"] = {"type": "end"}
    second["edges"].append({"id": "e9", "from": "s3", "to": "extra", "when": "n > 2"})
    made = save_draft(user=alice, workflow=made, rev=made.draft_rev, document=second)
    publish(user=alice, workflow=made)
    moved = {**second, "layout": {"s1": [500, 500]}}
    return save_draft(user=alice, workflow=made, rev=made.draft_rev + 0, document=moved)


def page(visit: Visit, user: User, workflow: Workflow, query: str = "") -> str:
    url = reverse("workflow-compare", args=[workflow.public_id])
    return visit(user).get(f"{url}{query}").content.decode()


def test_two_versions_are_told_by_step_and_way(
    alice: User, workflow: Workflow, visit: Visit
) -> None:
    found = page(visit, alice, workflow, "?from=1&to=2")

    assert "1 step added, 1 changed; 1 way added; settings changed." in found
    assert "Count &lt;b&gt;again&lt;/b&gt; (s2)" in found
    assert "<b>again" not in found
    assert "s3 → extra (e9)" in found
    assert "<ins>n &gt; 2</ins>" in found
    assert "max_steps" in found
    assert '<span class="chip chip--ok">added</span>' in found
    assert '<span class="chip">changed</span>' in found
    told, _, drawn = found.partition('<script id="boot"')
    assert "500" not in told, "where steps stand does not count"
    assert '"nodes": {"extra": "added", "s2": "changed"}, "edges": {"e9": "added"}' in drawn


def test_backwards_it_is_the_other_way_round(alice: User, workflow: Workflow, visit: Visit) -> None:
    found = page(visit, alice, workflow, "?from=2&to=1")

    assert "1 step removed, 1 changed; 1 way removed; settings changed." in found
    assert '<span class="chip chip--error">removed</span>' in found
    assert "<del>n &gt; 2</del>" in found


def test_without_a_choice_the_newest_is_compared_with_the_draft(
    alice: User, workflow: Workflow, visit: Visit
) -> None:
    found = page(visit, alice, workflow)

    assert "They do the same" in found
    assert "V2 and the draft differ in nothing that decides how a run goes." in found


@pytest.mark.parametrize("query", ["?from=9&to=1", "?from=1&to=zebra", "?from=²&to=1", "?to=-1"])
def test_a_version_that_is_not_there(
    alice: User, workflow: Workflow, visit: Visit, query: str
) -> None:
    url = reverse("workflow-compare", args=[workflow.public_id])
    assert visit(alice).get(f"{url}{query}").status_code == 404


def test_a_draft_that_is_no_graph_is_compared_all_the_same(alice: User, visit: Visit) -> None:
    made = create_workflow(user=alice, document=document())
    publish(user=alice, workflow=made)
    broken = document(edges=[{"id": "e", "from": "s1", "to": "nowhere"}], entry=[])
    made = save_draft(user=alice, workflow=made, rev=made.draft_rev, document=broken)

    assert "2 ways removed" in page(visit, alice, made) or "way" in page(visit, alice, made)


def test_the_list_of_versions_leads_there(alice: User, workflow: Workflow, visit: Visit) -> None:
    url = reverse("workflow-versions", args=[workflow.public_id])
    found = visit(alice).get(url).content.decode()

    compare = reverse("workflow-compare", args=[workflow.public_id])
    assert f"{compare}?from=1&amp;to=2" in found
    assert found.count("?from=") == 1, "the first version follows none"


def test_orders_and_long_values_in_words() -> None:
    old = document()
    old["edges"] = [{"id": "a", "from": "s1", "to": "s2"}, {"id": "b", "from": "s1", "to": "s3"}]
    new = {**old, "edges": old["edges"][::-1], "description": "x" * 9_000}
    found = difference(old, new)
    orders, settings = sections(found, old, new)

    assert in_short(found) == "The order of ways changed; settings changed."
    assert [(group.title, group.what) for group in orders.groups] == [
        ("Ways out of s1", "reordered")
    ]
    assert orders.groups[0].rows[0].before == "s1 → s2 (a)\ns1 → s3 (b)"
    assert len(settings.groups[0].rows[0].after or "") < 2_100
