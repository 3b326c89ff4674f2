"""Users and groups: Django's own tables, which ask for a fresh sign-in and leave audit rows."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from studio.actions import audit
from studio.admin.fresh import FreshAdmin, ask_again


class Audited(FreshAdmin):
    """What Django notes for itself goes into the audit trail too, in the same transaction."""

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        _record(request, "create", obj, message)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        _record(request, "change", obj, message)
        return super().log_change(request, obj, message)

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        _record(request, "delete", obj, [])
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for obj in queryset:
            _record(request, "delete", obj, [])
        super().delete_queryset(request, queryset)


def _record(request: HttpRequest, verb: str, obj: Model, message: Any) -> None:
    """`message` names the fields that changed, not what they held."""
    assert isinstance(request.user, User)
    fields = [
        field
        for part in (message if isinstance(message, list) else [])
        for field in part.get("changed", {}).get("fields", [])
    ]
    name = str(obj._meta.model_name)
    audit.record(request.user, f"{name}.{verb}", obj, number=obj.pk, fields=fields)


admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class PersonAdmin(Audited, UserAdmin):  # type: ignore[type-arg]
    def user_change_password(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return ask_again(request) or super().user_change_password(request, *args, **kwargs)


@admin.register(Group)
class PeopleAdmin(Audited, GroupAdmin):
    pass
