"""Runs: start, list, read, follow by events, cancel, pause, resume, retry, fork, explain."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from engine.said import say
from studio.actions import control, courses, forks, moves, retention
from studio.actions import runs as actions
from studio.actions import workflows as workflow_actions
from studio.actions.courses import WHOLE, Course
from studio.api import answers, guard, shapes
from studio.api.encoding import encode
from studio.api.operation import Operation, found, user_of
from studio.api.pagination import newest_first, page_body
from studio.api.problems import ApiError
from studio.execution.service import service
from studio.http.deferred import defer
from studio.http.language import HEADER
from studio.journal import codec
from studio.models import Run, RunEvent, Version
from studio.queries import compare, download, explain, items, told_events, triggers, visible, visits
from studio.queries import runs as queries
from studio.queries.step_titles import StepTitles
from studio.sentences import SOURCE, error_told

NOT_FOUND = say("No such run, or not one of yours.")
KEY_MAX = 200


def run_of(request: Request, public_id: UUID) -> Run:
    rows = items.listed_runs(visible.runs(user_of(request)))
    return found(rows, public_id, NOT_FOUND)


def idempotency_key(request: Request) -> str | None:
    """The header's value. Raises 400 for one that cannot be stored."""
    key = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is not None and not (0 < len(key) <= KEY_MAX and key.isascii() and key.isprintable()):
        raise ApiError(
            400,
            "E_IDEMPOTENCY_KEY",
            say("Idempotency-Key takes 1 to {most} ASCII characters.", most=KEY_MAX),
        )
    return key


class Runs(Operation):
    json_limits = guard.RUN_INPUT

    @extend_schema(parameters=[shapes.RunsQuery], responses={200: answers.page(answers.RUN)})
    def get(self, request: Request) -> Response:
        """List the runs you may see, newest first. Those that other runs started are left out:
        `children=true` shows them too, `parent` those of one run."""
        asked = self.query(shapes.RunsQuery)
        cursor, limit = asked.pop("cursor"), asked.pop("limit")
        rows = items.listed_runs(queries.listed(user_of(request), **asked))
        page, following = newest_first(rows, cursor, limit)
        return Response(page_body([items.run_item(run) for run in page], following))

    @extend_schema(
        request=shapes.NewRun,
        parameters=[shapes.WaitQuery, answers.IDEMPOTENCY],
        responses={201: answers.RUN, 200: answers.RUN},
    )
    def post(self, request: Request) -> HttpResponseBase:
        """Start a run of a workflow or a version; with `?wait=` answer when it has ended.

        `from` and `to` run a part of it: `from` is a node, or {"node", "run"} to begin with the
        state that this run came to the node with; `to` is the node that ends its branches."""
        asked = self.body(shapes.NewRun)
        wait_s = self.query(shapes.WaitQuery).get("wait", 0)
        course = _course(request, asked)
        started = actions.start_run(
            user=user_of(request),
            version=_version(request, asked, course),
            state=asked["state"],
            source="editor" if asked["draft"] else "api",
            tags=tuple(asked["tags"]),
            limits=asked.get("limits"),
            pinned=asked.get("pinned"),
            idempotency_key=idempotency_key(request),
            course=course,
            priority=asked["priority"],
        )
        return _answer(request, started, wait_s)


def _answer(request: Request, run: Run, wait_s: float) -> HttpResponseBase:
    status = 200 if getattr(run, "is_repeat", False) else 201

    def finish() -> HttpResponse:
        content = encode(items.run_item(run_of(request, run.public_id)))
        return HttpResponse(content, status=status, content_type="application/json")

    if not wait_s:
        return finish()
    return defer(request._request, lambda: service().wait_ended(run.public_id, wait_s), finish)


def _course(request: Request, asked: dict[str, Any]) -> Course:
    """Which part of the graph is to run. Raises 404 for a run to begin from that is not yours."""
    if "from" not in asked and "to" not in asked:
        return WHOLE
    begin = asked.get("from", {})
    base = None
    if "run" in begin:
        mine = visible.runs(user_of(request)).select_related("version")
        base = found(mine, begin["run"], NOT_FOUND)
    return courses.course(begin.get("node"), asked.get("to"), base)


def _version(request: Request, asked: dict[str, Any], course: Course) -> Version:
    """What is to run: a version by id, the draft, or what is published of a workflow."""
    user = user_of(request)
    if "version" in asked:
        rows = visible.versions(user).select_related("workflow").defer("workflow__draft")
        return found(rows, asked["version"], say("No such version."))
    if "workflow" not in asked:
        raise ApiError(400, "E_INVALID", say("Say what to run: `workflow` or `version`."))
    workflow = found(
        visible.workflows(user).select_related("published"),
        asked["workflow"],
        say("No such workflow."),
    )
    if asked["draft"]:
        return workflow_actions.draft_version(user=user, workflow=workflow, part=course.part)
    if workflow.published is None:
        raise ApiError(
            409,
            "E_NOT_PUBLISHED",
            say('Nothing is published yet: publish it, or send "draft": true.'),
        )
    workflow.published.workflow = workflow
    return workflow.published


