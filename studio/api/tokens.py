"""The bearer tokens of the user who asks: list, make, revoke."""

from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from studio.actions import tokens as actions
from studio.api import answers, shapes
from studio.api.operation import AccountOperation, found, user_of
from studio.models import ApiToken, Workflow
from studio.queries import items, visible


def own(request: Request) -> QuerySet[ApiToken]:
    living = ApiToken.objects.filter(user=user_of(request), revoked_at=None)
    return living.prefetch_related("workflows")


def _named(request: Request, wanted: list[UUID]) -> list[Workflow]:
    """The workflows of these ids that the user may see. Raises 404 where one is missing."""
    rows = visible.workflows(request.user)
    return [found(rows, each, f"No such workflow: {each}.") for each in dict.fromkeys(wanted)]


class Tokens(AccountOperation):
    @extend_schema(responses={200: answers.TOKENS})
    def get(self, request: Request) -> Response:
        """List your tokens, newest first. The tokens themselves are not kept."""
        return Response({"items": [items.token_item(token) for token in own(request)]})

    @extend_schema(request=shapes.NewToken, responses={201: answers.NEW_TOKEN})
    def post(self, request: Request) -> Response:
        """Make a token. The answer is the only place where it is ever shown.

        Without `scopes` it may what you may; with them at most that: `read`, `edit` (read and
        change workflows), `operate` (read, start and steer runs). `workflows` names those that it
        is for alone. A token with either neither shares nor sees tokens and secrets."""
        asked = self.body(shapes.NewToken)
        only = asked.pop("workflows", None)
        row, secret = actions.create_token(
            user=user_of(request),
            **asked,
            workflows=None if only is None else _named(request, only),
        )
        return Response({**items.token_item(row), "token": secret}, status=201)


class TokenDetail(AccountOperation):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, token_id: UUID) -> Response:
        """Revoke a token at once."""
        token = found(own(request), token_id, "No such token.")
        actions.revoke_token(user=user_of(request), token=token)
        return Response(status=204)
