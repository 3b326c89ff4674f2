"""Workflows: list, create, read, save, publish, versions, import and export."""

import re
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from engine.said import say
from studio.actions import concurrency, retention, shuffling
from studio.actions import workflows as actions
from studio.actions.errors import RevisionConflict
from studio.actions.exporting import export_workflow
from studio.actions.importing import import_workflow, read_document
from studio.api import answers, guard, shapes
from studio.api.operation import Operation, found, user_of
from studio.api.pagination import newest_first, page_body
from studio.api.problems import ApiError
from studio.journal import codec
from studio.models import Workflow
from studio.queries import items, visible
from studio.queries import workflows as queries
from studio.queries.subgraphs import OwnedWorkflows

SHUFFLE_SECONDS = 10.0
NOT_FOUND = "No such workflow, or not one of yours."
_ETAG = re.compile(r'(?:W/)?"(\d{1,9})"')


def workflow_of(request: Request, public_id: UUID) -> Workflow:
    rows = visible.workflows(user_of(request)).select_related(
        "owner", "published", "draft_saved_by"
    )
    return found(rows, public_id, NOT_FOUND)


def full(request: Request, workflow: Workflow, status: int = 200) -> Response:
    """WorkflowFull with its revision as ETag."""
    problems = actions.problems_of(user_of(request), workflow)
    content = items.workflow_full(user_of(request), workflow, problems)
    return Response(content, status=status, headers={"ETag": f'"{workflow.draft_rev}"'})


class Workflows(Operation):
    json_limits = guard.GRAPH

    @extend_schema(
        parameters=[shapes.WorkflowsQuery], responses={200: answers.page(answers.WORKFLOW)}
    )
    def get(self, request: Request) -> Response:
        """List the workflows you may see, the last saved first."""
        asked = self.query(shapes.WorkflowsQuery)
        user = user_of(request)
        cursor, limit = asked.pop("cursor"), asked.pop("limit")
        rows = items.listed_workflows(user, queries.listed(user, **asked))
        page, following = newest_first(rows, cursor, limit, "draft_saved_at")
        return Response(page_body(items.workflow_items(user, page), following))

    @extend_schema(request=shapes.NewWorkflow, responses={201: answers.WORKFLOW_FULL})
    def post(self, request: Request) -> Response:
        """Create a workflow, blank or from a document.

        `beside` is the id of a workflow that is to run it: both get the same owner and rights."""
        asked = self.body(shapes.NewWorkflow)
        beside = asked.pop("beside", None)
        if beside is not None:
            asked["beside"] = workflow_of(request, beside)
        workflow = actions.create_workflow(user=user_of(request), **asked)
        return full(request, workflow, 201)


class WorkflowDetail(Operation):
    @extend_schema(responses={200: answers.WORKFLOW_FULL})
    def get(self, request: Request, workflow_id: UUID) -> Response:
        """Read a workflow with its draft and the draft's problems."""
        return full(request, workflow_of(request, workflow_id))

    @extend_schema(request=shapes.Meta, responses={200: answers.WORKFLOW_FULL})
    def patch(self, request: Request, workflow_id: UUID) -> Response:
        """Change name, description or tags."""
        workflow = workflow_of(request, workflow_id)
        asked = self.body(shapes.Meta)
        return full(
            request,
            actions.patch_workflow(user=user_of(request), workflow=workflow, **asked),
        )

    @extend_schema(responses={204: None})
    def delete(self, request: Request, workflow_id: UUID) -> Response:
        """Delete a workflow; its runs stay readable."""
        actions.delete_workflow(user=user_of(request), workflow=workflow_of(request, workflow_id))
        return Response(status=204)


class Concurrency(Operation):
    @extend_schema(request=shapes.Concurrency, responses={200: answers.WORKFLOW_FULL})
    def put(self, request: Request, workflow_id: UUID) -> Response:
        """Set how many runs may be under way at once; null for any number.

        With `key`, an expression over the start state, the limit counts for each of its values."""
        workflow = workflow_of(request, workflow_id)
        asked = self.body(shapes.Concurrency)
        limited = concurrency.limit_runs(user=user_of(request), workflow=workflow, **asked)
        return full(request, limited)


