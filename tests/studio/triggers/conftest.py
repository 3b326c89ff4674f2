"""Schedules of alice's, and a clock that the tests can make due."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from studio.actions import deliveries, schedules, trigger_fields, webhooks
from studio.actions.schedules import ScheduleFields
from studio.actions.webhooks import WebhookFields
from studio.models import Schedule, Version
from tests.studio import build
from tests.studio.triggers.hooks import Sender

Make = Callable[..., Schedule]
Hook = Callable[..., Sender]


@pytest.fixture
def version(alice: User) -> Version:
    return build.published(build.chain("trial.count", 1), alice)


@pytest.fixture
def make(alice: User, version: Version) -> Make:
    """A schedule of every minute, unless said otherwise."""

    def schedule(**wanted: Any) -> Schedule:
        fields = {"name": "Nightly", "cron": "* * * * *", "time_zone": "UTC", **wanted}
        return schedules.create_schedule(
            user=alice, workflow=version.workflow, wanted=ScheduleFields(**fields)
        )

    return schedule


@pytest.fixture
def hook(alice: User, version: Version) -> Hook:
    """A webhook, and who may send to it."""
    deliveries.noted.clear()

    def webhook(**wanted: Any) -> Sender:
        fields = {"name": "Orders", "mapping": {"order": "body"}, **wanted}
        made, secret = webhooks.create_webhook(
            user=alice, workflow=version.workflow, wanted=WebhookFields(**fields)
        )
        return Sender(made, secret)

    return webhook


def came(schedule: Schedule, minutes_ago: int = 0) -> None:
    """Have its due time be the minute that many before the current one, which is not over yet."""
    while trigger_fields.now().second >= 57:
        time.sleep(0.1)
    due = trigger_fields.now().replace(second=0, microsecond=0) - timedelta(minutes=minutes_ago)
    Schedule.objects.filter(pk=schedule.pk).update(due_at=due, next_at=due)
    schedule.refresh_from_db()
