"""Schedules: list, make, read, change, delete, preview, run now, and what they did."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from studio.actions import schedules as actions
from studio.actions.schedules import ScheduleFields
from studio.api import answers, guard, shapes, trigger_shapes
from studio.api.operation import Operation, found, user_of
from studio.api.pagination import newest_first, page_body
from studio.api.runs import idempotency_key, run_of
from studio.models import Schedule
from studio.queries import items, visible
from studio.queries import triggers as queries

NOT_FOUND = "No such schedule, or not one of yours."


def schedule_of(request: Request, public_id: UUID) -> Schedule:
    rows = queries.listed_schedules(visible.schedules(user_of(request)))
    return found(rows, public_id, NOT_FOUND)


def _item(request: Request, public_id: UUID) -> dict[str, Any]:
    return queries.schedule_item(schedule_of(request, public_id), queries.now())


def with_version(request: Request, asked: dict[str, Any]) -> dict[str, Any]:
    """The members of a body with the version itself in place of its id."""
    if asked.get("version") is not None:
        rows = visible.versions(user_of(request))
        asked["version"] = found(rows, asked["version"], "No such version.")
    if "tags" in asked:
        asked["tags"] = tuple(asked["tags"])
    return asked


class Schedules(Operation):
    json_limits = guard.RUN_INPUT

    @extend_schema(
        parameters=[trigger_shapes.TriggersQuery],
        responses={200: answers.page(trigger_shapes.SCHEDULE)},
    )
    def get(self, request: Request) -> Response:
        """List the schedules you may see, newest first, each with its next five times."""
        asked = self.query(trigger_shapes.TriggersQuery)
        rows = queries.listed_schedules(visible.schedules(user_of(request)))
        if "workflow" in asked:
            rows = rows.filter(workflow__public_id=asked["workflow"])
        page, following = newest_first(rows, asked["cursor"], asked["limit"])
        now = queries.now()
        return Response(page_body([queries.schedule_item(row, now) for row in page], following))

    @extend_schema(request=trigger_shapes.NewSchedule, responses={201: trigger_shapes.SCHEDULE})
    def post(self, request: Request) -> Response:
        """Have runs of a workflow started by a clock, as runs of yours."""
        asked = with_version(request, self.body(trigger_shapes.NewSchedule))
        user = user_of(request)
        workflow = found(visible.workflows(user), asked.pop("workflow"), "No such workflow.")
        made = actions.create_schedule(user=user, workflow=workflow, wanted=ScheduleFields(**asked))
        return Response(_item(request, made.public_id), status=201)


class SchedulePreview(Operation):
    @extend_schema(request=trigger_shapes.CronPreview, responses={200: trigger_shapes.PREVIEW})
    def post(self, request: Request) -> Response:
        """Read the next times of a cron text without saving it."""
        asked = self.body(trigger_shapes.CronPreview)
        times = actions.preview(asked["cron"], asked["time_zone"], asked["count"])
        return Response({"next": [items.moment(at) for at in times]})


class ScheduleDetail(Operation):
    json_limits = guard.RUN_INPUT

    @extend_schema(responses={200: trigger_shapes.SCHEDULE})
    def get(self, request: Request, schedule_id: UUID) -> Response:
        """Read a schedule with its next five times and why it last could not start a run."""
        return Response(_item(request, schedule_id))

    @extend_schema(request=trigger_shapes.ScheduleChange, responses={200: trigger_shapes.SCHEDULE})
    def patch(self, request: Request, schedule_id: UUID) -> Response:
        """Change a schedule; what is not named stays. `enabled` switches it off and on."""
        schedule = schedule_of(request, schedule_id)
        changes = with_version(request, self.body(trigger_shapes.ScheduleChange))
        actions.change_schedule(user=user_of(request), schedule=schedule, changes=changes)
        return Response(_item(request, schedule_id))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, schedule_id: UUID) -> Response:
        """End a schedule. The runs that it started stay."""
        schedule = schedule_of(request, schedule_id)
        actions.delete_schedule(user=user_of(request), schedule=schedule)
        return Response(status=204)


class RunSchedule(Operation):
    @extend_schema(
        request=None,
        parameters=[answers.IDEMPOTENCY],
        responses={201: answers.RUN, 200: answers.RUN},
    )
    def post(self, request: Request, schedule_id: UUID) -> Response:
        """Start a run as the schedule would, now."""
        schedule = schedule_of(request, schedule_id)
        run = actions.run_now(
            user=user_of(request), schedule=schedule, idempotency_key=idempotency_key(request)
        )
        item = items.run_item(run_of(request, run.public_id))
        return Response(item, status=200 if run.is_repeat else 201)


class ScheduleFirings(Operation):
    @extend_schema(parameters=[shapes.Page], responses={200: answers.page(trigger_shapes.FIRING)})
    def get(self, request: Request, schedule_id: UUID) -> Response:
        """List what came of the schedule's times, the last first."""
        schedule = schedule_of(request, schedule_id)
        asked = self.query(shapes.Page)
        rows = queries.listed_firings(schedule)
        page, following = newest_first(rows, asked["cursor"], asked["limit"], "due_at")
        return Response(page_body([queries.firing_item(row) for row in page], following))
