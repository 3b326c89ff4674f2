"""The page that says what is kept of a workflow, the button on a run's page, the admin's action."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.timezone import now

from studio.actions.runs import start_run
from studio.execution import dispatch
from studio.models import AuditEntry, Run
from tests.studio import build
from tests.studio.pages.conftest import Visit


@pytest.fixture
def run(alice: User, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(dispatch, "_dispatcher", dispatch.Nobody())
    run = start_run(user=alice, version=build.published(build.chain("trial.count"), alice))
    end = now() - timedelta(days=40)
    Run.objects.filter(pk=run.pk).update(status="completed", finished_at=end)
    return Run.objects.get(pk=run.pk)


def test_the_rule_is_set_on_a_page(visit: Visit, alice: User, bob: User, run: Run) -> None:
    url = reverse("workflow-keeping", args=[run.workflow.public_id])
    assert "As the studio says: all" in visit(alice).get(url).content.decode()

    asked = {"keep": "rule", "days": "30", "runs": ""}
    assert visit(alice).post(url, asked).status_code == 302

    run.workflow.refresh_from_db()
    assert run.workflow.retention == "30 days"
    shown = visit(alice).get(url).content.decode()
    assert "1 run is held by no rule now" in shown
    assert 'value="30"' in shown
    for refused, says in (
        ({"keep": "rule", "days": "", "runs": ""}, "Write a number of days"),
        ({"keep": "rule", "days": "0"}, "greater than or equal to 1"),
        ({"keep": "sometimes"}, "Select a valid choice"),
    ):
        answer = visit(alice).post(url, refused)
        assert (answer.status_code, says in answer.content.decode()) == (422, True)
    assert visit(bob).get(url).status_code == 404
    assert visit(alice).post(url, {"keep": "all"}).status_code == 302
    assert visit(alice).post(url, {"keep": "studio"}).status_code == 302
    run.workflow.refresh_from_db()
    assert run.workflow.retention == ""


def test_who_may_not_delete_a_workflow_only_reads_its_rule(visit: Visit, alice: User) -> None:
    workflow = build.published(build.chain("trial.count")).workflow
    url = reverse("workflow-keeping", args=[workflow.public_id])

    assert "Only who may delete" in visit(alice).get(url).content.decode()
    assert visit(alice).post(url, {"keep": "all"}).status_code == 403


def test_a_run_is_kept_on_its_page(visit: Visit, alice: User, run: Run) -> None:
    page, url = visit(alice), reverse("run-keep", args=[run.public_id])
    shown = page.get(reverse("run", args=[run.public_id])).content.decode()
    assert url in shown
    assert 'value="yes"' in shown

    page.post(url, {"kept": "yes"})

    shown = page.get(reverse("run", args=[run.public_id])).content.decode()
    assert 'value="no"' in shown
    assert "Keep no longer" in shown
    keeping = reverse("workflow-keeping", args=[run.workflow.public_id])
    assert reverse("run", args=[run.public_id]) in page.get(keeping).content.decode()
    page.post(url, {"kept": "no"})
    run.refresh_from_db()
    assert not run.kept


def test_an_administrator_forgets_runs_by_hand(
    visit: Visit, root: User, alice: User, run: Run
) -> None:
    going_on = start_run(user=alice, version=run.version)
    action = {"action": "forget", "_selected_action": [str(run.pk), str(going_on.pk)]}

    answer = visit(root).post(reverse("admin:studio_run_changelist"), action, follow=True)

    said = answer.content.decode()
    assert "1 runs are forgotten" in said
    assert "1 runs stay" in said
    run.refresh_from_db()
    assert run.forgotten_at is not None
    assert visit(alice).get(reverse("run", args=[run.public_id])).status_code == 404
    noted = AuditEntry.objects.get(verb="run.forget")
    assert (noted.user, noted.object) == (root, str(run.public_id))
