"""What the islands read from their page: addresses, and a person's name."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static

from studio.queries import visible
from studio.queries.visible import Target
from studio.rights import Verb

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


def rights(request: HttpRequest, *asked: tuple[Target, Iterable[Verb]]) -> Boot:
    """`can`: true or false for each verb. `cannot`: why not, for those that are refused."""
    cannot: dict[str, str] = {}
    for target, verbs in asked:
        cannot |= visible.refusals(request.user, verbs, target)
    every = [verb.value for _, verbs in asked for verb in verbs]
    return {"can": {verb: verb not in cannot for verb in every}, "cannot": cannot}


def user(request: HttpRequest) -> dict[str, str]:
    return {"name": request.user.get_username()}
