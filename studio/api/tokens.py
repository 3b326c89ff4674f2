"""The bearer tokens of the user who asks: list, make, revoke."""

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from studio.accounts import tokens
from studio.actions import audit
from studio.api import answers, shapes
from studio.api.operation import Operation, found, user_of
from studio.api.problems import ApiError
from studio.models import ApiToken
from studio.queries import items


def own(request: Request) -> QuerySet[ApiToken]:
    return ApiToken.objects.filter(user=user_of(request), revoked_at=None)


class Tokens(Operation):
    @extend_schema(responses={200: answers.TOKENS})
    def get(self, request: Request) -> Response:
        """List your tokens, newest first. The tokens themselves are not kept."""
        return Response({"items": [items.token_item(token) for token in own(request)]})

    @extend_schema(request=shapes.NewToken, responses={201: answers.NEW_TOKEN})
    def post(self, request: Request) -> Response:
        """Make a token. The answer is the only place where it is ever shown."""
        asked = self.body(shapes.NewToken)
        expires_at = asked.get("expires_at")
        if expires_at is not None and expires_at <= timezone.now():
            raise ApiError(400, "E_INVALID", "expires_at: this moment has passed already.")
        user = user_of(request)
        with transaction.atomic():
            row, secret = tokens.create(user=user, name=asked["name"], expires_at=expires_at)
            audit.record(user, "token.create", row.public_id, prefix=row.prefix)
        return Response({**items.token_item(row), "token": secret}, status=201)


class TokenDetail(Operation):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, token_id: UUID) -> Response:
        """Revoke a token at once."""
        token = found(own(request), token_id, "No such token.")
        with transaction.atomic():
            tokens.revoke(token)
            audit.record(user_of(request), "token.revoke", token.public_id, prefix=token.prefix)
        return Response(status=204)
