"""Secrets: names and metadata go out, values only come in."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from studio.actions import secrets
from studio.api import answers, shapes
from studio.api.operation import AccountOperation, found, user_of
from studio.models import Secret
from studio.queries import items, visible


class Secrets(AccountOperation):
    @extend_schema(responses={200: answers.SECRETS})
    def get(self, request: Request) -> Response:
        """List the secrets that you may use, by name. Values are never shown."""
        user = user_of(request)
        rows = visible.usable_secrets(user).select_related("owner", "group", "set_by")
        return Response({"items": [items.secret_item(row, user) for row in rows], "next": None})

    @extend_schema(request=shapes.NewSecret, responses={201: answers.SECRET})
    def post(self, request: Request) -> Response:
        """Make a secret: your own, or, as an administrator, a shared one."""
        user = user_of(request)
        made = secrets.create_secret(user=user, **self.body(shapes.NewSecret))
        return Response(items.secret_item(made, user), status=201)


class SecretDetail(AccountOperation):
    @extend_schema(responses={200: answers.SECRET})
    def get(self, request: Request, secret_id: UUID) -> Response:
        """Read what is known of a secret, which is everything but its value."""
        user = user_of(request)
        return Response(items.secret_item(_found(request, secret_id), user))

    @extend_schema(request=shapes.SecretValue, responses={200: answers.SECRET})
    def put(self, request: Request, secret_id: UUID) -> Response:
        """Set the value anew."""
        user, secret = user_of(request), _found(request, secret_id)
        value = self.body(shapes.SecretValue)["value"]
        changed = secrets.replace_secret(user=user, secret=secret, value=value)
        return Response(items.secret_item(changed, user))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, secret_id: UUID) -> Response:
        """Delete a secret: steps that ask for it fail from now on."""
        secrets.delete_secret(user=user_of(request), secret=_found(request, secret_id))
        return Response(status=204)


def _found(request: Request, secret_id: UUID) -> Secret:
    rows = visible.secrets(request.user).select_related("owner", "group", "set_by")
    return found(rows, secret_id, "No such secret.")
