"""Reviews of Python code: runs of the shipped code-review workflow, with their report."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from engine.said import say
from studio.actions import reviews as actions
from studio.api import answers, guard, shapes
from studio.api.operation import Operation, user_of
from studio.api.problems import ApiError
from studio.api.runs import idempotency_key, run_of
from studio.queries import items
from studio.queries import runs as queries

NOTHING = "There is no Python to review yet: paste some, or send it as `code` or `files`."


class Reviews(Operation):
    json_limits = guard.RUN_INPUT

    @extend_schema(
        request=shapes.NewReview, parameters=[answers.IDEMPOTENCY], responses={201: answers.RUN}
    )
    def post(self, request: Request) -> Response:
        """Review pasted code, or files by path."""
        asked = self.body(shapes.NewReview)
        texts = [asked.get("code", ""), *(file["text"] for file in asked.get("files", []))]
        if all(actions.is_empty(text) for text in texts):
            raise ApiError(400, "E_INVALID", NOTHING)
        run = actions.start_review(
            user=user_of(request),
            code=asked.get("code", ""),
            files=_files(asked.get("files", [])),
            quality_threshold=asked["quality_threshold"],
            max_passes=asked["max_passes"],
            idempotency_key=idempotency_key(request),
        )
        return Response(items.run_item(run_of(request, run.public_id)), status=201)


def _files(given: list[dict[str, str]]) -> dict[str, str]:
    files = {file["path"]: file["text"] for file in given}
    if len(files) < len(given):
        raise ApiError(400, "E_INVALID", say("files: two of them have the same path."))
    return files


class ReviewDetail(Operation):
    @extend_schema(responses={200: answers.REVIEW})
    def get(self, request: Request, run_id: UUID) -> Response:
        """Read a review: its report once there is one, and the course of the score so far."""
        run = run_of(request, run_id)
        state: dict[str, Any] = queries.glance(run).state
        content = {
            "run": items.run_item(run),
            "report": state.get("report"),
            "score_course": state.get("score_course", []),
        }
        return Response(content)
