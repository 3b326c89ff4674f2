"""API tokens of a person: made, shown once, revoked."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from studio.actions import tokens as actions
from studio.models import ApiToken
from studio.pages.found import person
from studio.queries import visible
from studio.rights import Scope

LIFETIMES = (
    ("30", _("30 days")),
    ("90", _("90 days")),
    ("365", _("One year")),
    ("", _("Never expires")),
)
CEILINGS: dict[str, tuple[Any, tuple[Scope, ...] | None]] = {
    "": (_("Do everything that you may"), None),
    "read": (_("Read only"), (Scope.READ,)),
    "operate": (_("Read, start and steer runs"), (Scope.READ, Scope.OPERATE)),
    "edit": (_("Read and change workflows"), (Scope.READ, Scope.EDIT)),
    "both": (_("Read, change and run"), tuple(Scope)),
}
"""What a token may at most, by the value of the choice."""
MOST_LISTED = 500


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        help_text=_("What will use it, such as “nightly build”."),
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
    days = forms.ChoiceField(
        label=_("Expires"),
        choices=LIFETIMES,
        required=False,
        initial="90",
        widget=forms.Select(attrs={"class": "select"}),
    )

    scopes = forms.ChoiceField(
        label=_("It may"),
        choices=[(key, words) for key, (words, _) in CEILINGS.items()],
        required=False,
        help_text=_("Never more than you."),
        widget=forms.Select(attrs={"class": "select"}),
    )
    workflows = forms.MultipleChoiceField(
        label=_("For these workflows alone"),
        required=False,
        help_text=_("None chosen: for all that you see."),
        widget=forms.SelectMultiple(attrs={"class": "input", "size": 4}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user
        rows = visible.workflows(user).filter(hidden=False).defer("draft").order_by("name", "pk")
        self._workflows = {str(row.public_id): row for row in rows[:MOST_LISTED]}
        choices = [(key, row.name) for key, row in self._workflows.items()]
        self.fields["workflows"].choices = choices  # type: ignore[attr-defined]

    def ceiling(self) -> dict[str, Any]:
        """`scopes` and `workflows` as `create_token` takes them."""
        _, scopes = CEILINGS[self.cleaned_data["scopes"]]
        chosen = [self._workflows[key] for key in self.cleaned_data["workflows"]]
        return {"scopes": scopes, "workflows": chosen or None}

    def clean_name(self) -> str:
        # A reload of the answer sends the form again: it must not make a second token.
        name: str = self.cleaned_data["name"]
        if _living(self._user).filter(name=name).exists():
            raise forms.ValidationError(gettext("You have a token of this name. Revoke it first."))
        return name


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def token_list(request: HttpRequest) -> HttpResponse:
    user = person(request)
    form = TokenForm(request.POST if request.method == "POST" else None, user=user)
    created = None
    if form.is_bound and form.is_valid():
        created = _create(user, form)
        form = TokenForm(user=user)
    now = timezone.now()
    listed = [
        {
            "public_id": token.public_id,
            "name": token.name,
            "prefix": token.prefix,
            "created_at": token.created_at,
            "last_used_at": token.last_used_at,
            "expires_at": token.expires_at,
            "expired": token.expires_at is not None and token.expires_at <= now,
            "may": _words(token.scopes),
            "workflows": [each.name for each in token.workflows.all()],
            "of_workflows": token.of_workflows,
        }
        for token in _living(user).prefetch_related("workflows")
    ]
    context = {
        "section": "tokens",
        "form": form,
        "created": created,
        "tokens": listed,
        "origin": f"{request.scheme}://{request.get_host()}",
    }
    return render(request, "settings/tokens.html", context, status=422 if form.errors else 200)


def _words(scopes: list[str] | None) -> str:
    """What a token may at most, as lists say it."""
    if scopes is None:
        return gettext("everything")
    asked = set(scopes) | {Scope.READ.value}
    return ", ".join(scope.value for scope in Scope if scope.value in asked)


def _create(user: User, form: TokenForm) -> dict[str, str]:
    """Shown in this answer and never again: it is not even put into the session."""
    days = form.cleaned_data["days"]
    expires = timezone.now() + timedelta(days=int(days)) if days else None
    name = form.cleaned_data["name"]
    row, plain = actions.create_token(user=user, name=name, expires_at=expires, **form.ceiling())
    return {"name": row.name, "plain": plain}


@login_required
@require_POST
def revoke(request: HttpRequest, token_id: UUID) -> HttpResponse:
    user = person(request)
    token = _living(user).filter(public_id=token_id).first()
    if token is None:
        raise Http404("no such token")
    actions.revoke_token(user=user, token=token)
    messages.success(request, gettext("“{name}” was revoked.").format(name=token.name))
    return redirect("settings-tokens")


def _living(user: User) -> QuerySet[ApiToken]:
    return ApiToken.objects.filter(user=user, revoked_at=None)
