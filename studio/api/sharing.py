"""With whom a workflow is shared, and as what: list, share, take back."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from studio.actions import sharing
from studio.actions.permission import require
from studio.api import answers, shapes
from studio.api.operation import Operation, found, user_of
from studio.api.workflows import workflow_of
from studio.queries import items
from studio.queries import sharing as queries
from studio.rights import Verb


class Grants(Operation):
    @extend_schema(responses={200: answers.GRANTS})
    def get(self, request: Request, workflow_id: UUID) -> Response:
        """List with whom a workflow is shared, and as what. For its owner."""
        workflow = workflow_of(request, workflow_id)
        require(user_of(request), Verb.SHARE, workflow)
        owner = None if workflow.owner is None else workflow.owner.get_username()
        rows = queries.grants(workflow)
        return Response({"owner": owner, "items": [items.grant_item(row) for row in rows]})

    @extend_schema(request=shapes.NewGrant, responses={201: answers.GRANT, 200: answers.GRANT})
    def post(self, request: Request, workflow_id: UUID) -> Response:
        """Share a workflow with `user` or `group` as `viewer`, `editor` or `operator`.

        Each role adds to reading: an editor changes and publishes, an operator starts and steers
        runs. Who is to do both gets both. Sharing what is shared already changes nothing."""
        workflow = workflow_of(request, workflow_id)
        asked = self.body(shapes.NewGrant)
        shared = sharing.share(
            user=user_of(request),
            workflow=workflow,
            role=asked["role"],
            person=asked.get("user"),
            group=asked.get("group"),
        )
        return Response(items.grant_item(shared.grant), status=201 if shared.is_new else 200)


class GrantDetail(Operation):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, workflow_id: UUID, grant_id: UUID) -> Response:
        """Take a role back. Runs that they started stay theirs."""
        workflow = workflow_of(request, workflow_id)
        require(user_of(request), Verb.SHARE, workflow)
        grant = found(queries.grants(workflow), grant_id, "No such grant.")
        sharing.unshare(user=user_of(request), grant=grant)
        return Response(status=204)