class RunDetail(Operation):
    @extend_schema(responses={200: answers.RUN_FULL})
    def get(self, request: Request, run_id: UUID) -> Response:
        """Read a run with what each of its nodes and edges did so far."""
        run = run_of(request, run_id)
        return Response({**items.run_full(run), "trigger": triggers.origin(user_of(request), run)})


class RunState(Operation):
    @extend_schema(parameters=[shapes.StateQuery], responses={200: answers.RUN_STATE})
    def get(self, request: Request, run_id: UUID) -> Response:
        """Read the state of a run, now or after any event."""
        run = run_of(request, run_id)
        seq = self.query(shapes.StateQuery).get("seq")
        view = queries.glance(run)
        if seq is None or seq >= view.head:
            seq, state = view.head, view.state
        else:
            state = queries.state_at(run, seq)
        return Response({"seq": seq, "state": state, "status": view.status})


class RunEvents(Operation):
    @extend_schema(parameters=[shapes.EventsQuery], responses={200: answers.EVENTS})
    def get(self, request: Request, run_id: UUID) -> HttpResponse:
        """Read the journal of a run, from any point, as stored.

        With `Treadle-Language`, what the engine says of failures is in that language, and calls
        steps by their titles."""
        run = run_of(request, run_id)
        asked = self.query(shapes.EventsQuery)
        # The stored text goes out as it is; decoding it would cost ten times as much.
        events = ",".join(codec.event_json(row) for row in _event_rows(run, asked))
        content = f'{{"items":[{events}],"head":{queries.head(run)}}}'
        if HEADER in request.headers:
            content = told_events.teller(run, get_language() or SOURCE)(content)
        return HttpResponse(content, content_type="application/json")


def _event_rows(run: Run, asked: dict[str, Any]) -> Iterable[tuple[Any, ...]]:
    rows = RunEvent.objects.filter(run=run, seq__gt=asked["after"]).order_by("seq")
    if "kind" in asked:
        rows = rows.filter(kind=asked["kind"])
    if "node" in asked:
        rows = rows.filter(node=asked["node"])
    return rows.values_list(*queries.COLUMNS)[: asked["limit"]]


class RunVisit(Operation):
    @extend_schema(parameters=[shapes.VisitQuery], responses={200: answers.VISIT})
    def get(self, request: Request, run_id: UUID) -> Response:
        """Read what a node found and left behind at one of its visits, the last one if none is
        named: its inputs with their values, the state before and after, and what it wrote.

        Values over 32 KiB are told by their size, and `cut` names them."""
        rows = visible.runs(user_of(request)).select_related("version")
        run = found(rows.defer("version__document", "final_state"), run_id, NOT_FOUND)
        asked = self.query(shapes.VisitQuery)
        try:
            found_there = visits.shown(run, asked["node"], asked.get("visit"))
        except visits.Unreadable as error:
            raise ApiError(
                409, "E_JOURNAL", say("This run cannot be shown here. {error}", error=str(error))
            ) from None
        visit = found_there["visit"]
        if visit is not None and visit["error"] and HEADER in request.headers:
            visit["error"] = error_told(visit["error"], StepTitles([run]).names(run))
        return Response(found_there)


class RunDocument(Operation):
    @extend_schema(parameters=[shapes.DocumentQuery], responses={200: answers.ANY_OBJECT})
    def get(self, request: Request, run_id: UUID) -> HttpResponse:
        """Read the graph document that this run executes, now or at any event."""
        run = found(visible.runs(user_of(request)).select_related("version"), run_id, NOT_FOUND)
        seq = self.query(shapes.DocumentQuery).get("seq")
        version = run.version if seq is None else queries.version_at(run, seq)
        return HttpResponse(version.document, content_type="application/json")


class ExplainRun(Operation):
    @extend_schema(parameters=[shapes.ExplainQuery], responses={200: answers.RUN_WHY})
    def get(self, request: Request, run_id: UUID) -> Response:
        """Read what a run waits for now, and what was last found at an edge."""
        rows = visible.runs(user_of(request)).select_related("version", "workflow")
        run = found(rows.defer("workflow__draft"), run_id, NOT_FOUND)
        edge = self.query(shapes.ExplainQuery).get("edge")
        try:
            content = explain.explained(run, user_of(request), edge)
        except explain.NoSuchEdge:
            raise ApiError(
                400, "E_EDGE", say("The graph of this run has no such edge: see its document.")
            ) from None
        return Response(content)


class CompareRuns(Operation):
    @extend_schema(parameters=[shapes.CompareQuery], responses={200: answers.COMPARED})
    def get(self, request: Request, run_id: UUID) -> Response:
        """Compare this run (a) with another one (b): where their ways part, what each node wrote
        and took differently, and how their states differ. Timing makes no difference."""
        first = run_of(request, run_id)
        return Response(
            compare.compared(first, run_of(request, self.query(shapes.CompareQuery)["with"]))
        )


