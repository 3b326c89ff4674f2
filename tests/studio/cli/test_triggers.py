"""`treadle schedules` and `treadle webhooks`."""

import json

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from studio.actions import schedules, webhooks
from studio.actions.schedules import ScheduleFields
from studio.actions.webhooks import WebhookFields
from studio.models import Schedule
from tests.studio import build

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def secret(root: User) -> str:
    workflow = build.published(build.chain("trial.count"), root).workflow
    wanted = ScheduleFields("Nightly", "30 2 * * *", "Asia/Tokyo")
    schedules.create_schedule(user=root, workflow=workflow, wanted=wanted)
    _, secret = webhooks.create_webhook(
        user=root, workflow=workflow, wanted=WebhookFields("Orders")
    )
    return secret


def test_both_are_listed_in_a_line_each(secret: str, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("treadle", "schedules", "--user", "root")
    Schedule.objects.update(enabled=False, problem="Nothing is published.")
    call_command("treadle", "schedules", "--user", "root")
    call_command("treadle", "webhooks", "--user", "root")

    on, off, hook = capsys.readouterr().out.splitlines()
    assert on.startswith("Nightly starts chain: 30 2 * * * (Asia/Tokyo), next 20")
    assert off.endswith("switched off; Nothing is published.")
    assert hook.startswith("Orders starts chain: /hooks/")
    assert hook.endswith("last delivery never")


def test_json_holds_all_of_it_but_the_secret(
    secret: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for kind in ("schedules", "webhooks"):
        call_command("treadle", kind, "--user", "root", "--json")
        text = capsys.readouterr().out
        assert len(json.loads(text)) == 1
        assert secret not in text


def test_others_see_none(secret: str, bob: User, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("treadle", "webhooks", "--user", "bob", "--json")

    assert json.loads(capsys.readouterr().out) == []
