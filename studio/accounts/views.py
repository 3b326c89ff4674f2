"""Signing in by password or one-time link, and signing out."""

import math
from datetime import timedelta
from typing import Any

from django.contrib.auth import authenticate, login, views
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import ngettext
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from studio.accounts import fresh, sign_in_links

BACKEND = "django.contrib.auth.backends.ModelBackend"


class LoginView(views.LoginView):
    """Name and password. Unknown names and wrong passwords get one and the same answer."""

    template_name = "accounts/login.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().post(request, *args, **kwargs)
        return locked_out(request) or response


class LogoutView(views.LogoutView):
    """POST ends the session: its cookie is dead and its sockets close."""

    http_method_names = ["post"]


@method_decorator(never_cache, name="dispatch")
class SignInView(View):
    """A one-time link: GET shows a button, POST uses the link up and signs its user in."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return _link_page(request, token, is_open=sign_in_links.is_open(token))

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        user = sign_in_links.consume(token)
        if user is None:
            return _link_page(request, token, is_open=False)
        login(request, user, backend=BACKEND)
        return redirect("home")


@method_decorator([never_cache, login_required, sensitive_post_parameters()], name="dispatch")
class ConfirmView(View):
    """The password once more, before what matters most; then on to where one wanted to go."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return _confirm_page(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        password = request.POST.get("password", "")
        known = authenticate(request, username=request.user.get_username(), password=password)
        if known is None or known != request.user:
            locked = locked_out(request)
            return locked or _confirm_page(request, is_wrong=True)
        assert isinstance(known, User)
        fresh.renew(request, known)
        return redirect(_next(request))


def _confirm_page(request: HttpRequest, *, is_wrong: bool = False) -> HttpResponse:
    assert isinstance(request.user, User)
    context = {
        "next": _next(request),
        "is_wrong": is_wrong,
        "has_password": request.user.has_usable_password(),
    }
    return render(request, "accounts/confirm.html", context, status=422 if is_wrong else 200)


def _next(request: HttpRequest) -> str:
    """Where to go afterwards: an address of this studio, else home."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    here = {request.get_host()}
    is_ours = url_has_allowed_host_and_scheme(wanted, here, require_https=request.is_secure())
    return wanted if is_ours else resolve_url("home")


def _link_page(request: HttpRequest, token: str, *, is_open: bool) -> HttpResponse:
    context = {"token": token, "is_open": is_open}
    return render(request, "accounts/sign_in.html", context, status=200 if is_open else 404)


def locked_out(request: HttpRequest) -> HttpResponse | None:
    """The sign-in page once a name was tried too often from one address; else None."""
    wait: timedelta | None = getattr(request, "locked_for", None)
    if wait is None:
        return None
    seconds = math.ceil(wait.total_seconds())
    minutes = math.ceil(seconds / 60)
    context = {
        "form": AuthenticationForm(request),
        "locked": ngettext(
            "Too many tries with this name. Wait {n} minute, then try again.",
            "Too many tries with this name. Wait {n} minutes, then try again.",
            minutes,
        ).format(n=minutes),
    }
    response = render(request, LoginView.template_name, context, status=429)
    response["Retry-After"] = str(seconds)
    return response
