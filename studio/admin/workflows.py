"""Workflows and their versions."""

from django.contrib import admin
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from studio.admin.read_only import ReadOnlyAdmin, shown_text
from studio.models import PartOf, Version, Workflow


@admin.register(Workflow)
class WorkflowAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Name, owner and visibility can be changed; the document is edited on its canvas."""

    list_display = ("name", "key", "owner", "published", "run_count", "draft_saved_at", "is_gone")
    list_filter = ("hidden", ("deleted_at", admin.EmptyFieldListFilter), "draft_saved_at", "owner")
    list_select_related = ("owner", "published")
    list_per_page = 50
    search_fields = ("name", "key", "public_id", "description")
    search_help_text = "Name, key, id or description"
    date_hierarchy = "created_at"
    ordering = ("-draft_saved_at",)
    autocomplete_fields = ("owner",)
    fields = (
        "name",
        "key",
        "description",
        "tags",
        "owner",
        "hidden",
        "deleted_at",
        "editor",
        "published",
        "draft_rev",
        "draft_saved_at",
        "draft_saved_by",
        "created_at",
        "document",
    )
    readonly_fields = (
        "editor",
        "published",
        "draft_rev",
        "draft_saved_at",
        "draft_saved_by",
        "created_at",
        "document",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Workflow]:
        rows: QuerySet[Workflow] = super().get_queryset(request)
        return rows.defer("draft", "published__document").annotate(run_count=Count("runs"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Workflow | None = None) -> bool:
        # Deleting is marking: runs keep their workflow.
        return False

    @admin.display(description="runs", ordering="run_count")
    def run_count(self, workflow: Workflow) -> int:
        return int(workflow.run_count)  # type: ignore[attr-defined]

    @admin.display(description="deleted", boolean=True)
    def is_gone(self, workflow: Workflow) -> bool:
        return workflow.deleted_at is not None

    @admin.display(description="on the canvas")
    def editor(self, workflow: Workflow) -> SafeString:
        url = reverse("workflow-edit", args=[workflow.public_id])
        return format_html('<a href="{}">Open the editor</a>', url)

    @admin.display(description="draft")
    def document(self, workflow: Workflow) -> SafeString:
        return shown_text(workflow.draft)


@admin.register(PartOf)
class PartOfAdmin(ReadOnlyAdmin):
    """What is a part of what. Without its row here, a shared one stands among the templates."""

    list_display = ("workflow", "whole")
    list_select_related = ("workflow", "whole")
    search_fields = ("workflow__name", "workflow__key", "whole__name", "whole__key")
    search_help_text = "Name or key of the one or the other"
    ordering = ("-workflow_id",)
    fields = readonly_fields = ("workflow", "whole")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True

    def get_queryset(self, request: HttpRequest) -> QuerySet[PartOf]:
        rows: QuerySet[PartOf] = super().get_queryset(request)
        return rows.defer("workflow__draft", "whole__draft")


@admin.register(Version)
class VersionAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "workflow", "number", "short_hash", "created_by", "created_at")
    list_filter = (("number", admin.EmptyFieldListFilter), "created_at")
    list_select_related = ("workflow", "created_by")
    search_fields = ("workflow__name", "hash", "public_id", "note")
    search_help_text = "Workflow, hash, id or note"
    ordering = ("-id",)
    fields = (
        "public_id",
        "workflow",
        "number",
        "note",
        "hash",
        "created_at",
        "created_by",
        "text",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Version]:
        rows: QuerySet[Version] = super().get_queryset(request)
        return rows.defer("document", "workflow__draft")

    @admin.display(description="hash")
    def short_hash(self, version: Version) -> str:
        return version.hash[:12]

    @admin.display(description="document")
    def text(self, version: Version) -> SafeString:
        return shown_text(version.document)
