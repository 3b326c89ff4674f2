"""The API described: OpenAPI, Swagger UI and ReDoc, all from our own files."""

import json
from functools import lru_cache
from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views import View
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.views import SpectacularJSONAPIView

from studio.http.csp import DATA

SIDECAR = "drf_spectacular_sidecar/"
REDOC_BUNDLE = SIDECAR + "redoc/bundles/redoc.standalone.js"
# ReDoc shows its maker's logo from a server of theirs; this studio asks no other server.
OUTSIDE_LOGO = b"https://cdn.redoc.ly/redoc/logo-mini.svg"
NO_LOGO = b"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E"


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "studio.accounts.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "studio.accounts.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "apiKey", "in": "cookie", "name": "treadle_session"}


class Schema(SpectacularJSONAPIView):
    """OpenAPI 3.1 as JSON."""


class Swagger(LoginRequiredMixin, View):
    """Try the API from a page, as the signed-in user."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "api/swagger.html", {"sidecar": SIDECAR + "swagger-ui-dist/"})


class SwaggerStart(LoginRequiredMixin, View):
    """The script that starts Swagger UI: a file of its own, because pages run no inline scripts."""

    def get(self, request: HttpRequest) -> HttpResponse:
        context = {"schema": json.dumps(reverse("schema"))}
        return render(request, "api/swagger.js", context, "application/javascript")


class Redoc(LoginRequiredMixin, View):
    """Read the API."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "api/redoc.html")


class RedocBundle(LoginRequiredMixin, View):
    """ReDoc without the picture from outside."""

    def get(self, request: HttpRequest) -> HttpResponse:
        response = HttpResponse(_redoc(), content_type="application/javascript")
        response["Content-Security-Policy"] = DATA
        response["Cache-Control"] = "private, max-age=3600"
        return response


@lru_cache(maxsize=1)
def _redoc() -> bytes:
    path = finders.find(REDOC_BUNDLE)
    if path is None:
        raise FileNotFoundError(f"{REDOC_BUNDLE}: install drf-spectacular-sidecar")
    with open(path, "rb") as file:
        return file.read().replace(OUTSIDE_LOGO, NO_LOGO)
