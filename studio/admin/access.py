"""Tokens, which can only be revoked, and the record of changes, which can only be read."""

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from studio.accounts import tokens
from studio.actions import audit, sharing
from studio.admin.fresh import FreshAdmin
from studio.admin.read_only import ReadOnlyAdmin
from studio.models import ApiToken, AuditEntry, Grant


@admin.register(ApiToken)
class ApiTokenAdmin(FreshAdmin, ReadOnlyAdmin):
    """People make their own tokens under Settings; here an administrator ends them."""

    actions = ("revoke",)
    list_display = (
        "name",
        "prefix",
        "user",
        "created_at",
        "last_used_at",
        "expires_at",
        "revoked_at",
    )
    list_filter = (("revoked_at", admin.EmptyFieldListFilter), "expires_at", "user")
    list_select_related = ("user",)
    search_fields = ("name", "prefix", "user__username")
    search_help_text = "Name, first characters or user"
    fields = (
        "name",
        "prefix",
        "user",
        "created_at",
        "last_used_at",
        "expires_at",
        "revoked_at",
    )
    readonly_fields = fields

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("studio.change_apitoken"))

    @admin.action(description="Revoke the chosen tokens", permissions=["revoke"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[ApiToken]) -> None:
        living = list(chosen.filter(revoked_at=None))
        with transaction.atomic():
            for token in living:
                tokens.revoke(token)
                assert isinstance(request.user, User)
                audit.record(request.user, "token.revoke", token.public_id, prefix=token.prefix)
        plural = "" if len(living) == 1 else "s"
        self.message_user(request, f"{len(living)} token{plural} revoked.", messages.SUCCESS)


@admin.register(Grant)
class GrantAdmin(FreshAdmin, ReadOnlyAdmin):
    """Owners share their workflows on their pages; here an administrator takes roles back."""

    actions = ("take_back",)
    list_display = ("workflow", "role", "user", "group", "created_by", "created_at")
    list_filter = ("role", "user", "group")
    list_select_related = ("workflow", "user", "group", "created_by")
    search_fields = ("workflow__name", "workflow__public_id", "user__username", "group__name")
    search_help_text = "Workflow, person or group"
    fields = ("public_id", "workflow", "role", "user", "group", "created_by", "created_at")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Grant]:
        rows: QuerySet[Grant] = super().get_queryset(request)
        return rows.defer("workflow__draft")

    def has_take_back_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    @admin.action(description="Take back the chosen roles", permissions=["take_back"])
    def take_back(self, request: HttpRequest, chosen: QuerySet[Grant]) -> None:
        assert isinstance(request.user, User)
        grants = list(chosen)
        with transaction.atomic():
            for grant in grants:
                sharing.unshare(user=request.user, grant=grant)
        plural = "" if len(grants) == 1 else "s"
        self.message_user(request, f"{len(grants)} role{plural} taken back.", messages.SUCCESS)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("at", "user", "verb", "object", "ip")
    list_filter = ("verb", "at", "user")
    list_select_related = ("user",)
    search_fields = ("object", "verb", "user__username")
    search_help_text = "Object, verb or user"
    date_hierarchy = "at"
    ordering = ("-id",)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)
