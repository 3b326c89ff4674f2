"""The language that somebody chose: kept in a cookie of the browser, as the colours are."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from studio.pages.way_back import way_back
from studio.sentences import SOURCE

A_YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Choice:
    """`name`: as those call it who speak it."""

    code: str
    name: str
    chosen: bool


def shown() -> str:
    """The code of the language in which this page is written."""
    return get_language() or SOURCE


def chosen(request: HttpRequest) -> str:
    """The code that was chosen, or empty for what the browser asks for."""
    code = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return code if code in dict(settings.LANGUAGES) else ""


def choices(request: HttpRequest) -> list[Choice]:
    code = chosen(request)
    return [Choice(each, name, each == code) for each, name in settings.LANGUAGES]


def words_address() -> str:
    """The script with the browser's texts in this page's language; empty for English."""
    language = shown()
    return "" if language == SOURCE else static(f"words/{language}.js")


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Remember the choice and go back to where it was made."""
    response = redirect(way_back(request))
    name = settings.LANGUAGE_COOKIE_NAME
    code = request.POST.get("language", "")
    if code in dict(settings.LANGUAGES):
        response.set_cookie(name, code, max_age=A_YEAR, samesite="Lax", secure=request.is_secure())
    else:
        response.delete_cookie(name, samesite="Lax")
    return response
