"""The headers that tell a browser to distrust what it gets: one policy for each kind of page."""

import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import SimpleLazyObject

from studio.http import csp
from studio.http.csp import Policy

CSP = "Content-Security-Policy"
PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
)

PAGE = Policy(csp.PAGE)
# By the name of the view's URL.
POLICIES = {
    "workflow-new": Policy(csp.ISLAND),
    "workflow-edit": Policy(csp.ISLAND),
    "run": Policy(csp.ISLAND),
    "review": Policy(csp.ISLAND),
    "review-run": Policy(csp.ISLAND),
    "redoc": Policy(csp.REDOC),
}


class Nonce:
    """Made when a template first asks for `request.csp_nonce`; `None` if none did."""

    def __init__(self) -> None:
        self.value: str | None = None

    def make(self) -> str:
        if self.value is None:
            self.value = secrets.token_urlsafe(16)
        return self.value


class SecurityHeadersMiddleware:
    """Sets the policies of content, permissions and frames; Django's own middleware the rest."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        nonce = Nonce()
        request.csp_nonce = SimpleLazyObject(nonce.make)  # type: ignore[attr-defined]
        response = self.get_response(request)
        is_page = response.get("Content-Type", "").startswith("text/html")
        if CSP not in response:
            response[CSP] = _policy(request).text(nonce.value) if is_page else csp.DATA
        if not is_page and "Cache-Control" not in response:
            response["Cache-Control"] = "no-store"
        response["Permissions-Policy"] = PERMISSIONS
        response["X-Frame-Options"] = "DENY"
        return response


def _policy(request: HttpRequest) -> Policy:
    match = request.resolver_match
    return PAGE if match is None else POLICIES.get(match.view_name or "", PAGE)
