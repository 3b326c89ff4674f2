"""API tokens of a person: made, shown once, revoked."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from studio.accounts import tokens
from studio.actions import audit
from studio.models import ApiToken
from studio.pages.found import person

LIFETIMES = (("30", "30 days"), ("90", "90 days"), ("365", "One year"), ("", "Never expires"))


class TokenForm(forms.Form):
    name = forms.CharField(
        label="Name",
        max_length=100,
        help_text="What will use it, such as “nightly build”.",
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
    days = forms.ChoiceField(
        label="Expires",
        choices=LIFETIMES,
        required=False,
        initial="90",
        widget=forms.Select(attrs={"class": "select"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user

    def clean_name(self) -> str:
        # A reload of the answer sends the form again: it must not make a second token.
        name: str = self.cleaned_data["name"]
        if _living(self._user).filter(name=name).exists():
            raise forms.ValidationError("You have a token of this name. Revoke it first.")
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
        }
        for token in _living(user)
    ]
    context = {
        "section": "tokens",
        "form": form,
        "created": created,
        "tokens": listed,
        "origin": f"{request.scheme}://{request.get_host()}",
    }
    return render(request, "settings/tokens.html", context, status=422 if form.errors else 200)


def _create(user: User, form: TokenForm) -> dict[str, str]:
    """Shown in this answer and never again: it is not even put into the session."""
    days = form.cleaned_data["days"]
    expires = timezone.now() + timedelta(days=int(days)) if days else None
    with transaction.atomic():
        row, plain = tokens.create(user=user, name=form.cleaned_data["name"], expires_at=expires)
        audit.record(user, "token.create", row.public_id, prefix=row.prefix)
    return {"name": row.name, "plain": plain}


@login_required
@require_POST
def revoke(request: HttpRequest, token_id: UUID) -> HttpResponse:
    user = person(request)
    token = _living(user).filter(public_id=token_id).first()
    if token is None:
        raise Http404("no such token")
    with transaction.atomic():
        tokens.revoke(token)
        audit.record(user, "token.revoke", token.public_id, prefix=token.prefix)
    messages.success(request, f"“{token.name}” was revoked.")
    return redirect("settings-tokens")


def _living(user: User) -> QuerySet[ApiToken]:
    return ApiToken.objects.filter(user=user, revoked_at=None)