class DownloadRun(Operation):
    @extend_schema(responses={200: answers.DOWNLOAD})
    def get(self, request: Request, run_id: UUID) -> HttpResponse:
        """Download a run as one JSON file: input, documents, events, and the state after each
        step."""
        run = found(visible.runs(user_of(request)).select_related(*_WHOLE), run_id, NOT_FOUND)
        return HttpResponse(
            encode(download.downloaded(run)),
            content_type="application/json",
            headers={"Content-Disposition": f'attachment; filename="run-{run.public_id}.json"'},
        )


_WHOLE = ("workflow", "version", "owner")


class CancelRun(Operation):
    @extend_schema(request=shapes.Cancellation, responses={202: answers.RUN})
    def post(self, request: Request, run_id: UUID) -> Response:
        """Ask a run to end. One that has ended already stays as it is."""
        run = run_of(request, run_id)
        asked = self.body(shapes.Cancellation)
        actions.cancel_run(user=user_of(request), run=run, reason=asked["reason"])
        return Response(items.run_item(run_of(request, run_id)), status=202)


class PauseRun(Operation):
    @extend_schema(request=shapes.Pause, responses={202: answers.RUN})
    def post(self, request: Request, run_id: UUID) -> Response:
        """Let a run start nothing new. What runs finishes; then it rests until it is resumed."""
        run = run_of(request, run_id)
        asked = self.body(shapes.Pause)
        control.pause_run(user=user_of(request), run=run, reason=asked["reason"])
        return Response(items.run_item(run_of(request, run_id)), status=202)


class ResumeRun(Operation):
    @extend_schema(request=shapes.GoOn, responses={202: answers.RUN})
    def post(self, request: Request, run_id: UUID) -> Response:
        """Let a paused run go on; `limits` raises those that stopped it."""
        run = run_of(request, run_id)
        asked = self.body(shapes.GoOn)
        control.resume_run(user=user_of(request), run=run, limits=asked.get("limits"))
        return Response(items.run_item(run_of(request, run_id)), status=202)


class RetryRun(Operation):
    @extend_schema(request=shapes.GoOn, responses={202: answers.RUN})
    def post(self, request: Request, run_id: UUID) -> Response:
        """Let a failed run go on: what failed is tried again, everything else is kept."""
        run = run_of(request, run_id)
        asked = self.body(shapes.GoOn)
        control.retry_run(user=user_of(request), run=run, limits=asked.get("limits"))
        return Response(items.run_item(run_of(request, run_id)), status=202)


class KeepRun(Operation):
    @extend_schema(request=shapes.Keep, responses={200: answers.RUN})
    def put(self, request: Request, run_id: UUID) -> Response:
        """Keep a run, so that no rule forgets it, with what it started and what started it; or
        leave it to the rules again."""
        run = run_of(request, run_id)
        asked = self.body(shapes.Keep)
        kept = retention.keep_run(user=user_of(request), run=run, kept=asked["kept"])
        return Response(items.run_item(kept))


class MoveRun(Operation):
    @extend_schema(request=shapes.Move, responses={200: answers.RUN})
    def post(self, request: Request, run_id: UUID) -> Response:
        """Let a paused or failed run go on by another version of its workflow.

        Everything that it stands on needs a place there; `map` gives the new ids of nodes and
        edges that were renamed."""
        user = user_of(request)
        run = found(visible.runs(user).select_related("version"), run_id, NOT_FOUND)
        asked = self.body(shapes.Move)
        version = found(visible.versions(user), asked["version"], say("No such version."))
        moves.move_run(user=user, run=run, version=version, names=asked["map"])
        return Response(items.run_item(run_of(request, run_id)))


class ForkRun(Operation):
    @extend_schema(
        request=shapes.Fork,
        parameters=[answers.IDEMPOTENCY],
        responses={201: answers.RUN, 200: answers.RUN},
    )
    def post(self, request: Request, run_id: UUID) -> Response:
        """Start a new run that goes on from any event of this one, with its state changed if
        you like: `state_patch` sets keys, and null removes one. `version` lets it go on by another
        version of the workflow; `map` gives new ids of nodes and edges there."""
        user = user_of(request)
        rows = visible.runs(user).select_related("version", "workflow").defer("workflow__draft")
        run = found(rows, run_id, NOT_FOUND)
        asked = self.body(shapes.Fork)
        version = None
        if "version" in asked:
            version = found(visible.versions(user), asked["version"], say("No such version."))
        forked = forks.fork_run(
            user=user,
            run=run,
            seq=asked["seq"],
            patch=asked["state_patch"],
            version=version,
            names=asked["map"],
            idempotency_key=idempotency_key(request),
        )
        status = 200 if forked.is_repeat else 201
        return Response(items.run_item(run_of(request, forked.public_id)), status=status)
