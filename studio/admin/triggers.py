"""Schedules and webhooks, and what came of them. They are changed by their verbs: page and API."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from studio.admin.read_only import ReadOnlyAdmin
from studio.models import Delivery, Firing, Schedule, Webhook


@admin.register(Schedule)
class ScheduleAdmin(ReadOnlyAdmin):
    list_display = (
        "name",
        "workflow",
        "cron",
        "time_zone",
        "enabled",
        "next_at",
        "last_at",
        "failures",
        "owner",
    )
    list_filter = ("enabled", "catch_up", "overlap", "time_zone", "owner")
    list_select_related = ("workflow", "owner")
    search_fields = ("name", "public_id", "workflow__name", "cron")
    search_help_text = "Name, id, workflow or cron text"
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Schedule]:
        rows: QuerySet[Schedule] = super().get_queryset(request)
        return rows.defer("workflow__draft")


@admin.register(Firing)
class FiringAdmin(ReadOnlyAdmin):
    list_display = ("due_at", "schedule", "status", "at", "reason", "run")
    list_filter = ("status", "due_at")
    list_select_related = ("schedule", "run")
    search_fields = ("schedule__name", "schedule__public_id", "run__public_id")
    search_help_text = "Name or id of the schedule, or id of the run"
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Firing]:
        rows: QuerySet[Firing] = super().get_queryset(request)
        return rows.defer("run__final_state", "run__error")


@admin.register(Webhook)
class WebhookAdmin(ReadOnlyAdmin):
    list_display = ("name", "workflow", "scheme", "enabled", "owner", "created_at", "old_until")
    list_filter = ("enabled", "scheme", "owner")
    list_select_related = ("workflow", "owner")
    search_fields = ("name", "public_id", "workflow__name")
    search_help_text = "Name, id or workflow"
    ordering = ("-id",)
    exclude = ("secret", "old_secret")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Webhook]:
        rows: QuerySet[Webhook] = super().get_queryset(request)
        return rows.defer("workflow__draft")


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ("at", "webhook", "status", "reason", "delivery_id", "size", "run")
    list_filter = ("status", "at")
    list_select_related = ("webhook", "run")
    search_fields = ("webhook__name", "webhook__public_id", "run__public_id", "delivery_id")
    search_help_text = "Name or id of the webhook, id of the run or of the delivery"
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        rows: QuerySet[Delivery] = super().get_queryset(request)
        return rows.defer("run__final_state", "run__error")
