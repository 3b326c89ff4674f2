"""The bodies of schedules and webhooks, each as a shape, and their answers as schemas."""

from rest_framework import serializers

from studio.actions.webhooks import Action
from studio.api.answers import (
    ANY_OBJECT,
    BOOLEAN,
    ID,
    INTEGER,
    MAYBE_INTEGER,
    MAYBE_MOMENT,
    MAYBE_TEXT,
    MOMENT,
    TAGS,
    TEXT,
    listed,
    maybe,
    obj,
)
from studio.api.serializers import ObjectField, Shape, StrictCharField, StrictIntegerField
from studio.api.shapes import NAME_MAX, Page
from studio.triggers.schedule_plan import CatchUp, Overlap
from studio.triggers.signatures import Scheme


class TagsField(serializers.ListField):
    child = StrictCharField(max_length=40)


class ScheduleChange(Shape):
    name = StrictCharField(max_length=NAME_MAX, required=False)
    version = serializers.UUIDField(allow_null=True, required=False)
    cron = StrictCharField(max_length=200, required=False)
    time_zone = StrictCharField(max_length=100, required=False)
    state = ObjectField(required=False)
    tags = TagsField(max_length=20, required=False)
    catch_up = serializers.ChoiceField(list(CatchUp), required=False)
    overlap = serializers.ChoiceField(list(Overlap), required=False)
    jitter_s = StrictIntegerField(min_value=0, max_value=3600, required=False)
    enabled = serializers.BooleanField(required=False)


class NewSchedule(ScheduleChange):
    name = StrictCharField(max_length=NAME_MAX)
    workflow = serializers.UUIDField()
    cron = StrictCharField(max_length=200)


class CronPreview(Shape):
    cron = StrictCharField(max_length=200)
    time_zone = StrictCharField(max_length=100, default="UTC")
    count = StrictIntegerField(min_value=1, max_value=50, default=5)


class TriggersQuery(Page):
    workflow = serializers.UUIDField(required=False)


class WebhookChange(Shape):
    name = StrictCharField(max_length=NAME_MAX, required=False)
    version = serializers.UUIDField(allow_null=True, required=False)
    scheme = serializers.ChoiceField(list(Scheme), required=False)
    action = serializers.ChoiceField(list(Action), required=False)
    signal = ObjectField(required=False)
    mapping = ObjectField(required=False)
    headers = serializers.ListField(
        child=StrictCharField(max_length=64), max_length=20, required=False
    )
    tags = TagsField(max_length=20, required=False)
    enabled = serializers.BooleanField(required=False)


class NewWebhook(WebhookChange):
    name = StrictCharField(max_length=NAME_MAX)
    workflow = serializers.UUIDField()
    secret = StrictCharField(max_length=200, required=False)


class SecretRotation(Shape):
    at_once = serializers.BooleanField(default=False)
    secret = StrictCharField(max_length=200, required=False)


class SampleDelivery(Shape):
    body = serializers.JSONField(default=None, allow_null=True)
    headers = ObjectField(default=dict)
    query = ObjectField(default=dict)


_TRIGGER = {
    "id": ID,
    "name": TEXT,
    "workflow": obj(id=ID, name=TEXT),
    "version": maybe(obj(id=ID, number=MAYBE_INTEGER)),
    "tags": TAGS,
    "enabled": BOOLEAN,
    "last_at": MAYBE_MOMENT,
    "owner": TEXT,
    "created_at": MOMENT,
}
SCHEDULE = obj(
    **_TRIGGER,
    cron=TEXT,
    time_zone=TEXT,
    state=ANY_OBJECT,
    catch_up=TEXT,
    overlap=TEXT,
    jitter_s=INTEGER,
    next=listed(MOMENT),
    failures=INTEGER,
    problem=TEXT,
)
FIRING = obj(due_at=MOMENT, at=MOMENT, status=TEXT, reason=TEXT, run=maybe(obj(id=ID, status=TEXT)))
PREVIEW = obj(next=listed(MOMENT))
_WEBHOOK = {
    **_TRIGGER,
    "path": TEXT,
    "scheme": TEXT,
    "action": TEXT,
    "signal": ANY_OBJECT,
    "mapping": ANY_OBJECT,
    "headers": listed(TEXT),
    "old_secret_until": MAYBE_MOMENT,
}
WEBHOOK = obj(**_WEBHOOK)
WEBHOOK_SECRET = obj(**_WEBHOOK, secret=TEXT)
DELIVERY = obj(
    at=MOMENT,
    status=TEXT,
    reason=TEXT,
    delivery_id=MAYBE_TEXT,
    size=INTEGER,
    run=maybe(obj(id=ID, status=TEXT)),
)
DELIVERED = obj(run_id=maybe(ID), repeat=BOOLEAN)
