"""Errors outside the API's views: a page for people, the API's error shape for programs."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.exceptions import TemplateDoesNotExist

from studio.http.plain import error_body
from studio.http.request_id import request_id
from studio.sentences import told

_MACHINE_PATHS = ("/api/", "/graph/", "/healthz", "/readyz", "/metrics")

ErrorView = Callable[..., HttpResponse]


def is_for_machines(request: HttpRequest) -> bool:
    return request.path.startswith(_MACHINE_PATHS)


def _view(status: int, code: str, message: str) -> ErrorView:
    def view(request: HttpRequest, exception: Any = None) -> HttpResponse:
        name = request_id(request)
        if is_for_machines(request):
            content = error_body(code, message, name)
            return HttpResponse(content, status=status, content_type="application/json")
        try:
            # What an action refuses says why, and what to do instead.
            reason = told(getattr(exception, "message", "")) if status == 403 else ""
            context = {"request_id": name, "reason": reason}
            return render(request, f"{status}.html", context, status=status)
        except TemplateDoesNotExist:
            return HttpResponse(message, status=status, content_type="text/plain")

    return view


bad_request = _view(400, "E_REQUEST", "The request could not be read.")
forbidden = _view(403, "E_FORBIDDEN", "You may not do this.")
not_found = _view(404, "E_NOT_FOUND", "There is nothing at this address.")
server_error = _view(
    500, "E_SERVER", "Something went wrong here. The request id finds it in the log."
)
