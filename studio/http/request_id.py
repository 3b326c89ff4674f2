"""A name for each request, in its answer's header and in every error, so that logs can be found."""

import os
import random
import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from studio.actions import audit
from studio.setup import logs

HEADER = "X-Request-ID"
_SAFE = re.compile(r"[A-Za-z0-9._-]{8,64}")

GetResponse = Callable[[HttpRequest], HttpResponseBase]


# Names need not be secret, and asking the system for each gives the interpreter's lock away. These
# dice are for nothing else: nobody sets their seed.
_dice = random.Random()
os.register_at_fork(after_in_child=_dice.seed)


def new_request_id() -> str:
    return f"{_dice.getrandbits(64):016x}"


def name_for(given: str) -> str:
    """The name that a proxy gave a request if it is harmless, else a new one."""
    return given if _SAFE.fullmatch(given) else new_request_id()


class RequestIdMiddleware:
    """Sets `request.request_id`: a proxy's X-Request-ID if it is harmless, else a new one."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        name = name_for(given)
        request.request_id = name  # type: ignore[attr-defined]
        # The audit trail says where a change came from.
        client = audit.client_ip.set(request.META.get("REMOTE_ADDR") or None)
        logged = logs.request_id.set(name)
        try:
            response = self.get_response(request)
        finally:
            audit.client_ip.reset(client)
            logs.request_id.reset(logged)
        response[HEADER] = name
        return response


def request_id(request: object) -> str:
    """The id of a Django or a REST framework request; empty outside the middleware."""
    return str(getattr(request, "request_id", ""))
