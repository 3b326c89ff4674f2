"""The pages of schedules and webhooks, without JavaScript."""

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from studio.actions import firing, schedules, webhooks
from studio.actions.schedules import ScheduleFields
from studio.actions.webhooks import WebhookFields
from studio.models import Run, Schedule, Version, Webhook
from studio.pages import triggers
from tests.studio import build
from tests.studio.pages.conftest import Visit
from tests.studio.triggers.conftest import came
from tests.studio.triggers.hooks import Sender

Page = Callable[..., str]
SCHEDULE = {
    "name": "Nightly",
    "cron": "30 2 * * *",
    "time_zone": "Asia/Tokyo",
    "catch_up": "all",
    "overlap": "skip",
    "jitter_s": "5",
    "state": '{"n": 1}',
    "tags": "a, b",
}
WEBHOOK = {
    "name": "Orders",
    "scheme": "github",
    "action": "start",
    "mapping": "order = body.order.id\n\n total= size(body.lines) == 2 ? 1 : 0",
    "headers": "X-Shop, x-lang",
    "tags": "",
}


@pytest.fixture
def version(alice: User) -> Version:
    return build.published(build.chain("trial.count", 1), alice)


@pytest.fixture
def browser(alice: User, visit: Visit) -> Client:
    return visit(alice)


@pytest.fixture
def schedule(alice: User, version: Version) -> Schedule:
    wanted = ScheduleFields("Every minute", "* * * * *", "Asia/Tokyo", state={"n": 1})
    return schedules.create_schedule(user=alice, workflow=version.workflow, wanted=wanted)


@pytest.fixture
def sender(alice: User, version: Version) -> Sender:
    wanted = WebhookFields("Orders", mapping={"order": "body.id"})
    return Sender(*webhooks.create_webhook(user=alice, workflow=version.workflow, wanted=wanted))


def text_of(response: Any) -> str:
    return html.unescape(response.content.decode())


def test_an_empty_list_says_what_triggers_are_for(browser: Client) -> None:
    found = text_of(browser.get(reverse("triggers")))

    assert "No schedules" in found
    assert "No webhooks" in found
    assert reverse("schedule-new") in found


def test_the_list_shows_both_and_can_be_of_one_workflow(
    browser: Client, schedule: Schedule, sender: Sender, alice: User
) -> None:
    other = build.published(build.chain("trial.count", 1, key="other"), alice)
    workflow = schedule.workflow.public_id

    found = text_of(browser.get(reverse("triggers"), {"workflow": str(workflow)}))
    empty = text_of(browser.get(reverse("triggers"), {"workflow": str(other.workflow.public_id)}))

    assert reverse("schedule", args=[schedule.public_id]) in found
    assert reverse("webhook", args=[sender.webhook.public_id]) in found
    assert "Asia/Tokyo" in found
    assert f"?workflow={workflow}" in found
    assert "No schedules" in empty
    assert "Triggers of other" in empty


def test_the_list_of_workflows_leads_to_their_triggers(browser: Client, version: Version) -> None:
    found = text_of(browser.get(reverse("workflows")))

    assert f"{reverse('triggers')}?workflow={version.workflow.public_id}" in found


def test_a_schedule_is_made_on_its_page(browser: Client, version: Version, alice: User) -> None:
    workflow = str(version.workflow.public_id)
    asked = browser.get(reverse("schedule-new"), {"workflow": workflow})
    assert f'value="{workflow}" selected' in asked.content.decode()

    answer = browser.post(reverse("schedule-new"), {**SCHEDULE, "workflow": workflow})

    made = Schedule.objects.get()
    assert answer["Location"] == reverse("schedule", args=[made.public_id])
    assert (made.name, made.cron, made.time_zone) == ("Nightly", "30 2 * * *", "Asia/Tokyo")
    assert (made.catch_up, made.overlap, made.jitter_s) == ("all", "skip", 5)
    assert (made.state, made.tags, made.owner) == ('{"n":1}', ["a", "b"], alice)


