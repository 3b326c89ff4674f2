"""Calls of unknown outcome on the pages: the inbox, a run's page, the page of one call."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from studio.actions.runs import start_run
from studio.actions.sharing import share
from studio.models import Run, RunEvent
from studio.queries.explain import explained
from tests.studio import build
from tests.studio.api.test_outcomes import cut
from tests.studio.pages.conftest import Visit

pytestmark = pytest.mark.django_db(transaction=True)


def address(run: Run, ref: str = "1.1") -> str:
    return reverse("outcome", args=[f"{run.public_id}.{ref}"])


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


def test_the_inbox_lists_calls_and_the_navigation_counts_them(alice: User, visit: Visit) -> None:
    browser = visit(alice)
    assert "Calls of unknown outcome" not in text(browser.get(reverse("inbox")))
    run = cut(alice, "x", "y", late=True)

    page = text(browser.get(reverse("inbox")))

    assert "Calls of unknown outcome" in page
    assert f'href="{address(run)}"' in page
    assert f'href="{address(run, "2.1")}"' in page
    assert page.count(">came<") == 1
    assert ">2<span" in page.replace("\n", "")


def test_a_call_is_told_with_all_that_is_known(alice: User, visit: Visit) -> None:
    run = cut(alice, "pay", late=True)

    page = text(visit(alice).get(address(run)))

    for said in (
        "What became of pay?",
        "trial.charge",
        "till-3, process 4711",
        f"{run.public_id}:1",
        "cents * 2",
        "What came too late",
        "&quot;paid&quot;: 10",
    ):
        assert said in page, said
    for choice in ("adopt", "done", "retry", "skip", "fail"):
        assert f'value="{choice}"' in page
    assert 'value="adopt"' not in text(visit(alice).get(address(cut(alice, "pay"))))


def test_the_log_says_what_was_lost_kept_and_decided(alice: User, visit: Visit) -> None:
    run, browser = cut(alice, "pay", late=True), visit(alice)
    browser.post(address(run), {"choice": "adopt", "note": "the bank has it"})

    page = text(browser.get(reverse("run", args=[run.public_id])))

    for said in (
        "Lost with its worker; what it did is not known, somebody must decide",
        "A late result came in and was kept",
        "Decided by alice: what it brought too late counts (&quot;the bank has it&quot;)",
    ):
        assert said in page, said


def test_a_decision_without_javascript(alice: User, visit: Visit) -> None:
    run, browser = cut(alice, "pay"), visit(alice)

    for wrong, said in (
        ({}, "Choose what became of the call."),
        ({"choice": "done"}, "Write what the tool would have returned"),
        ({"choice": "done", "output": "{"}, "Enter a valid JSON."),
        ({"choice": "done", "output": '{"paid": "much"}'}, "would not return this"),
        ({"choice": "adopt"}, "has brought nothing"),
    ):
        refused = browser.post(address(run), wrong)
        assert (refused.status_code, said in text(refused)) == (422, True), (wrong, text(refused))
    given = {"choice": "done", "output": '{"paid": 9}', "note": "seen"}
    taken = browser.post(address(run), given, follow=True)

    assert taken.redirect_chain == [(reverse("run", args=[run.public_id]), 302)]
    assert "Decided: the run goes on." in text(taken)
    assert RunEvent.objects.filter(run=run, kind="run.resumed").count() == 1
    page = text(browser.get(address(run)))
    assert "Decided by alice" in page
    assert "“seen”" in page
    assert "<form" not in page.split("</header>")[1]
    other = browser.post(address(run), {"choice": "skip"})
    assert other.status_code == 422


def test_the_run_page_leads_to_the_calls_instead_of_a_resume(alice: User, visit: Visit) -> None:
    run, browser = cut(alice, "x", "y"), visit(alice)
    page = text(browser.get(reverse("run", args=[run.public_id])))

    assert "Calls may have been made, and nobody knows" in page
    assert f'href="{address(run)}"' in page
    assert 'value="resume"' not in page
    refused = browser.post(
        reverse("run-go-on", args=[run.public_id]), {"verb": "resume"}, follow=True
    )
    assert "has calls of unknown outcome" in text(refused)
    browser.post(address(run), {"choice": "skip"})
    half = text(browser.get(reverse("run", args=[run.public_id])))
    assert "A call may have been made" in half


def test_a_parent_names_the_calls_of_the_runs_below_it(alice: User, visit: Visit) -> None:
    child = cut(alice, "pay")
    document = build.chain("trial.count", 1, key="outer")
    document["nodes"]["s1"] = {"type": "subgraph", "workflow": "shop"}
    parent = start_run(user=alice, version=build.published(document, alice))
    Run.objects.filter(pk=child.pk).update(parent=parent, parent_activation=1, parent_attempt=1)

    page = text(visit(alice).get(reverse("run", args=[parent.public_id])))

    assert f'href="{address(child)}"' in page
    assert "in a run of shop" in page
    assert f'"calls": [{{"id": "{child.public_id}.1.1"' in page
    told = [reason for reason in explained(parent, alice)["reasons"] if reason["what"] == "outcome"]
    assert [reason["run"] for reason in told] == [str(child.public_id)]
    assert "'pay' of a run of 'shop'" in told[0]["text"]


def test_who_may_not_steer_sees_the_call_and_cannot_decide(
    alice: User, bob: User, visit: Visit
) -> None:
    run = cut(alice, "pay")
    assert visit(bob).get(address(run)).status_code == 404
    share(user=alice, workflow=run.workflow, role="viewer", person="bob")

    page = visit(bob).get(address(run))
    assert page.status_code == 200
    assert 'name="choice"' not in text(page)
    assert "Calls of unknown outcome" not in text(visit(bob).get(reverse("inbox")))
    assert visit(bob).post(address(run), {"choice": "skip"}).status_code == 403


def test_a_call_of_a_cancelled_run_needs_nobody(alice: User, visit: Visit) -> None:
    run = cut(alice, "pay")
    Run.objects.filter(pk=run.pk).update(status="cancelled")

    page = text(visit(alice).get(address(run)))

    assert "Nobody needs to decide about this call any more." in page
    assert 'name="choice"' not in page