class Retention(Operation):
    @extend_schema(request=shapes.Retention, responses={200: answers.WORKFLOW_FULL})
    def put(self, request: Request, workflow_id: UUID) -> Response:
        """Set which runs are kept: `all`, or such as `30 days, 100 runs`; null for what the studio
        says. A run that ended goes when neither of the two holds it, with what it started."""
        workflow = workflow_of(request, workflow_id)
        rule = retention.read(self.body(shapes.Retention)["keep"])
        ruled = retention.set_retention(user=user_of(request), workflow=workflow, rule=rule)
        return full(request, ruled)


class Draft(Operation):
    json_limits = guard.GRAPH

    @extend_schema(
        request=shapes.DraftBody, parameters=[answers.IF_MATCH], responses={200: answers.SAVED}
    )
    def put(self, request: Request, workflow_id: UUID) -> Response:
        """Replace the draft that you read at the revision in If-Match."""
        workflow = workflow_of(request, workflow_id)
        rev = revision_in(request)
        asked = self.body(shapes.DraftBody)
        document = asked["document"]
        try:
            # Who comes with a token is a program, and means the numbers that it writes.
            saved = actions.save_draft(
                user=user_of(request),
                workflow=workflow,
                rev=rev,
                by_browser=request.auth is None,
                **asked,
            )
        except RevisionConflict as conflict:
            raise _as_conflict(conflict) from None
        content = {
            "rev": saved.draft_rev,
            "saved_at": items.moment(saved.draft_saved_at),
            "saved_by": saved.draft_saved_by and saved.draft_saved_by.username,
            "problems": actions.problems_of(user_of(request), saved, document),
        }
        return Response(content, headers={"ETag": f'"{saved.draft_rev}"'})


def revision_in(request: Request) -> int:
    """The revision of If-Match. Raises 428 without it and 400 for what is none of our ETags."""
    given = request.headers.get("If-Match")
    if given is None:
        raise ApiError(
            428,
            "E_IF_MATCH",
            say('Say which revision you changed: If-Match: "<rev>", from the ETag.'),
        )
    match = _ETAG.fullmatch(given.strip())
    if match is None:
        raise ApiError(
            400,
            "E_IF_MATCH",
            say("If-Match must be a revision in quotes, not {given}.", given=given[:40]),
        )
    return int(match[1])


def _as_conflict(conflict: RevisionConflict) -> ApiError:
    head = {
        "rev": conflict.head_rev,
        "document": conflict.head_document,
        "saved_by": conflict.by,
        "saved_at": items.moment(conflict.saved_at),
    }
    return ApiError(409, conflict.code, conflict.message, extra={"head": head})


class Duplicate(Operation):
    @extend_schema(request=shapes.Name, responses={201: answers.WORKFLOW_FULL})
    def post(self, request: Request, workflow_id: UUID) -> Response:
        """Copy a workflow into one of your own."""
        workflow = workflow_of(request, workflow_id)
        asked = self.body(shapes.Name)
        copy = actions.duplicate_workflow(user=user_of(request), workflow=workflow, **asked)
        return full(request, copy, 201)


class ValidateWorkflow(Operation):
    json_limits = guard.GRAPH

    @extend_schema(request=shapes.OptionalDocument, responses={200: answers.PROBLEMS})
    def post(self, request: Request, workflow_id: UUID) -> Response:
        """List the problems of the draft, or of another document for this workflow."""
        workflow = workflow_of(request, workflow_id)
        document = self.body(shapes.OptionalDocument).get("document")
        return Response({"problems": actions.problems_of(user_of(request), workflow, document)})


class Validate(Operation):
    json_limits = guard.GRAPH

    @extend_schema(request=shapes.DocumentBody, responses={200: answers.PROBLEMS})
    def post(self, request: Request) -> Response:
        """List the problems of a document. Nothing is stored and nothing is run."""
        document = self.body(shapes.DocumentBody)["document"]
        others = OwnedWorkflows(user_of(request).pk, user_of(request))
        return Response({"problems": actions.problems(document, others)})


