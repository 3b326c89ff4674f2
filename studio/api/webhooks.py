"""Webhooks: list, make, read, change, delete, replace the secret, try, and what came in."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from studio.actions import webhooks as actions
from studio.actions.webhooks import WebhookFields
from studio.api import answers, guard, shapes, trigger_shapes
from studio.api.operation import Operation, found, user_of
from studio.api.pagination import newest_first, page_body
from studio.api.runs import idempotency_key, run_of
from studio.api.schedules import with_version
from studio.models import Webhook
from studio.queries import items, visible
from studio.queries import triggers as queries

NOT_FOUND = "No such webhook, or not one of yours."


def webhook_of(request: Request, public_id: UUID) -> Webhook:
    rows = queries.listed_webhooks(visible.webhooks(user_of(request)))
    return found(rows, public_id, NOT_FOUND)


def _item(request: Request, public_id: UUID) -> dict[str, Any]:
    return queries.webhook_item(webhook_of(request, public_id), queries.now())


def _settled(request: Request, asked: dict[str, Any]) -> dict[str, Any]:
    settled = with_version(request, asked)
    if "headers" in settled:
        settled["headers"] = tuple(settled["headers"])
    return settled


class Webhooks(Operation):
    @extend_schema(
        parameters=[trigger_shapes.TriggersQuery],
        responses={200: answers.page(trigger_shapes.WEBHOOK)},
    )
    def get(self, request: Request) -> Response:
        """List the webhooks you may see, newest first. Their secrets are not kept readable."""
        asked = self.query(trigger_shapes.TriggersQuery)
        rows = queries.listed_webhooks(visible.webhooks(user_of(request)))
        if "workflow" in asked:
            rows = rows.filter(workflow__public_id=asked["workflow"])
        page, following = newest_first(rows, asked["cursor"], asked["limit"])
        now = queries.now()
        return Response(page_body([queries.webhook_item(row, now) for row in page], following))

    @extend_schema(
        request=trigger_shapes.NewWebhook, responses={201: trigger_shapes.WEBHOOK_SECRET}
    )
    def post(self, request: Request) -> Response:
        """Make an address that starts runs of a workflow, as runs of yours. The answer is the only
        place where its secret is ever shown."""
        asked = _settled(request, self.body(trigger_shapes.NewWebhook))
        user = user_of(request)
        workflow = found(visible.workflows(user), asked.pop("workflow"), "No such workflow.")
        secret = asked.pop("secret", None)
        made, plain = actions.create_webhook(
            user=user, workflow=workflow, wanted=WebhookFields(**asked), secret=secret
        )
        return Response({**_item(request, made.public_id), "secret": plain}, status=201)


class WebhookDetail(Operation):
    @extend_schema(responses={200: trigger_shapes.WEBHOOK})
    def get(self, request: Request, webhook_id: UUID) -> Response:
        """Read a webhook, without its secret."""
        return Response(_item(request, webhook_id))

    @extend_schema(request=trigger_shapes.WebhookChange, responses={200: trigger_shapes.WEBHOOK})
    def patch(self, request: Request, webhook_id: UUID) -> Response:
        """Change a webhook; what is not named stays. `enabled` switches it off and on."""
        webhook = webhook_of(request, webhook_id)
        changes = _settled(request, self.body(trigger_shapes.WebhookChange))
        actions.change_webhook(user=user_of(request), webhook=webhook, changes=changes)
        return Response(_item(request, webhook_id))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, webhook_id: UUID) -> Response:
        """End a webhook: its address is gone at once. The runs that it started stay."""
        webhook = webhook_of(request, webhook_id)
        actions.delete_webhook(user=user_of(request), webhook=webhook)
        return Response(status=204)


class RotateSecret(Operation):
    @extend_schema(
        request=trigger_shapes.SecretRotation, responses={200: trigger_shapes.WEBHOOK_SECRET}
    )
    def post(self, request: Request, webhook_id: UUID) -> Response:
        """Replace the secret. The old one stays good for 24 hours, unless `at_once`."""
        webhook = webhook_of(request, webhook_id)
        asked = self.body(trigger_shapes.SecretRotation)
        _, plain = actions.rotate_secret(
            user=user_of(request),
            webhook=webhook,
            at_once=asked["at_once"],
            secret=asked.get("secret"),
        )
        return Response({**_item(request, webhook_id), "secret": plain})


class RunWebhook(Operation):
    json_limits = guard.RUN_INPUT

    @extend_schema(
        request=trigger_shapes.SampleDelivery,
        parameters=[answers.IDEMPOTENCY],
        responses={201: answers.RUN, 200: answers.RUN},
    )
    def post(self, request: Request, webhook_id: UUID) -> Response:
        """Start a run as a delivery with this body would, without a signature."""
        webhook = webhook_of(request, webhook_id)
        asked = self.body(trigger_shapes.SampleDelivery)
        run = actions.run_now(
            user=user_of(request),
            webhook=webhook,
            names=dict(asked),
            idempotency_key=idempotency_key(request),
        )
        item = items.run_item(run_of(request, run.public_id))
        return Response(item, status=200 if run.is_repeat else 201)


class WebhookDeliveries(Operation):
    @extend_schema(parameters=[shapes.Page], responses={200: answers.page(trigger_shapes.DELIVERY)})
    def get(self, request: Request, webhook_id: UUID) -> Response:
        """List what came in, the last first: accepted with its run, or refused and why."""
        webhook = webhook_of(request, webhook_id)
        asked = self.query(shapes.Page)
        rows = queries.listed_deliveries(webhook)
        page, following = newest_first(rows, asked["cursor"], asked["limit"])
        return Response(page_body([queries.delivery_item(row) for row in page], following))
