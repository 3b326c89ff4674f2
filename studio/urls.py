"""Every address of the studio: pages, accounts, admin, the API and the demo's contract."""

from django.contrib import admin
from django.urls import include, path, re_path

from studio.accounts import views as accounts
from studio.api import demo, docs, health
from studio.http import errors

# The demo's addresses, with or without a slash at the end: it never redirected a POST.
_demo = [
    re_path(r"^graph/create/?$", demo.CreateGraph.as_view(), name="graph-create"),
    re_path(
        r"^graph/create_sample/code_review/?$", demo.CreateSample.as_view(), name="graph-sample"
    ),
    re_path(r"^graph/run/?$", demo.RunGraph.as_view(), name="graph-run"),
    re_path(r"^graph/run_async/?$", demo.RunGraphAsync.as_view(), name="graph-run-async"),
    re_path(
        r"^graph/state/(?P<run_id>[^/]{1,100})/?$", demo.GraphState.as_view(), name="graph-state"
    ),
]

urlpatterns = [
    *_demo,
    path("api/v1/", include("studio.api.urls")),
    path("api/schema", docs.Schema.as_view(), name="schema"),
    path("docs", docs.Swagger.as_view(), name="docs"),
    path("docs/start.js", docs.SwaggerStart.as_view(), name="swagger-start"),
    path("redoc", docs.Redoc.as_view(), name="redoc"),
    path("redoc/bundle.js", docs.RedocBundle.as_view(), name="redoc-bundle"),
    path("healthz", health.live, name="healthz"),
    path("login", accounts.LoginView.as_view(), name="login"),
    path("logout", accounts.LogoutView.as_view(), name="logout"),
    path("sign-in/<str:token>", accounts.SignInView.as_view(), name="sign-in"),
    path("admin/", admin.site.urls),
    path("", include("studio.pages.urls")),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
