"""The contract of the Mini Agent Workflow Engine, field for field.

A client of it works unchanged once it sends a token: `/graph/create`, `/graph/run`,
`/graph/run_async`, `/graph/state/{run_id}`. Native documents are accepted as well.
"""

import json
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.auth.models import User
from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from engine.policies import TERMINAL_RUN_STATUSES, RunStatus
from studio.actions import examples
from studio.actions import runs as run_actions
from studio.actions import workflows as workflow_actions
from studio.actions.errors import ActionError, InvalidDocument
from studio.actions.runs import PlannedRun
from studio.api import answers, guard, shapes
from studio.api.encoding import encode
from studio.api.kept import Kept
from studio.api.operation import Operation, user_of
from studio.api.problems import ApiError
from studio.api.runs import idempotency_key
from studio.api.serializers import ObjectField, Shape, StrictCharField
from studio.execution.handover import Handover
from studio.execution.service import service
from studio.http.deferred import defer
from studio.journal.told import Rest
from studio.models import Run, Version, Workflow
from studio.queries import lookups, visible
from studio.queries import runs as queries
from studio.queries.runs import RunView

GRAPH_NOT_FOUND = "Graph not found"
RUN_NOT_FOUND = "Run not found"
START_NODE = "start_node must be one of the nodes"
DEFAULT_WAIT_S = 60.0
LOG_MAX = 1_000
OPERATORS = ["eq", "ne", "lt", "gt", "lte", "gte"]
# These runs do nothing more by themselves: whoever waits for one gets its answer.
AT_REST = TERMINAL_RUN_STATUSES | {RunStatus.PAUSED}

R = TypeVar("R")

ended_states = Kept(16 * 1024 * 1024)


class DemoNode(Shape):
    name = StrictCharField(max_length=200)
    tool = StrictCharField(max_length=200)


class DemoEdge(Shape):
    from_node = StrictCharField(max_length=200)
    to_node = StrictCharField(max_length=200)
    condition_key = StrictCharField(max_length=200, required=False, allow_null=True)
    operator = serializers.ChoiceField(OPERATORS, required=False, default="eq")
    value = serializers.JSONField(required=False, allow_null=True)


class DemoGraph(Shape):
    nodes = DemoNode(many=True)
    edges = DemoEdge(many=True)
    start_node = StrictCharField(max_length=200)


class DemoRun(Shape):
    graph_id = StrictCharField(max_length=100)
    initial_state = ObjectField(default=dict, allow_null=True)


class DemoOperation(Operation):
    """As the demo: a body of the wrong shape is 422."""

    invalid_status = 422


class CreateGraph(DemoOperation):
    json_limits = guard.GRAPH

    @extend_schema(request=DemoGraph, responses={200: answers.GRAPH_CREATED})
    def post(self, request: Request) -> Response:
        """Create a graph from nodes, edges and a start node, or from a `treadle/1` document."""
        workflow = workflow_actions.create_workflow(
            user=user_of(request), document=self._document(request.data), hidden=True
        )
        _publish_if_whole(request, workflow)
        return Response({"graph_id": str(workflow.public_id)})

    def _document(self, data: Any) -> dict[str, Any]:
        if isinstance(data, dict) and "format" in data:
            return data
        document = self.shaped(DemoGraph, data)
        names = {node["name"] for node in document["nodes"]}
        if document["start_node"] not in names:
            raise ApiError(400, "E_START_NODE", START_NODE)
        plain: dict[str, Any] = json.loads(encode(document))
        return plain


def _publish_if_whole(request: Request, workflow: Workflow) -> None:
    # The demo takes graphs that it cannot run yet; running one says what is wrong with it.
    try:
        workflow_actions.publish(user=user_of(request), workflow=workflow)
    except InvalidDocument:
        return


class CreateSample(DemoOperation):
    @extend_schema(request=None, responses={200: answers.GRAPH_CREATED})
    def post(self, request: Request) -> Response:
        """The id of the shipped code-review workflow, ready to run."""
        return Response({"graph_id": str(examples.code_review_version().workflow.public_id)})


class RunGraph(DemoOperation):
    json_limits = guard.RUN_INPUT

    @extend_schema(
        request=DemoRun,
        parameters=[shapes.WaitQuery, answers.IDEMPOTENCY],
        responses={200: answers.GRAPH_RUN, 202: answers.GRAPH_STARTED},
    )
    def post(self, request: Request) -> HttpResponseBase:
        """Run a graph and answer when it has ended, or with 202 when that takes too long."""
        asked = self.query(shapes.WaitQuery) if request.query_params else {}
        wait_s = asked.get("wait", DEFAULT_WAIT_S)
        planned = _planned(request, self.body(DemoRun))
        handover = planned.hand_over(wait_s)
        if handover is not None:
            return defer(
                request._request,
                handover.rest,
                lambda: handed_over(planned, handover, wait_s),
                lambda: _told(handover),
            )
        run = planned.begin()
        return defer(
            request._request,
            lambda: service().wait_ended(run.public_id, wait_s),
            lambda: _ended(run),
        )


