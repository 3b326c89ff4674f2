"""Secrets of a person and those shared with him: made, set anew, deleted, never shown."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import Group, User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from studio.actions import secrets
from studio.actions.errors import ActionError
from studio.models import Secret
from studio.pages.found import person
from studio.queries import visible
from studio.sentences import told


class Unshown(forms.Textarea):
    """A text area, for keys have several lines; what was typed is never sent back."""

    def format_value(self, value: Any) -> None:
        return None


class ValueForm(forms.Form):
    value = forms.CharField(
        label=_("Value"),
        max_length=secrets.MAX_LENGTH,
        help_text=_("It is sealed at once. Nobody can read it again, you neither."),
        widget=Unshown(
            attrs={
                "class": "input input--code",
                "rows": 3,
                "autocomplete": "off",
                "spellcheck": "false",
            }
        ),
    )


class SecretForm(ValueForm):
    name = forms.CharField(
        label=_("Name"),
        max_length=64,
        help_text=_("What tools ask for, such as openai."),
        widget=forms.TextInput(
            attrs={"class": "input", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    scope = forms.ChoiceField(
        label=_("Who may use it"), widget=forms.Select(attrs={"class": "select"}), required=False
    )
    field_order = ("name", "scope", "value")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(secrets.OWN, gettext("Runs that I start"))]
        if user.is_superuser:
            choices.append((secrets.EVERYBODY, gettext("Everybody’s runs")))
            names = Group.objects.order_by("name").values_list("name", flat=True)
            choices += [
                (f"group:{name}", gettext("Runs of the group {name}").format(name=name))
                for name in names
            ]
        self.fields["scope"].choices = choices  # type: ignore[attr-defined]


@sensitive_post_parameters("value")
@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def secret_list(request: HttpRequest) -> HttpResponse:
    user = person(request)
    form = SecretForm(request.POST if request.method == "POST" else None, user=user)
    if form.is_bound and form.is_valid() and _made(user, form):
        messages.success(
            request,
            gettext("“{name}” is sealed and ready to use.").format(name=form.cleaned_data["name"]),
        )
        return redirect("settings-secrets")
    rows = visible.usable_secrets(user).select_related("owner", "group", "set_by")
    context = {
        "section": "secrets",
        "form": form,
        "secrets": [(row, visible.can_change_secret(user, row)) for row in rows],
    }
    return render(request, "settings/secrets.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters("value")
@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def secret_value(request: HttpRequest, secret_id: UUID) -> HttpResponse:
    """Set the value of one secret anew."""
    user, secret = person(request), _changeable(request, secret_id)
    form = ValueForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and _replaced(user, secret, form):
        messages.success(request, gettext("“{name}” has a new value.").format(name=secret.name))
        return redirect("settings-secrets")
    context = {"section": "secrets", "form": form, "secret": secret}
    return render(request, "settings/secret.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def secret_delete(request: HttpRequest, secret_id: UUID) -> HttpResponse:
    user, secret = person(request), _changeable(request, secret_id)
    secrets.delete_secret(user=user, secret=secret)
    messages.success(request, gettext("“{name}” was deleted.").format(name=secret.name))
    return redirect("settings-secrets")


def _made(user: User, form: SecretForm) -> bool:
    scope, _, group = form.cleaned_data["scope"].partition(":")
    given = {"name": form.cleaned_data["name"], "value": form.cleaned_data["value"]}
    try:
        secrets.create_secret(user=user, scope=scope or secrets.OWN, group=group, **given)
    except ActionError as error:
        _tell(form, error)
        return False
    return True


def _replaced(user: User, secret: Secret, form: ValueForm) -> bool:
    try:
        secrets.replace_secret(user=user, secret=secret, value=form.cleaned_data["value"])
    except ActionError as error:
        _tell(form, error)
        return False
    return True


def _tell(form: forms.Form, error: ActionError) -> None:
    """What the action refused, at its field where it names one."""
    pointer = str(error.details[0]["pointer"]) if error.details else ""
    field = pointer.removeprefix("/")
    form.add_error(field if field in form.fields else None, told(error.message))


def _changeable(request: HttpRequest, secret_id: UUID) -> Secret:
    user = person(request)
    rows = visible.secrets(user).select_related("owner", "group", "set_by")
    secret = rows.filter(public_id=secret_id).first()
    if secret is None or not visible.can_change_secret(user, secret):
        raise Http404("no such secret")
    return secret
