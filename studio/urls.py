"""Every address of the studio: pages, accounts, admin, the API and the demo's contract."""

from django.contrib import admin
from django.urls import URLPattern, include, path

from studio.accounts import views as accounts
from studio.api import demo, docs, health, hooks, metrics
from studio.api.operation import Operation
from studio.http import errors


def _slash_or_not(route: str, view: type[Operation], name: str) -> list[URLPattern]:
    """The demo never redirected a POST, so both spellings answer; the schema shows one."""
    return [
        path(route, view.as_view(), name=name),
        path(f"{route}/", view.as_view(schema=None), name=f"{name}-slash"),
    ]


_demo = [
    *_slash_or_not("graph/create", demo.CreateGraph, "graph-create"),
    *_slash_or_not("graph/create_sample/code_review", demo.CreateSample, "graph-sample"),
    *_slash_or_not("graph/run", demo.RunGraph, "graph-run"),
    *_slash_or_not("graph/run_async", demo.RunGraphAsync, "graph-run-async"),
    *_slash_or_not("graph/state/<str:run_id>", demo.GraphState, "graph-state"),
]

urlpatterns = [
    *_demo,
    path("api/v1/", include("studio.api.urls")),
    path("hooks/<uuid:hook_id>", hooks.Hook.as_view(), name="hook"),
    path("api/schema", docs.Schema.as_view(), name="schema"),
    path("docs", docs.Swagger.as_view(), name="docs"),
    path("docs/start.js", docs.SwaggerStart.as_view(), name="swagger-start"),
    path("redoc", docs.Redoc.as_view(), name="redoc"),
    path("redoc/bundle.js", docs.RedocBundle.as_view(), name="redoc-bundle"),
    path("healthz", health.live, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", metrics.Metrics.as_view(schema=None), name="metrics"),
    path("login", accounts.LoginView.as_view(), name="login"),
    path("confirm", accounts.ConfirmView.as_view(), name="confirm"),
    path("logout", accounts.LogoutView.as_view(), name="logout"),
    path("sign-in/<str:token>", accounts.SignInView.as_view(), name="sign-in"),
    path("admin/", admin.site.urls),
    path("", include("studio.pages.urls")),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
