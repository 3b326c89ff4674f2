"""Runs and what they wait for."""

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from studio.actions import forgetting
from studio.admin.read_only import ReadOnlyAdmin, shown_text
from studio.models import Run, Signal, Wait


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    """The row says what lists need; the truth is the journal."""

    list_display = (
        "public_id",
        "workflow",
        "version",
        "status",
        "source",
        "owner",
        "created_at",
        "took",
        "error_code",
    )
    list_filter = ("status", "source", "error_code", "created_at", "owner")
    list_select_related = ("workflow", "version", "owner")
    search_fields = ("public_id", "workflow__name", "error_code", "dedupe_key")
    search_help_text = "Id, workflow, error code or idempotency key"
    date_hierarchy = "created_at"
    ordering = ("-id",)
    fields = (
        "public_id",
        "page",
        "events",
        "workflow",
        "version",
        "status",
        "owner",
        "source",
        "tags",
        "created_at",
        "started_at",
        "finished_at",
        "error_code",
        "error_text",
        "state_text",
        "dedupe_key",
        "priority",
        "lease_owner",
        "lease_until",
        "fence",
        "lost_attempts",
        "kept",
    )
    readonly_fields = fields
    actions = ("forget",)

    @admin.action(description="Forget the selected runs (cannot be undone)")
    def forget(self, request: HttpRequest, queryset: QuerySet[Run]) -> None:
        """What `manage.py prune` does with runs that no rule holds, for those that were chosen."""
        assert isinstance(request.user, User)
        gone, staying = forgetting.forget_chosen(user=request.user, runs=queryset)
        if gone:
            self.message_user(request, f"{gone} runs are forgotten.", messages.SUCCESS)
        if staying:
            self.message_user(
                request,
                f"{staying} runs stay: they have not ended, are kept, or are part of a run that is"
                " needed.",
                messages.WARNING,
            )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        rows: QuerySet[Run] = super().get_queryset(request)
        rows = rows.filter(forgotten_at=None)
        return rows.defer("final_state", "error", "workflow__draft", "version__document")

    @admin.display(description="seconds")
    def took(self, run: Run) -> str:
        if run.started_at is None or run.finished_at is None:
            return "–"
        return f"{(run.finished_at - run.started_at).total_seconds():.2f}"

    @admin.display(description="page")
    def page(self, run: Run) -> SafeString:
        return format_html('<a href="{}">Open the run</a>', reverse("run", args=[run.public_id]))

    @admin.display(description="journal")
    def events(self, run: Run) -> SafeString:
        url = reverse("admin:studio_runevent_changelist")
        return format_html('<a href="{}?run__id__exact={}">Its events</a>', url, run.pk)

    @admin.display(description="error")
    def error_text(self, run: Run) -> SafeString:
        return shown_text(run.error)

    @admin.display(description="final state")
    def state_text(self, run: Run) -> SafeString:
        return shown_text(run.final_state)


@admin.register(Wait)
class WaitAdmin(ReadOnlyAdmin):
    list_display = ("id", "run", "kind", "activation", "due_at", "created_at", "closed_at")
    list_filter = ("kind", ("closed_at", admin.EmptyFieldListFilter), "due_at")
    list_select_related = ("run",)
    search_fields = ("run__public_id",)
    search_help_text = "Id of the run"
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Wait]:
        rows: QuerySet[Wait] = super().get_queryset(request)
        return rows.defer("run__final_state", "run__error")


@admin.register(Signal)
class SignalAdmin(ReadOnlyAdmin):
    """Signals by name: those that are kept, and who took the others."""

    list_display = (
        "public_id",
        "name",
        "key",
        "owner",
        "run",
        "taken_by",
        "created_at",
        "taken_at",
    )
    list_filter = (("taken_at", admin.EmptyFieldListFilter), "transient")
    list_select_related = ("owner", "run", "taken_by")
    search_fields = ("name", "run__public_id", "taken_by__public_id")
    search_help_text = "Name, or id of the run that sent or took it"
    ordering = ("-id",)
    fields = (
        *("public_id", "name", "key", "owner", "transient", "run", "activation"),
        *("created_at", "taken_at", "taken_by", "text"),
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Signal]:
        rows: QuerySet[Signal] = super().get_queryset(request)
        return rows.defer(
            *("data", "run__final_state", "run__error"),
            *("taken_by__final_state", "taken_by__error"),
        )

    @admin.display(description="data")
    def text(self, signal: Signal) -> SafeString:
        return shown_text(signal.data)
