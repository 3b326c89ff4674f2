"""Run: one execution of one Version. Wait: what a run is parked on."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from engine.policies import RunStatus
from studio.models.fields import new_public_id
from studio.models.workflows import Version, Workflow

STATUS_CHOICES = [(status.value, status.value) for status in RunStatus]


class Run(models.Model):
    """What lists and queries need of one execution. The truth is its journal: RunEvent rows.

    The row changes only in the same transaction as an append that changes what it says.
    """

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(unique=True, default=new_public_id, editable=False)
    workflow = models.ForeignKey(Workflow, on_delete=models.PROTECT, related_name="runs")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="runs")
    status = models.CharField(max_length=12, choices=STATUS_CHOICES, default=RunStatus.QUEUED.value)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="runs",
    )
    source = models.CharField(
        max_length=16,
        default="api",
        help_text="api, demo, editor, page, review, command, fork, schedule, webhook or child.",
    )
    tags = models.JSONField(default=list, blank=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="children"
    )
    parent_node = models.CharField(max_length=200, blank=True, default="", db_default="")
    parent_activation = models.PositiveIntegerField(null=True, blank=True)
    parent_attempt = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="The attempt of the parent's activation it works for."
    )
    parent_item = models.PositiveIntegerField(
        null=True, blank=True, help_text="Which item of a map node it is."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True, default="", help_text="The error as JSON text, or empty.")
    error_code = models.CharField(max_length=40, blank=True, default="")
    final_state = models.TextField(null=True, blank=True, help_text="JSON text once the run ended.")
    dedupe_key = models.CharField(max_length=200, null=True, blank=True)
    dedupe_hash = models.CharField(max_length=64, blank=True, default="")
    priority = models.SmallIntegerField(default=0, help_text="The highest is taken up first.")
    lane = models.TextField(
        null=True,
        blank=True,
        help_text="With which runs it shares the workflow's limit; empty: with none.",
    )
    queue = models.CharField(
        max_length=40, default="default", db_default="default", help_text="Which workers drive it."
    )
    lease_owner = models.CharField(max_length=120, blank=True, default="")
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveIntegerField(default=0, help_text="Rises by one with each claim.")
    lost_attempts = models.PositiveSmallIntegerField(
        default=0, help_text="Claims in a row that died without a commit."
    )
    kept = models.BooleanField(
        default=False, db_default=False, help_text="Somebody needs it: no rule forgets it."
    )
    forgotten_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When it was given up: nobody sees it any more, and its rows are being deleted.",
    )

    is_repeat = False
    """No column: set by `start_run` on the run that an Idempotency-Key had started before."""

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in RunStatus]),
                name="run_status_known",
            ),
            models.UniqueConstraint(
                fields=["owner", "dedupe_key"],
                condition=Q(dedupe_key__isnull=False),
                name="run_dedupe_once",
            ),
            models.UniqueConstraint(
                fields=["parent", "parent_activation", "parent_attempt"],
                condition=Q(parent__isnull=False),
                name="run_child_once",
            ),
        ]
        indexes = [
            models.Index(fields=["workflow", "-id"], name="run_workflow"),
            models.Index(fields=["owner", "-id"], name="run_owner"),
            models.Index(fields=["status", "lease_until"], name="run_claim"),
            models.Index(
                fields=["status", "parent"],
                name="run_child_status",
                condition=Q(parent__isnull=False),
            ),
            # What may be forgotten, the oldest first; children go with their root.
            models.Index(
                fields=["workflow", "finished_at"],
                name="run_ended",
                condition=Q(
                    parent__isnull=True,
                    kept=False,
                    forgotten_at__isnull=True,
                    finished_at__isnull=False,
                ),
            ),
            models.Index(
                fields=["id"], name="run_forgotten", condition=Q(forgotten_at__isnull=False)
            ),
            # Both are left by a run that is claimed: they hold the line, not the past.
            models.Index(
                fields=["queue", "-priority", "owner", "id", "version"],
                name="run_line",
                condition=Q(status="queued", lane__isnull=True),
            ),
            models.Index(
                fields=[
                    "status",
                    "workflow",
                    "lane",
                    "-priority",
                    "owner",
                    "id",
                    "queue",
                    "version",
                ],
                name="run_lane",
                condition=Q(lane__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class Wait(models.Model):
    """A durable timer, human task or signal a run is parked on: a row, no worker held.

    Of the kind `outcome`: a call of which nobody knows whether it acted, until a person decides.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="waits")
    activation = models.PositiveIntegerField()
    ref = models.CharField(
        max_length=24, help_text="The engine's name for it: the activation, or one part of it."
    )
    kind = models.CharField(
        max_length=12, help_text="retry, timer, human, signal, child or outcome."
    )
    due_at = models.DateTimeField(null=True, blank=True)
    signal = models.CharField(
        max_length=200, blank=True, default="", help_text="The name of the signal that ends it."
    )
    key = models.CharField(
        max_length=200, null=True, blank=True, help_text="The signal's key as JSON; empty: any."
    )
    data = models.TextField(default="{}")
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "ref", "kind"], name="wait_once"),
        ]
        indexes = [
            models.Index(
                fields=["run"],
                name="wait_child",
                condition=Q(closed_at__isnull=True, kind="child"),
            ),
            models.Index(fields=["due_at"], name="wait_due", condition=Q(closed_at__isnull=True)),
            models.Index(
                fields=["signal", "key"],
                name="wait_signal",
                condition=Q(closed_at__isnull=True) & ~Q(signal=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.run_id}"


class UnknownOutcome(Wait):
    """A call of which nobody knows whether it acted: a wait of the kind `outcome`."""

    class Meta:
        proxy = True
        verbose_name = "call of unknown outcome"
        verbose_name_plural = "calls of unknown outcome"
