"""What the islands read from their page: addresses, and a person's name."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static

Boot = dict[str, Any]

# Filled in by the islands: a route's id is not known when the page is written.
_RUN = "/runs/{id}"
_TOOL = "/tools/{name}"


def urls(**more: str) -> dict[str, str]:
    """Addresses every island may need, and what the page adds."""
    return {
        "api": "/api/v1",
        "workflows": "/workflows/",
        "run": _RUN,
        "review": "/review/{id}",
        "tool": _TOOL,
        "code": static("dist/code.js"),
        **more,
    }


def user(request: HttpRequest) -> dict[str, str]:
    return {"name": request.user.get_username()}
