"""The language of an answer: chosen in the account menu, else what the browser asks for.

Programs always get English. Their messages and codes are a contract; they must not depend on a
header that some library sends.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

_FOR_PROGRAMS = (
    "/api/",
    "/graph/",
    "/hooks/",
    "/docs",
    "/redoc",
    "/healthz",
    "/readyz",
    "/metrics",
)
SOURCE = "en"
"""The language in which every text is written."""


def language_of(request: HttpRequest) -> str:
    """The code of a language that the studio has."""
    if request.path_info.startswith(_FOR_PROGRAMS):
        return SOURCE
    return translation.get_language_from_request(request)


class LanguageMiddleware:
    """Like Django's own, except for programs; no thread keeps a language for its next request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with translation.override(language_of(request)):
            response = self.get_response(request)
            if not request.path_info.startswith(_FOR_PROGRAMS):
                patch_vary_headers(response, ("Accept-Language",))
                response.headers.setdefault("Content-Language", translation.get_language())
        return response
