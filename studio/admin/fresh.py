"""Tables whose changes ask for the password again when it was shown too long ago."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from studio.accounts import fresh


class FreshAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Adding, changing, deleting and actions on lists need a fresh sign-in; reading lists does not.

    Forms ask before they are shown, so that nothing typed is lost.
    """

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return ask_again(request) or super().changeform_view(request, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return ask_again(request) or super().delete_view(request, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        refused = ask_again(request) if request.method == "POST" else None
        return refused or super().changelist_view(request, *args, **kwargs)


def ask_again(request: HttpRequest) -> HttpResponse | None:
    """The way to the page that asks for the password, or None for who showed it a moment ago."""
    if fresh.is_fresh(request):
        return None
    # What was posted is not kept: after the password one is back at the form or the list.
    return redirect(f"{reverse('confirm')}?{urlencode({'next': request.get_full_path()})}")
