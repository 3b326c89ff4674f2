"""What two versions of a workflow do differently."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from studio.api import answers
from studio.api.operation import Operation
from studio.api.problems import ApiError
from studio.api.serializers import Shape
from studio.api.workflows import workflow_of
from studio.queries import changes, differences
from studio.queries.difference_words import in_short


class DiffQuery(Shape):
    """`from` is a word of Python, so it is added by its name."""

    to = serializers.CharField(max_length=10, help_text="A version's number, or draft.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        before = serializers.CharField(max_length=10, help_text="A version's number, or draft.")
        return {"from": before, **super().get_fields()}


class Diff(Operation):
    @extend_schema(parameters=[DiffQuery], responses={200: answers.DIFFERENCE})
    def get(self, request: Request, workflow_id: UUID) -> Response:
        """Tell what one version does differently from another, or from the draft.

        Layout and meta are left out. In a change, `before` or `after` is missing where nothing is
        set.
        """
        workflow = workflow_of(request, workflow_id)
        asked = self.query(DiffQuery)
        before, after = asked["from"], asked["to"]
        try:
            found = differences.between(workflow, before, after)
        except differences.NoVersion as error:
            raise ApiError(404, "E_NOT_FOUND", str(error)) from None
        content = {"from": before, "to": after, "summary": in_short(found), **found.as_dict()}
        return Response(content)


class DraftChanges(Operation):
    @extend_schema(responses={200: answers.DRAFT_CHANGES})
    def get(self, request: Request, workflow_id: UUID) -> Response:
        """Tell what publishing the draft would change, part by part, with who changed each.

        `from` is the number of the newest version, null before the first. Authors are those since
        then, the last one last; they are not known of changes older than Treadle kept them.
        """
        workflow = workflow_of(request, workflow_id)
        return Response(changes.answer(workflow))
