"""Calls of unknown outcome: list them, read one, say what became of it."""

from collections.abc import Iterable
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from engine import JournalCorrupt
from engine.policies import OutcomeChoice
from engine.said import say
from studio.actions import outcomes as actions
from studio.api import answers, guard, shapes
from studio.api.operation import Operation, user_of
from studio.api.pagination import newest_first, page_body
from studio.api.problems import ApiError
from studio.api.runs import run_of
from studio.models import Wait
from studio.queries import items
from studio.queries import outcomes as queries


def outcome_of(request: Request, outcome_id: str) -> Wait:
    wait = queries.by_id(user_of(request), outcome_id)
    if wait is None:
        raise ApiError(
            404, "E_NOT_FOUND", say("No such call of unknown outcome, or not one of yours.")
        )
    return wait


def told(waits: Iterable[Wait]) -> list[items.Item]:
    """All that is known of these calls."""
    try:
        return [queries.item(found) for found in queries.look_at_all(waits)]
    except (JournalCorrupt, LookupError) as error:
        raise ApiError(
            409, "E_STATE", say("The run's journal cannot be read: {problem}.", problem=str(error))
        ) from error


class Outcomes(Operation):
    @extend_schema(parameters=[shapes.Page], responses={200: answers.page(answers.OUTCOME)})
    def get(self, request: Request) -> Response:
        """List the calls whose outcome nobody knows and somebody has to decide, newest first."""
        asked = self.query(shapes.Page)
        rows = queries.undecided(user_of(request)).order_by("-id")
        page, following = newest_first(rows, asked["cursor"], asked["limit"])
        return Response(page_body(queries.brief_items(page), following))


class RunOutcomes(Operation):
    @extend_schema(responses={200: answers.obj(items=answers.listed(answers.OUTCOME_WHOLE))})
    def get(self, request: Request, run_id: UUID) -> Response:
        """List the calls of a run, and of the runs it started, whose outcome was unknown; those
        that are decided say how."""
        rows = queries.of_run(user_of(request), run_of(request, run_id))
        return Response({"items": told(rows)})


class OutcomeDetail(Operation):
    @extend_schema(responses={200: answers.OUTCOME_WHOLE})
    def get(self, request: Request, outcome_id: str) -> Response:
        """Read what is known of a call: its inputs, its worker, its late result, the decision."""
        return Response(told([outcome_of(request, outcome_id)])[0])


class DecideOutcome(Operation):
    json_limits = guard.RUN_INPUT

    @extend_schema(request=shapes.Decision, responses={200: answers.OUTCOME_WHOLE})
    def post(self, request: Request, outcome_id: str) -> Response:
        """Say what became of a call: adopt its late result, done with an output, retry, skip or
        fail. The first decision counts: the same one again answers the same, another one gets 409.
        The run goes on when nothing of it is left to decide."""
        wait = outcome_of(request, outcome_id)
        asked = self.body(shapes.Decision)
        actions.decide_outcome(
            user=user_of(request),
            wait=wait,
            choice=OutcomeChoice(asked["choice"]),
            output=asked.get("output", actions.NOTHING),
            note=asked["note"],
        )
        return Response(told([outcome_of(request, outcome_id)])[0])
