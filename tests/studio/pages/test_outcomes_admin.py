"""Calls of unknown outcome in the administration: listed, led to, decided."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from engine.policies import OutcomeChoice
from studio.actions.outcomes import decide_outcome
from studio.models import UnknownOutcome
from tests.studio.api.test_outcomes import cut
from tests.studio.pages.conftest import Visit

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "admin:studio_unknownoutcome_changelist"


def test_operators_see_what_is_undecided_and_decide_some_of_it(
    root: User, alice: User, visit: Visit
) -> None:
    run, other, browser = cut(alice, "x", "y"), cut(alice, "pay"), visit(root)
    rows = {f"{row.run_id}/{row.ref}": row for row in UnknownOutcome.objects.all()}

    page = browser.get(reverse(LIST)).content.decode()
    for ref in ("1.1", "2.1"):
        assert reverse("outcome", args=[f"{run.public_id}.{ref}"]) in page
    chosen = [rows[f"{run.pk}/1.1"].pk, rows[f"{other.pk}/1.1"].pk]
    done = browser.post(
        reverse(LIST), {"action": "skip", "_selected_action": chosen}, follow=True
    ).content.decode()

    assert "2 calls decided." in done
    assert f">{run.public_id}<" in done or str(run.public_id) in done
    left = UnknownOutcome.objects.filter(closed_at=None)
    assert [(row.run_id, row.ref) for row in left] == [(run.pk, "2.1")]
    other.refresh_from_db()
    assert other.status == "queued"
    everything = browser.get(f"{reverse(LIST)}?decided=all").content.decode()
    assert everything.count(">See<") == 2


def test_one_that_cannot_be_decided_is_told_and_holds_up_no_other(
    root: User, alice: User, visit: Visit
) -> None:
    run, other = cut(alice, "x"), cut(alice, "pay")
    first = UnknownOutcome.objects.get(run=run)
    decide_outcome(user=alice, wait=first, choice=OutcomeChoice.FAIL)
    chosen = list(UnknownOutcome.objects.values_list("pk", flat=True))

    page = visit(root).post(
        f"{reverse(LIST)}?decided=all",
        {"action": "retry", "_selected_action": chosen},
        follow=True,
    )

    said = page.content.decode()
    assert "Step x: This was decided by alice" in said
    assert "1 call decided." in said
    assert not UnknownOutcome.objects.filter(run=other, closed_at=None).exists()


def test_only_administrators_decide_there(alice: User, visit: Visit) -> None:
    cut(alice, "x")
    alice.is_staff = True
    alice.save()

    assert visit(alice).get(reverse(LIST)).status_code == 403


def test_the_list_asks_as_often_for_many_as_for_one(root: User, alice: User, visit: Visit) -> None:
    browser = visit(root)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(reverse(LIST)).status_code == 200
        return len(queries)

    cut(alice, "x")
    one = asked()
    cut(alice, "x", "y", "z")
    assert asked() == one
    row = UnknownOutcome.objects.latest("pk")
    page = browser.get(reverse("admin:studio_unknownoutcome_change", args=[row.pk]), follow=True)
    assert page.status_code == 200
