"""The language of an answer: chosen in the account menu, else what the browser asks for.

Programs get English. Their messages and codes are a contract; they must not depend on a header that
some library sends. Only who names a language in a header of ours is answered in it: the pages do.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

from studio.sentences import SOURCE, for_people

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
HEADER = "Treadle-Language"
"""By which a program asks for the sentences of answers in another language."""


def language_of(request: HttpRequest) -> str:
    """The code of a language that the studio has."""
    if request.path_info.startswith(_FOR_PROGRAMS):
        asked = request.headers.get(HEADER, SOURCE)
        return asked if asked in dict(settings.LANGUAGES) else SOURCE
    return translation.get_language_from_request(request)


def _reader(request: HttpRequest) -> AbstractContextManager[None]:
    """Pages are for people, and so are answers in a language that somebody names."""
    if request.path_info.startswith(_FOR_PROGRAMS) and HEADER not in request.headers:
        return nullcontext()
    return for_people()


class LanguageMiddleware:
    """Like Django's own, except for programs; no thread keeps a language for its next request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with translation.override(language_of(request)), _reader(request):
            response = self.get_response(request)
            if not request.path_info.startswith(_FOR_PROGRAMS):
                patch_vary_headers(response, ("Accept-Language",))
            if HEADER in request.headers or not request.path_info.startswith(_FOR_PROGRAMS):
                response.headers.setdefault("Content-Language", translation.get_language())
        return response