def test_the_next_times_are_shown_before_anything_is_saved(
    browser: Client, version: Version
) -> None:
    """In the time of the zone, not in ours."""
    data = {"name": "", "cron": "30 2 * * *", "time_zone": "Asia/Tokyo", "preview": "1"}

    answer = browser.post(reverse("schedule-new"), data)

    assert answer.status_code == 200
    assert len(re.findall(r"\w{3} \d+ \w{3} \d{4}, 02:30", text_of(answer))) == 5
    assert "This field is required" not in text_of(answer)
    assert not Schedule.objects.exists()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"cron": "every day"}, "cron"),
        ({"cron": "0 0 */31 * 1#5"}, "cron"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"state": "[1]"}, "state"),
        ({"state": "{"}, "state"),
        ({"jitter_s": "-1"}, "jitter_s"),
        ({"name": ""}, "name"),
        ({"tags": "x" * 41}, "tags"),
        ({"workflow": "x"}, "workflow"),
        ({"catch_up": "x"}, "catch_up"),
    ],
)
def test_what_is_wrong_with_a_schedule_is_said_at_its_field_and_kept(
    browser: Client, version: Version, changed: dict[str, str], field: str
) -> None:
    data = {**SCHEDULE, "workflow": str(version.workflow.public_id), **changed}

    answer = browser.post(reverse("schedule-new"), data)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert answer.context["form"]["overlap"].value() == "skip"
    assert not Schedule.objects.exists()


@pytest.mark.parametrize("field", ["cron", "time_zone"])
def test_a_preview_of_nonsense_says_so(browser: Client, field: str) -> None:
    given = {"cron": "* * * * *", "time_zone": "UTC", "preview": "1", field: "x"}

    answer = browser.post(reverse("schedule-new"), given)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]


def test_a_schedule_is_changed_switched_run_and_deleted(
    browser: Client, schedule: Schedule, version: Version
) -> None:
    page = reverse("schedule", args=[schedule.public_id])
    browser.post(page, {**SCHEDULE, "version": str(version.public_id)})
    schedule.refresh_from_db()
    assert (schedule.name, schedule.version) == ("Nightly", version)
    assert 'value="30 2 * * *"' in browser.get(page).content.decode()

    browser.post(reverse("schedule-switch", args=[schedule.public_id]))
    schedule.refresh_from_db()
    assert not schedule.enabled
    assert "None: it is switched off." in text_of(browser.get(page))
    browser.post(reverse("schedule-switch", args=[schedule.public_id]), {"on": "1"})
    schedule.refresh_from_db()
    assert schedule.enabled

    started = browser.post(reverse("schedule-run", args=[schedule.public_id]))
    run = Run.objects.get()
    assert started["Location"] == reverse("run", args=[run.public_id])
    assert str(run.public_id) in text_of(browser.get(page))
    found = text_of(browser.get(started["Location"]))
    assert f'<a href="{page}">schedule Nightly</a>' in found

    gone = browser.post(reverse("schedule-delete", args=[schedule.public_id]))
    assert gone["Location"] == reverse("triggers")
    assert browser.get(page).status_code == 404
    assert browser.get(started["Location"]).status_code == 200


def test_why_a_start_was_refused_is_on_the_page(browser: Client, schedule: Schedule) -> None:
    came(schedule)
    schedule.workflow.published = None
    schedule.workflow.save()
    firing.fire_due()

    for path in (reverse("schedule", args=[schedule.public_id]), reverse("triggers")):
        found = text_of(browser.get(path))
        assert "The workflow has no published version." in found
        assert "refused" in found
    answer = browser.post(reverse("schedule-run", args=[schedule.public_id]), follow=True)
    assert 'notice--error" role="alert"' in answer.content.decode()


