"""What runs wait for from outside: list what people are asked, answer it, send signals."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from engine.said import say
from studio.actions import waits as actions
from studio.api import answers, guard, shapes
from studio.api.operation import Operation, user_of
from studio.api.pagination import newest_first, page_body
from studio.api.problems import ApiError
from studio.api.runs import run_of
from studio.queries import items
from studio.queries import waits as queries


class Waits(Operation):
    @extend_schema(parameters=[shapes.WaitsQuery], responses={200: answers.page(answers.WAIT)})
    def get(self, request: Request) -> Response:
        """List what people are asked by the runs you may see, newest first."""
        asked = self.query(shapes.WaitsQuery)
        rows = queries.asked(user_of(request)).order_by("-id")
        page, following = newest_first(rows, asked["cursor"], asked["limit"])
        if asked["mine"]:
            page = [wait for wait in page if queries.concerns(user_of(request), wait)]
        return Response(page_body([queries.item(wait) for wait in page], following))


class AnswerWait(Operation):
    json_limits = guard.RUN_INPUT

    @extend_schema(request=shapes.Answer, responses={200: answers.RUN})
    def post(self, request: Request, wait_id: str) -> Response:
        """Answer what a run asks. The first answer counts, a second one is refused with 409."""
        asked = self.body(shapes.Answer)
        user = user_of(request)
        wait = queries.by_id(user, wait_id)
        if wait is None:
            raise ApiError(404, "E_NOT_FOUND", say("No such question, or not one of yours."))
        actions.answer_wait(user=user, wait=wait, answer=asked["answer"])
        return Response(items.run_item(run_of(request, wait.run.public_id)))


class SendSignal(Operation):
    json_limits = guard.RUN_INPUT

    @extend_schema(request=shapes.NewSignal, responses={202: answers.RUN})
    def post(self, request: Request, run_id: UUID) -> Response:
        """Send a run a signal. It is kept until a wait of the run takes it."""
        run = run_of(request, run_id)
        asked = self.body(shapes.NewSignal)
        actions.send_signal(
            user=user_of(request),
            run=run,
            name=asked["name"],
            key=asked.get("key"),
            payload=asked.get("payload"),
        )
        return Response(items.run_item(run_of(request, run_id)), status=202)
