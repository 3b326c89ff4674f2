"""What starts runs by itself: schedules, and the record of what each of them did."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from studio.models.fields import new_public_id
from studio.models.runs import Run
from studio.models.workflows import Version, Workflow


class Schedule(models.Model):
    """Starts runs of a workflow at the times of a cron text, as its owner."""

    public_id = models.UUIDField(unique=True, default=new_public_id, editable=False)
    name = models.CharField(max_length=200)
    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="schedules")
    version = models.ForeignKey(
        Version,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="Empty: whatever is published when a run starts.",
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="schedules",
        help_text="Its runs are runs of this user.",
    )
    cron = models.CharField(max_length=100)
    time_zone = models.CharField(max_length=64)
    state = models.TextField(default="{}", help_text="The start state, as JSON text.")
    tags = models.JSONField(default=list, blank=True)
    catch_up = models.CharField(max_length=8)
    overlap = models.CharField(max_length=8)
    jitter_s = models.PositiveIntegerField(default=0)
    enabled = models.BooleanField(default=True)
    due_at = models.DateTimeField(null=True, blank=True, help_text="The next time of the cron text")
    next_at = models.DateTimeField(
        null=True, blank=True, help_text="When that is acted on: later than due by the jitter."
    )
    last_at = models.DateTimeField(null=True, blank=True, help_text="When it last started a run.")
    failures = models.PositiveIntegerField(default=0, help_text="Refused starts in a row.")
    problem = models.TextField(blank=True, default="", help_text="Why the last start was refused.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["next_at"], name="schedule_next", condition=Q(next_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Firing(models.Model):
    """What came of one due time of a schedule. The unique key is why no time fires twice."""

    STARTED = "started"
    QUEUED = "queued"
    SKIPPED = "skipped"
    REFUSED = "refused"

    schedule = models.ForeignKey(
        Schedule, on_delete=models.CASCADE, related_name="firings", db_index=False
    )
    due_at = models.DateTimeField()
    at = models.DateTimeField()
    status = models.CharField(max_length=8, help_text="started, queued, skipped or refused.")
    reason = models.TextField(blank=True, default="")
    run = models.ForeignKey(
        Run, null=True, blank=True, on_delete=models.SET_NULL, related_name="firings"
    )

    class Meta:
        ordering = ["-due_at"]
        constraints = [
            models.UniqueConstraint(fields=["schedule", "due_at"], name="firing_due_once"),
        ]
        indexes = [
            models.Index(
                fields=["schedule", "due_at"], name="firing_queued", condition=Q(status="queued")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.due_at:%Y-%m-%d %H:%M}"