def test_a_webhook_is_made_on_its_page_and_its_secret_shown_once(
    browser: Client, version: Version
) -> None:
    data = {**WEBHOOK, "workflow": str(version.workflow.public_id)}
    answer = browser.post(reverse("webhook-new"), data)

    made = Webhook.objects.get()
    secret = answer.context["secret"]
    assert answer.status_code == 200
    assert secret in text_of(answer)
    assert "no-store" in answer["Cache-Control"]
    assert made.mapping == {
        "order": "body.order.id",
        "total": "size(body.lines) == 2 ? 1 : 0",
    }
    assert (made.headers, made.scheme) == (["x-shop", "x-lang"], "github")
    page = browser.get(reverse("webhook", args=[made.public_id]))
    assert secret not in text_of(page)
    assert f"http://testserver/hooks/{made.public_id}" in text_of(page)
    assert "X-Hub-Signature-256: sha256=$SIGNATURE" in text_of(page)
    again = browser.post(reverse("webhook-new"), data)
    assert "You have a webhook of this name." in text_of(again)
    assert Webhook.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"mapping": "order"}, "Line 1: write key = expression."),
        ({"mapping": "a = body\na = body"}, "Line 2: the key a is there twice."),
        ({"mapping": "a/b = body.("}, "a/b: "),
        ({"mapping": "a = state.x"}, "Known: body, headers, query."),
        ({"headers": "cookie"}, "proves who somebody is"),
        ({"name": ""}, "required"),
    ],
)
def test_what_is_wrong_with_a_webhook_is_said(
    browser: Client, version: Version, changed: dict[str, str], said: str
) -> None:
    data = {**WEBHOOK, "workflow": str(version.workflow.public_id), **changed}

    answer = browser.post(reverse("webhook-new"), data)

    assert answer.status_code == 422
    assert said in text_of(answer)
    assert not Webhook.objects.exists()


def test_a_webhook_that_sends_a_signal_is_made_on_its_page(
    browser: Client, version: Version
) -> None:
    data = {**WEBHOOK, "workflow": str(version.workflow.public_id), "action": "signal"}
    more = {"signal_name": "paid", "signal_key": "body.(", "signal_payload": ""}

    refused = browser.post(reverse("webhook-new"), data)
    wrong = browser.post(reverse("webhook-new"), {**data, **more})
    assert list(refused.context["form"].errors) == ["signal_name"]
    assert list(wrong.context["form"].errors) == ["signal_key"]
    answer = browser.post(reverse("webhook-new"), {**data, **more, "signal_key": "body.order"})

    made = Webhook.objects.get()
    assert (made.action, made.signal) == ("signal", {"name": "paid", "key": "body.order"})
    assert "Sends the signal" in text_of(answer)
    assert "Try it" not in text_of(answer)
    page = browser.get(reverse("webhook", args=[made.public_id]))
    assert page.context["form"]["signal_key"].value() == "body.order"


def test_odd_mappings_are_written_so_that_they_read_back(browser: Client, sender: Sender) -> None:
    odd = {"a = b": "body", "  ": "body.x", '"q"': "body\n.y", "": "query", "plain": "1 == 1"}
    Webhook.objects.update(mapping=odd)
    page = reverse("webhook", args=[sender.webhook.public_id])
    shown = browser.get(page).context["form"]["mapping"].value()

    answer = browser.post(page, {**WEBHOOK, "mapping": shown, "version": ""})

    assert answer.status_code == 302, answer.context["form"].errors
    sender.webhook.refresh_from_db()
    assert sender.webhook.mapping == {**odd, '"q"': "body .y"}


def test_a_webhook_is_changed_tried_switched_and_deleted(
    browser: Client, sender: Sender, version: Version
) -> None:
    key = [sender.webhook.public_id]
    page = reverse("webhook", args=key)
    browser.post(page, {**WEBHOOK, "name": "Other", "mapping": "n = body.n", "version": ""})
    sender.webhook.refresh_from_db()
    assert (sender.webhook.name, sender.webhook.mapping) == ("Other", {"n": "body.n"})

    refused = browser.post(reverse("webhook-try", args=key), {"body": "{}"})
    assert refused.status_code == 422
    assert "no key 'n'" in text_of(refused)
    started = browser.post(reverse("webhook-try", args=key), {"body": '{"n": 1}'})
    assert started["Location"] == reverse("run", args=[Run.objects.get().public_id])
    assert f'<a href="{page}">webhook Other</a>' in text_of(browser.get(started["Location"]))

    browser.post(reverse("webhook-switch", args=key))
    sender.webhook.refresh_from_db()
    assert not sender.webhook.enabled
    browser.post(reverse("webhook-delete", args=key))
    assert browser.get(page).status_code == 404


