"""What starts runs by itself: schedules and webhooks, each with the record of what it did."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from studio.models.fields import SealedField, new_public_id
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


class Webhook(models.Model):
    """An address that starts runs of a workflow, or sends a signal, for who signs with its secret.

    Both happen as its owner.
    """

    public_id = models.UUIDField(unique=True, default=new_public_id, editable=False)
    name = models.CharField(max_length=200)
    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="webhooks")
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
        related_name="webhooks",
        help_text="Its runs are runs of this user.",
    )
    scheme = models.CharField(max_length=16, help_text="How deliveries are signed.")
    action = models.CharField(max_length=8, default="start", help_text="start or signal.")
    signal = models.JSONField(
        default=dict,
        blank=True,
        help_text="Its name, and the expressions of its key and its payload.",
    )
    mapping = models.JSONField(
        default=dict, blank=True, help_text="Key of the start state: its expression."
    )
    headers = models.JSONField(
        default=list, blank=True, help_text="Names of the headers that expressions may read."
    )
    tags = models.JSONField(default=list, blank=True)
    enabled = models.BooleanField(default=True)
    secret = SealedField()
    old_secret = SealedField(blank=True, default="", help_text="Good until `old_until`.")
    old_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One request to a webhook. The unique keys are why none of them starts two runs.

    Both are empty for a refused one: who cannot sign must not use up anybody's id.
    """

    ACCEPTED = "accepted"
    REFUSED = "refused"

    webhook = models.ForeignKey(
        Webhook, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    delivery_id = models.CharField(max_length=200, null=True, blank=True)
    signature = models.CharField(
        max_length=64, null=True, blank=True, help_text="SHA-256 of what it was signed with."
    )
    body_sha256 = models.CharField(max_length=64, blank=True, default="")
    size = models.PositiveIntegerField(default=0, help_text="Bytes of the body.")
    at = models.DateTimeField()
    status = models.CharField(max_length=8, help_text="accepted or refused.")
    reason = models.TextField(blank=True, default="")
    run = models.ForeignKey(
        Run, null=True, blank=True, on_delete=models.SET_NULL, related_name="deliveries"
    )

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["webhook", "delivery_id"], name="delivery_id_once"),
            models.UniqueConstraint(
                fields=["webhook", "signature"], name="delivery_signature_once"
            ),
        ]
        indexes = [
            models.Index(fields=["webhook", "-id"], name="delivery_list"),
            models.Index(fields=["at"], name="delivery_age"),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.at:%Y-%m-%d %H:%M:%S}"
