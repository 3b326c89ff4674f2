"""The bodies of schedules, each as a shape, and their answers as schemas."""

from rest_framework import serializers

from studio.api.answers import (
    ANY_OBJECT,
    BOOLEAN,
    ID,
    INTEGER,
    MAYBE_INTEGER,
    MAYBE_MOMENT,
    MOMENT,
    TAGS,
    TEXT,
    listed,
    maybe,
    obj,
)
from studio.api.serializers import ObjectField, Shape, StrictCharField, StrictIntegerField
from studio.api.shapes import NAME_MAX, Page
from studio.schedule_plan import CatchUp, Overlap


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
