"""Every exception that leaves a view becomes an answer here, and nowhere else."""

from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from engine.said import Said, say
from studio.actions.errors import ActionError
from studio.api import problems
from studio.api.problems import ApiError
from studio.http.request_id import request_id
from studio.journal.raw_connection import is_full

STORAGE = (
    "The disk of the database is full and nothing was stored: ask the operator for room, then send"
    " it again."
)

_CODES = {
    exceptions.ParseError: "E_BODY",
    exceptions.NotAuthenticated: "E_NOT_AUTHENTICATED",
    exceptions.AuthenticationFailed: "E_NOT_AUTHENTICATED",
    exceptions.PermissionDenied: "E_FORBIDDEN",
    exceptions.NotFound: "E_NOT_FOUND",
    exceptions.MethodNotAllowed: "E_METHOD",
    exceptions.NotAcceptable: "E_NOT_ACCEPTABLE",
    exceptions.UnsupportedMediaType: "E_MEDIA_TYPE",
    exceptions.Throttled: "E_RATE",
}


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """Django REST framework's hook. None lets an unforeseen error become a logged 500."""
    found = _as_api_error(error, context)
    if found is None:
        return None
    set_rollback()
    content = problems.body(
        found.code,
        found.message,
        found.details,
        request_id(context["request"]._request),
        found.extra,
    )
    return Response(content, status=found.status, headers=_headers(error))


def _as_api_error(error: Exception, context: dict[str, Any]) -> ApiError | None:
    if isinstance(error, ApiError):
        return error
    if isinstance(error, ActionError):
        return ApiError(error.status, error.code, error.message, error.details)
    if isinstance(error, exceptions.ValidationError):
        return _invalid(error, context)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if is_full(error):
        return ApiError(507, "E_STORAGE", STORAGE)
    if isinstance(error, RequestDataTooBig):
        return ApiError(413, "E_BODY_SIZE", say("The body is too large."))
    if isinstance(error, exceptions.APIException):
        code = _CODES.get(type(error), "E_REQUEST")
        # The framework has said it in the reader's language already.
        return ApiError(error.status_code, code, Said(str(error.detail)))
    return None


def _invalid(error: exceptions.ValidationError, context: dict[str, Any]) -> ApiError:
    details = problems.of_serializer(error.detail)
    first = (
        details[0] if details else problems.detail("", "E_INVALID", say("The body is not valid."))
    )
    where = first["pointer"].lstrip("/") or "body"
    status = getattr(context.get("view"), "invalid_status", 400)
    return ApiError(
        status, "E_INVALID", say("{key}: {problem}", key=where, problem=first["message"]), details
    )


def _headers(error: Exception) -> dict[str, str]:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return headers
