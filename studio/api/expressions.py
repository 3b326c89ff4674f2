"""Try an expression against a state, as the editor does while somebody types."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from engine import expressions
from studio.api import answers, guard, shapes
from studio.api.operation import Operation


class CheckExpression(Operation):
    json_limits = guard.RUN_INPUT

    @extend_schema(request=shapes.Expression, responses={200: answers.CHECKED})
    def post(self, request: Request) -> Response:
        """Evaluate an expression; without a state and names, only read it.

        A mistake in it is an answer too, with its position.
        """
        asked = self.body(shapes.Expression)
        if "state" not in asked and "names" not in asked:
            return Response(_read(asked["source"]))
        return Response(expressions.check(asked["source"], _names(asked)))


def _read(source: str) -> dict[str, Any]:
    try:
        expressions.compile(source)
    except expressions.ExpressionError as error:
        return {"ok": False, "error": error.as_dict()}
    return {"ok": True}


def _names(asked: dict[str, Any]) -> dict[str, Any]:
    """The names of a condition: state keys, `state`, then what was given."""
    state = asked.get("state", {})
    return {**state, "state": state, **asked.get("names", {})}
