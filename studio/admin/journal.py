"""The journal: events, snapshots and blobs."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from studio.admin.read_only import ReadOnlyAdmin, shown_text
from studio.models import Blob, RunEvent, Snapshot


@admin.register(RunEvent)
class RunEventAdmin(ReadOnlyAdmin):
    """Found by run, kind or node; there are too many to count or to sort by anything else."""

    list_display = ("id", "run", "seq", "kind", "node", "activation", "attempt", "at")
    list_filter = ("kind",)
    list_select_related = ("run",)
    search_fields = ("run__public_id", "node")
    search_help_text = "Id of the run, or node"
    ordering = ("-id",)
    sortable_by = ()
    fields = ("run", "seq", "kind", "at", "node", "activation", "attempt", "text")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[RunEvent]:
        rows: QuerySet[RunEvent] = super().get_queryset(request)
        return rows.defer("data", "run__final_state", "run__error")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "run__id__exact" or super().lookup_allowed(lookup, value, request)

    @admin.display(description="data")
    def text(self, event: RunEvent) -> SafeString:
        return shown_text(event.data)


@admin.register(Snapshot)
class SnapshotAdmin(ReadOnlyAdmin):
    list_display = ("id", "run", "seq")
    list_select_related = ("run",)
    search_fields = ("run__public_id",)
    search_help_text = "Id of the run"
    ordering = ("-id",)
    fields = ("run", "seq", "text")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Snapshot]:
        rows: QuerySet[Snapshot] = super().get_queryset(request)
        return rows.defer("data", "run__final_state", "run__error")

    @admin.display(description="data")
    def text(self, snapshot: Snapshot) -> SafeString:
        return shown_text(snapshot.data)


@admin.register(Blob)
class BlobAdmin(ReadOnlyAdmin):
    list_display = ("sha256", "size", "created_at")
    list_filter = ("created_at",)
    search_fields = ("sha256",)
    search_help_text = "SHA-256"
    ordering = ("-created_at",)
    fields = ("sha256", "size", "created_at", "text")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Blob]:
        rows: QuerySet[Blob] = super().get_queryset(request)
        return rows.defer("data")

    @admin.display(description="data")
    def text(self, blob: Blob) -> SafeString:
        return shown_text(blob.data)