def test_a_secret_is_replaced_once_even_when_the_form_is_sent_again(
    browser: Client, sender: Sender
) -> None:
    key = [sender.webhook.public_id]
    mark = browser.get(reverse("webhook", args=key)).context["mark"]

    shown = browser.post(reverse("webhook-rotate", args=key), {"mark": mark})
    again = browser.post(reverse("webhook-rotate", args=key), {"mark": mark})

    assert shown.context["secret"] in text_of(shown)
    assert "stays good until" in text_of(shown)
    assert again.status_code == 302
    assert sender.send({"id": 1}).status == 202
    assert sender.send({"id": 2}, secret=shown.context["secret"]).status == 202


def test_deliveries_are_on_the_page(browser: Client, sender: Sender) -> None:
    run = sender.send({"id": 1}, delivery="d-17").body["run_id"]
    sender.send({}, secret="whs_wrong")

    found = text_of(browser.get(reverse("webhook", args=[sender.webhook.public_id])))

    assert reverse("run", args=[run]) in found
    assert "d-17" in found
    assert "The signature is wrong" in found


@pytest.mark.parametrize("kind", ["schedule", "webhook"])
@pytest.mark.parametrize("verb", ["", "-switch", "-delete", "-run", "-try", "-rotate"])
def test_what_belongs_to_others_is_not_found(
    bob: User, visit: Visit, schedule: Schedule, sender: Sender, kind: str, verb: str
) -> None:
    if f"{kind}{verb}" in ("schedule-try", "schedule-rotate", "webhook-run"):
        return
    row = schedule if kind == "schedule" else sender.webhook
    path = reverse(f"{kind}{verb}", args=[row.public_id])

    assert visit(bob).post(path, {"on": "1"}).status_code == 404
    assert visit(bob).get(path).status_code in (404, 405)
    assert not Run.objects.exists()
    assert Schedule.objects.get().enabled
    found = text_of(visit(bob).get(reverse("triggers")))
    assert "No schedules" in found


def test_a_longer_list_asks_no_more_queries(
    browser: Client, schedule: Schedule, sender: Sender, alice: User
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(reverse("triggers")).status_code == 200
        return len(captured)

    few = queries()
    for number in range(3):
        wanted = ScheduleFields(f"number {number}", "0 0 * * *")
        schedules.create_schedule(user=alice, workflow=schedule.workflow, wanted=wanted)
        webhooks.create_webhook(
            user=alice, workflow=schedule.workflow, wanted=WebhookFields(f"number {number}")
        )

    assert queries() == few


def test_a_list_that_is_cut_says_so(
    browser: Client, schedule: Schedule, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "are shown" not in text_of(browser.get(reverse("triggers")))
    monkeypatch.setattr(triggers, "MOST", 1)

    assert text_of(browser.get(reverse("triggers"))).count("The first 1 are shown") == 2


def test_sec_what_people_write_is_escaped(browser: Client, alice: User, version: Version) -> None:
    evil = "<img src onerror=alert(1)>"
    wanted = ScheduleFields(evil, "* * * * *", tags=(evil,), state={evil: evil})
    made = schedules.create_schedule(user=alice, workflow=version.workflow, wanted=wanted)
    Schedule.objects.update(problem=evil)
    hook, _ = webhooks.create_webhook(
        user=alice, workflow=version.workflow, wanted=WebhookFields(evil, mapping={evil: "body"})
    )
    run = schedules.run_now(user=alice, schedule=made)

    for path in (
        reverse("triggers"),
        reverse("schedule", args=[made.public_id]),
        reverse("webhook", args=[hook.public_id]),
        reverse("run", args=[run.public_id]),
    ):
        assert "<img" not in browser.get(path).content.decode().replace("<img class", "")
