"""The pages that steer runs: move to a version, runs at once, two runs side by side."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from studio.actions.runs import start_run
from studio.actions.workflows import publish, save_draft
from studio.execution import dispatch
from studio.models import AuditEntry, Run, Version
from tests.studio import build
from tests.studio.pages.conftest import Finish, Visit


@pytest.fixture
def paused(alice: User, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(dispatch, "_dispatcher", dispatch.Nobody())
    run = start_run(user=alice, version=build.published(build.chain("trial.count"), alice))
    Run.objects.filter(pk=run.pk).update(status="paused")
    return Run.objects.get(pk=run.pk)


def second(run: Run, length: int = 4) -> Version:
    workflow = run.workflow
    workflow.refresh_from_db()
    save_draft(
        user=None,
        workflow=workflow,
        rev=workflow.draft_rev,
        document=build.chain("trial.count", length),
    )
    return publish(user=None, workflow=workflow)


def test_a_run_is_moved_by_its_page(visit: Visit, alice: User, paused: Run) -> None:
    page, url = visit(alice), reverse("run-move", args=[paused.public_id])
    assert "no other published version" in page.get(url).content.decode()
    target = second(paused)

    asked = page.get(url).content.decode()
    assert f'value="{target.public_id}"' in asked
    answer = page.post(url, {"version": str(target.public_id), "map": ""})

    assert answer.status_code == 302
    paused.refresh_from_db()
    assert paused.version == target
    assert AuditEntry.objects.filter(verb="run.move", user=alice).count() == 1
    shown = page.get(reverse("run", args=[paused.public_id])).content.decode()
    assert "Moved to version 2" in shown
    assert url in shown


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "This is not JSON"),
        ("[]", "Write an object such as"),
        ('{"x": "s1"}', "no node or edge"),
    ],
)
def test_a_map_that_is_none_says_so(
    visit: Visit, alice: User, paused: Run, text: str, says: str
) -> None:
    target = second(paused)

    answer = visit(alice).post(
        reverse("run-move", args=[paused.public_id]), {"version": target.public_id, "map": text}
    )

    assert answer.status_code == 422
    assert says in answer.content.decode()


def test_what_has_no_home_is_shown(visit: Visit, alice: User, paused: Run) -> None:
    document = build.chain("trial.count", 1)
    document["nodes"] = {"x": document["nodes"]["s1"]}
    document["entry"] = ["x"]
    workflow = paused.workflow
    save_draft(user=None, workflow=workflow, rev=workflow.draft_rev, document=document, shrink=True)
    target = publish(user=None, workflow=workflow)
    url = reverse("run-move", args=[paused.public_id])

    answer = visit(alice).post(url, {"version": target.public_id})

    assert "the new version has no node &#x27;s1&#x27;" in answer.content.decode()
    mapped = visit(alice).post(url, {"version": target.public_id, "map": '{"s1": "x"}'})
    assert mapped.status_code == 302


def test_a_run_that_does_not_rest_is_not_moved(visit: Visit, alice: User, paused: Run) -> None:
    Run.objects.filter(pk=paused.pk).update(status="running")
    target = second(paused)
    url = reverse("run-move", args=[paused.public_id])

    assert "Pause it first" in visit(alice).get(url).content.decode()
    answer = visit(alice).post(url, {"version": target.public_id})
    assert "Pause it first" in answer.content.decode()
    assert url not in visit(alice).get(reverse("run", args=[paused.public_id])).content.decode()


def test_runs_at_once_are_set_on_a_page(
    visit: Visit, alice: User, bob: User, root: User, paused: Run
) -> None:
    url = reverse("workflow-limit", args=[paused.workflow.public_id])

    assert visit(alice).post(url, {"limit": "2", "key": "customer"}).status_code == 302
    paused.workflow.refresh_from_db()
    assert (paused.workflow.run_limit, paused.workflow.run_limit_key) == (2, "customer")
    start_run(user=alice, version=paused.version, state={"customer": "acme"})
    shown = visit(alice).get(url).content.decode()
    assert "&quot;acme&quot;" in shown
    assert 'value="2"' in shown
    for asked, says in (
        ({"limit": "0"}, "greater than or equal to 1"),
        ({"limit": "1", "key": "1 +"}, "The key is no expression"),
        ({"limit": "", "key": "a"}, "A key needs a limit"),
    ):
        answer = visit(alice).post(url, asked)
        assert (answer.status_code, says in answer.content.decode()) == (422, True)
    assert visit(bob).get(url).status_code == 404
    assert visit(alice).post(url, {"limit": "", "key": ""}).status_code == 302
    paused.workflow.refresh_from_db()
    assert paused.workflow.run_limit is None


def test_a_shared_workflow_is_limited_by_administrators_only(
    visit: Visit, alice: User, root: User
) -> None:
    workflow = build.published(build.chain("trial.count")).workflow
    url = reverse("workflow-limit", args=[workflow.public_id])

    assert "not yours to change" in visit(alice).get(url).content.decode()
    assert visit(alice).post(url, {"limit": "1"}).status_code == 403
    assert visit(root).post(url, {"limit": "1"}).status_code == 302


def test_two_runs_are_shown_side_by_side(
    visit: Visit, alice: User, bob: User, finish: Finish
) -> None:
    version = build.published(build.loop("trial.count", 3), alice)
    first, other = (finish(version, alice, state={"n": n}) for n in (0, 1))
    url = reverse("run-compare", args=[first.public_id])

    chosen = visit(alice).get(url).content.decode()
    assert f"?with={other.public_id}" in chosen
    shown = visit(alice).get(f"{url}?with={other.public_id}").content.decode()

    assert "They part at visit 2 of &#x27;a&#x27;" in shown
    assert "What they began with" in shown
    assert "Edges taken a different number of times" in shown
    assert "Only the first run has this step." in shown
    assert "Both went the same way" in (
        visit(alice).get(f"{url}?with={first.public_id}").content.decode()
    )
    assert visit(bob).get(url).status_code == 404
    theirs = start_run(user=bob, version=build.published(build.chain("trial.count"), bob))
    assert visit(alice).get(f"{url}?with={theirs.public_id}").status_code == 404


def test_edges_are_compared_by_the_steps_between_which_they_lead(
    visit: Visit, alice: User, finish: Finish
) -> None:
    document = build.loop("trial.count", 3)
    document["nodes"]["a"]["title"] = "Count <up>"
    version = build.published(document, alice)
    first, other = (finish(version, alice, state={"n": n}) for n in (0, 1))

    url = reverse("run-compare", args=[first.public_id])
    shown = visit(alice).get(f"{url}?with={other.public_id}").content.decode()

    assert '<span title="again">Count &lt;up&gt; → Count &lt;up&gt;</span>' in shown
    assert "<code>Count &lt;up&gt; → done</code>" in shown
    assert "[&quot;out&quot;]" not in shown


def test_an_error_is_compared_in_words(visit: Visit, alice: User, finish: Finish) -> None:
    version = build.published(build.chain("trial.count"), alice)
    failed, well = finish(version, alice, state={"n": "many"}), finish(version, alice)
    url = reverse("run-compare", args=[failed.public_id])

    shown = visit(alice).get(f"{url}?with={well.public_id}").content.decode()

    assert "<code>E_TOOL: TypeError: " in shown
    assert "traceback" not in shown
