"""A person's own page: name, address, password."""

from typing import Any, TypeAlias

from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from studio.accounts.fresh import is_fresh
from studio.actions import audit
from studio.pages.found import person


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ("first_name", "last_name", "email")
        labels = {"email": gettext_lazy("E-mail")}


PasswordForm: TypeAlias = "SetPasswordForm[User] | PasswordChangeForm"


@sensitive_post_parameters()
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Two forms on one page; the pressed button says which one was sent."""
    user = person(request)
    sent = request.POST.get("form") if request.method == "POST" else None
    who = ProfileForm(request.POST if sent == "profile" else None, instance=_fresh(user))
    secret = _password_form(user, request.POST if sent == "password" else None)
    if sent == "profile" and who.is_valid():
        return _saved(request, who, "profile.change", _("Your profile was saved."))
    if sent == "password" and not user.has_usable_password() and not is_fresh(request):
        # Without an old password to type, only a sign-in of a moment ago tells who this is.
        secret.add_error(None, _("Your one-time sign-in is too long ago: sign in with a new link."))
    if sent == "password" and secret.is_valid():
        return _saved(request, secret, "password.change", _("Your password was changed."))
    for form in (who, secret):
        _dress(form)
    context = {
        "section": "profile",
        "profile_form": who,
        "password_form": secret,
        "has_password": user.has_usable_password(),
    }
    return render(request, "settings/profile.html", context, status=422 if sent else 200)


def _fresh(user: User) -> User:
    """A row of its own: a form that is refused must not change who is shown as signed in."""
    return User.objects.get(pk=user.pk)


def _password_form(user: User, data: Any) -> PasswordForm:
    """Who came by a one-time link has no old password to type."""
    kind = PasswordChangeForm if user.has_usable_password() else SetPasswordForm
    form: PasswordForm = kind(user, data)
    return form


def _saved(request: HttpRequest, form: Any, verb: str, message: str) -> HttpResponse:
    with transaction.atomic():
        user = form.save()
        audit.record(person(request), verb, user.pk)
    update_session_auth_hash(request, user)
    messages.success(request, message)
    return redirect("settings-profile")


def _dress(form: Any) -> None:
    for field in form.fields.values():
        field.widget.attrs["class"] = "input"
        field.widget.attrs.pop("autofocus", None)
