"""Secrets: an administrator sees which there are and deletes one; a value can only be set anew."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from studio.actions import secrets
from studio.actions.errors import ActionError
from studio.admin.fresh import FreshAdmin
from studio.models import Secret


class SecretValueForm(ModelForm):  # type: ignore[type-arg]
    """Takes a new value; the stored one is no initial of anything."""

    value = forms.CharField(
        label="New value",
        max_length=secrets.MAX_LENGTH,
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "off"}),
        help_text="The stored value is never shown.",
    )

    class Meta:
        model = Secret
        fields: tuple[str, ...] = ()

    def clean_value(self) -> str:
        value: str = self.cleaned_data["value"]
        try:
            secrets.check_value(value)
        except ActionError as error:
            raise forms.ValidationError(error.message) from None
        return value


@admin.register(Secret)
class SecretAdmin(FreshAdmin, admin.ModelAdmin):  # type: ignore[type-arg]
    form = SecretValueForm
    list_display = ("name", "owner", "group", "set_at", "set_by", "used_at")
    list_filter = (("owner", admin.EmptyFieldListFilter), "group", "set_at")
    list_select_related = ("owner", "group", "set_by")
    search_fields = ("name", "owner__username")
    search_help_text = "Name or user"
    readonly_fields = ("name", "owner", "group", "created_at", "set_at", "set_by", "used_at")
    fields = (*readonly_fields, "value")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # made under Settings, where it is clear whose it is

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    has_view_permission = has_change_permission
    has_delete_permission = has_change_permission

    def save_model(self, request: HttpRequest, obj: Secret, form: Any, change: bool) -> None:
        assert isinstance(request.user, User)
        secrets.replace_secret(user=request.user, secret=obj, value=form.cleaned_data["value"])

    def delete_model(self, request: HttpRequest, obj: Secret) -> None:
        assert isinstance(request.user, User)
        secrets.delete_secret(user=request.user, secret=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Secret]) -> None:
        for secret in queryset:
            self.delete_model(request, secret)