class ShuffleWorkflow(Operation):
    json_limits = guard.RUN_INPUT

    @extend_schema(request=shapes.Shuffle, responses={200: answers.SHUFFLED})
    def post(self, request: Request, workflow_id: UUID) -> Response:
        """Run the draft in many orders and say whether the result depends on timing.

        Nothing is stored. Only pure tools are called: every other node must be pinned.
        """
        workflow = workflow_of(request, workflow_id)
        asked = self.body(shapes.Shuffle)
        document = asked.pop("document", None) or codec.decode(workflow.draft)
        report = shuffling.shuffle_document(
            document=document,
            owner_id=workflow.owner_id,
            user=user_of(request),
            max_seconds=SHUFFLE_SECONDS,
            **asked,
        )
        return Response(report.as_dict())


class Publish(Operation):
    @extend_schema(request=shapes.Publication, responses={201: answers.PUBLISHED})
    def post(self, request: Request, workflow_id: UUID) -> Response:
        """Make the draft the next numbered version."""
        workflow = workflow_of(request, workflow_id)
        asked = self.body(shapes.Publication)
        try:
            version = actions.publish(user=user_of(request), workflow=workflow, **asked)
        except RevisionConflict as conflict:
            raise _as_conflict(conflict) from None
        content = {
            "id": str(version.public_id),
            "number": version.number,
            "hash": version.hash,
            "published_at": items.moment(version.created_at),
        }
        return Response(content, status=201)


class Versions(Operation):
    @extend_schema(parameters=[shapes.Page], responses={200: answers.page(answers.VERSION)})
    def get(self, request: Request, workflow_id: UUID) -> Response:
        """List the published versions, newest first."""
        workflow = workflow_of(request, workflow_id)
        asked = self.query(shapes.Page)
        rows = queries.numbered_versions(workflow).defer("document")
        page, following = newest_first(rows, asked["cursor"], asked["limit"])
        return Response(page_body([items.version_item(row) for row in page], following))


class VersionDetail(Operation):
    @extend_schema(responses={200: answers.VERSION_FULL})
    def get(self, request: Request, version_id: UUID) -> Response:
        """Read a version with its document."""
        rows = visible.versions(user_of(request)).select_related("created_by")
        version = found(rows, version_id, "No such version, or not one of yours.")
        document = codec.decode(version.document)
        return Response({**items.version_item(version), "document": document})


class Export(Operation):
    @extend_schema(parameters=[shapes.ExportQuery], responses={200: answers.TEXT})
    def get(self, request: Request, workflow_id: UUID) -> HttpResponse:
        """Download the draft as a JSON or YAML file: by `format`, else by what you accept."""
        workflow = workflow_of(request, workflow_id)
        form = self.query(shapes.ExportQuery).get("format") or _accepted(request)
        text = export_workflow(workflow=workflow, format=form)
        kind = "application/json" if form == "json" else "application/yaml"
        response = HttpResponse(text, content_type=f"{kind}; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{workflow.key}.{form}"'
        return response


class Import(Operation):
    @extend_schema(request=shapes.Import, responses={201: answers.WORKFLOW_FULL})
    def post(self, request: Request) -> Response:
        """Create an unpublished workflow from the text of an exported one."""
        asked = self.body(shapes.Import)
        return full(request, import_workflow(user=user_of(request), **asked), 201)


class ReadText(Operation):
    @extend_schema(request=shapes.DocumentText, responses={200: answers.READ_DOCUMENT})
    def post(self, request: Request) -> Response:
        """Read a document from JSON or YAML text, and list its problems; null if there is none
        in it. Nothing is stored."""
        read = read_document(user=user_of(request), **self.body(shapes.DocumentText))
        return Response({"document": read.document, "problems": read.problems})


def _accepted(request: Request) -> str:
    """YAML for who asks for it and for nothing of JSON."""
    accepts = request.headers.get("Accept", "")
    return "yaml" if "yaml" in accepts and "json" not in accepts else "json"