class RunGraphAsync(DemoOperation):
    json_limits = guard.RUN_INPUT

    @extend_schema(
        request=DemoRun, parameters=[answers.IDEMPOTENCY], responses={200: answers.GRAPH_STARTED}
    )
    def post(self, request: Request) -> Response:
        """Start a graph and answer at once."""
        run = _planned(request, self.body(DemoRun)).begin()
        return Response({"run_id": str(run.public_id), "status": upper(run.status)})


class GraphState(DemoOperation):
    @extend_schema(responses={200: answers.GRAPH_STATE})
    def get(self, request: Request, run_id: str) -> HttpResponse:
        """Read where a run is, its state and its log."""
        return HttpResponse(_state(user_of(request), run_id), content_type="application/json")


def _planned(request: Request, asked: dict[str, Any]) -> PlannedRun:
    graph_id = _uuid(asked["graph_id"], GRAPH_NOT_FOUND)
    workflow = _found(lookups.startable(user_of(request), graph_id), GRAPH_NOT_FOUND)
    try:
        return run_actions.plan_run(
            user=user_of(request),
            version=workflow.published or _published(request, workflow.workflow_id),
            state=asked["initial_state"] or {},
            source="demo",
            idempotency_key=idempotency_key(request),
        )
    except ActionError as error:
        _name_as_asked(error)
        raise


def _name_as_asked(error: ActionError) -> None:
    """What runs call their state, these bodies call `initial_state`."""
    for detail in error.details:
        if f"{detail['pointer']}/".startswith("/state/"):
            detail["pointer"] = "/initial_" + detail["pointer"][1:]


def _published(request: Request, workflow_id: int) -> Version:
    """A graph that could not run when it was made: perhaps its tools are here by now."""
    user = user_of(request)
    workflow = _found(visible.workflows(user).filter(pk=workflow_id).first(), GRAPH_NOT_FOUND)
    try:
        return workflow_actions.publish(user=user, workflow=workflow)
    except InvalidDocument as error:
        raise ApiError(400, error.code, error.message, error.details) from None


def _uuid(text: str, message: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ApiError(404, "E_NOT_FOUND", message) from None


def _found(row: R | None, message: str) -> R:
    if row is None:
        raise ApiError(404, "E_NOT_FOUND", message)
    return row


def _told(handover: Handover) -> HttpResponse | None:
    """The answer of /graph/run, if the run's driver could tell how it stands."""
    told = handover.told
    return None if told is None else _answer(handover.public_id, told)


def handed_over(planned: PlannedRun, handover: Handover, wait_s: float) -> HttpResponse:
    """The same from the journal; here too if the engine could not take the run."""
    run_id = handover.run_id()
    if run_id is not None:
        return _ended(planned.as_run(run_id))
    run = planned.begin()
    service().wait_ended_blocking(run.public_id, wait_s, patient=True)
    return _ended(run)


def _ended(run: Run) -> HttpResponse:
    # The journal knows how the run stands; the row was read before it began.
    return _answer(str(run.public_id), queries.fresh_view(run))


def _answer(run_id: str, view: RunView | Rest) -> HttpResponse:
    status, content = answer_of(run_id, view)
    return HttpResponse(content, status=status, content_type="application/json")


def answer_of(run_id: str, view: RunView | Rest) -> tuple[int, bytes]:
    """The status and body of /graph/run: the whole run, or its id when it still goes on."""
    if view.status not in AT_REST:
        return 202, encode({"run_id": run_id, "status": upper(view.status)})
    content: dict[str, Any] = {
        "run_id": run_id,
        "final_state": view.state,
        "status": upper(view.status),
        **_log(view, run_id),
        "error": message_of(view.error),
    }
    return 200, encode(content)


def _state(user: User, run_id: str) -> bytes:
    """The answer of /graph/state, kept encoded once the run has ended."""
    mark = _found(lookups.mark(user, _uuid(run_id, RUN_NOT_FOUND)), RUN_NOT_FOUND)
    kept = ended_states.get(mark) if mark.has_ended else None
    if kept is not None:
        return kept
    run = visible.runs(user).select_related("workflow", "version").get(pk=mark.run_id)
    answer = _encoded_state(run)
    return ended_states.put(mark, answer) if mark.has_ended else answer


def _encoded_state(run: Run) -> bytes:
    view = queries.view(run)
    return encode(
        {
            "run_id": str(run.public_id),
            "graph_id": str(run.workflow.public_id),
            "status": upper(view.status),
            "current_node": next(iter(view.current_nodes), None),
            "state": view.state,
            **_log(view, str(run.public_id)),
            "error": message_of(view.error),
        }
    )


def _log(view: RunView | Rest, run_id: str) -> dict[str, Any]:
    """The steps with the state after each; a long log is cut and says where the rest is."""
    log = [{"node": node, "state_snapshot": state} for _, node, state in view.steps[:LOG_MAX]]
    if len(view.steps) <= LOG_MAX:
        return {"log": log}
    return {
        "log": log,
        "log_truncated": True,
        "log_rest": f"/api/v1/runs/{run_id}/events",
    }


def message_of(error: Any) -> str | None:
    return error["message"] if error else None


def upper(status: str) -> str:
    """A status as the demo writes it, which knows neither a queue nor a run that is being ended."""
    return _DEMO_WORDS.get(status, status.upper())


_DEMO_WORDS = {RunStatus.QUEUED.value: "PENDING", RunStatus.CANCELLING.value: "RUNNING"}
