"""Where webhooks come in: `POST /hooks/{id}`, open to whoever signs."""

from typing import Any
from uuid import UUID

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from engine.said import say
from studio.actions import deliveries
from studio.actions.deliveries import Message, Proved
from studio.actions.errors import ActionError
from studio.api import guard, rates, trigger_shapes
from studio.api.operation import Operation
from studio.api.problems import ApiError
from studio.http.limits import body_limit, too_large

_HEADERS = [
    OpenApiParameter(name, OpenApiTypes.STR, OpenApiParameter.HEADER, False, about)
    for name, about in (
        ("Treadle-Signature", "`t=SECONDS,v1=HEX`: HMAC-SHA256 of `SECONDS.BODY`."),
        ("Treadle-Delivery", "Your id of this delivery; sent again it starts nothing new."),
        ("X-Hub-Signature-256", "Scheme `github`: `sha256=HEX`, HMAC-SHA256 of the body."),
        ("X-GitHub-Delivery", "Scheme `github`: the id of this delivery."),
    )
]


class Hook(Operation):
    http_method_names = ["post"]
    authentication_classes = []
    permission_classes = [AllowAny]

    def check_throttles(self, request: Request) -> None:
        """Counted once it is known whose delivery it is: nobody else can use it up."""

    @extend_schema(
        auth=[],
        request=OpenApiTypes.ANY,
        parameters=_HEADERS,
        responses={202: trigger_shapes.DELIVERED},
    )
    def post(self, request: Request, hook_id: UUID) -> Response:
        """Deliver to a webhook: a run starts, once, if the signature is right."""
        proved = deliveries.prove(_message(request, hook_id))
        started = deliveries.earlier(proved) or self._started(request, proved)
        answer = {
            "run_id": started.run_id and str(started.run_id),
            "repeat": started.is_repeat,
        }
        return Response(answer, status=202)

    def _started(self, request: Request, proved: Proved) -> deliveries.Started:
        _count(proved)
        try:
            return deliveries.accept(proved, _body(request, proved.message.body))
        except (ApiError, ActionError) as refusal:
            deliveries.note_refusal(proved, refusal.message)
            raise


def _message(request: Request, hook_id: UUID) -> Message:
    limit = body_limit(request.path)
    body = request._request.read(limit + 1)
    if len(body) > limit:
        raise ApiError(413, "E_BODY_SIZE", too_large(limit))
    headers = {name.lower(): value for name, value in request._request.headers.items()}
    return Message(hook_id, headers, request._request.GET.dict(), body)


def _body(request: Request, body: bytes) -> Any:
    """The parsed JSON; None for no body at all."""
    if not body:
        return None
    if request._request.content_type != "application/json":
        raise ApiError(415, "E_MEDIA_TYPE", say("Send JSON, with Content-Type: application/json."))
    try:
        return guard.load(body, guard.RUN_INPUT)
    except guard.JsonRefused as refusal:
        raise ApiError(400, refusal.code, str(refusal)) from None
    except guard.JsonBroken as broken:
        raise ApiError(400, "E_JSON", str(broken)) from None


def _count(proved: Proved) -> None:
    rate = settings.RATES.get("hooks")
    wait = rate and rates.buckets.take(("hooks", proved.webhook.pk), rate)
    if wait:
        raise rates.TooFast("deliveries", wait)
