"""Light, dark, or as the system says: kept in a cookie of the browser, not of the account."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from studio.pages.way_back import way_back

COOKIE = "treadle-theme"
THEMES = ("light", "dark")
A_YEAR = 365 * 24 * 3600


def chosen(request: HttpRequest) -> str:
    """`light`, `dark`, or empty for the system's choice."""
    theme = request.COOKIES.get(COOKIE, "")
    return theme if theme in THEMES else ""


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Remember the choice and go back to where it was made."""
    response = redirect(way_back(request))
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        response.set_cookie(
            COOKIE, theme, max_age=A_YEAR, samesite="Lax", secure=request.is_secure()
        )
    else:
        response.delete_cookie(COOKIE, samesite="Lax")
    return response
