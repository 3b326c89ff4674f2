"""Try an expression against a state or the last runs, as the editor does while somebody types."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from engine import expressions
from studio import sentences
from studio.api import answers, guard, shapes
from studio.api.operation import Operation, found, user_of
from studio.models import Run
from studio.queries import tryout, visible


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
        return Response(expressions.check(asked["source"], _names(asked), sentences.kept))


class TryExpression(Operation):
    @extend_schema(request=shapes.Tryout, responses={200: answers.TRIED})
    def post(self, request: Request) -> Response:
        """Evaluate an expression on what a node found in the last runs of a workflow.

        `at` says where it would stand: `before` the node's work (its inputs), in the `item` body
        of a map, on its `result` (its outputs), or `after` it (its edges). At most 20 runs that
        you may see and 50 visits of each are looked at; what took too long is left out, and
        `left_out` says so. `ok` is null where a run does not tell: the visit had not come so far,
        or its result was not kept. A mistake in the text itself is an answer too, with its
        position.
        """
        asked = self.body(shapes.Tryout)
        told = _read(asked["source"])
        if not told["ok"]:
            return Response(told | tryout.NOTHING)
        runs = _runs(request, asked)
        return Response(
            {"ok": True, "error": None}
            | tryout.tried(
                runs,
                asked["node"],
                expressions.compile(asked["source"]),
                asked["at"],
                asked.get("edge"),
                asked.get("on"),
            )
        )


def _runs(request: Request, asked: dict[str, Any]) -> list[Run]:
    """The newest runs of the workflow that this user sees, or the one that was named."""
    user = user_of(request)
    workflow = found(visible.workflows(user), asked["workflow"], "No such workflow.")
    rows = visible.runs(user).filter(workflow=workflow)
    if "run" in asked:
        rows = rows.filter(public_id=asked["run"])
    return tryout.runs_to_try(rows, asked["runs"])


def _read(source: str) -> dict[str, Any]:
    try:
        expressions.compile(source)
    except expressions.ExpressionError as error:
        return {"ok": False, "error": error.as_dict(sentences.kept)}
    return {"ok": True}


def _names(asked: dict[str, Any]) -> dict[str, Any]:
    """The names of a condition: state keys, `state`, then what was given."""
    state = asked.get("state", {})
    return {**state, "state": state, **asked.get("names", {})}
