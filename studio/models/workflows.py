"""Workflow: what a person edits. PartOf: which one was made of steps of which. Version: an
immutable graph that runs are pinned to. Authorship: who changed what in them."""

from django.conf import settings
from django.db import models

from studio.models.fields import new_public_id


class Workflow(models.Model):
    """The named thing a person edits: one draft, many published Versions."""

    public_id = models.UUIDField(unique=True, default=new_public_id, editable=False)
    key = models.SlugField(max_length=80, help_text="The document's `key`, its name in files.")
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True, default="")
    tags = models.JSONField(default=list, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="workflows",
        help_text="Empty: shared with everybody who may sign in (the shipped examples).",
    )
    draft = models.TextField(help_text="The document being edited, as JSON text.")
    draft_rev = models.PositiveIntegerField(default=1, help_text="Rises by one with each save.")
    draft_saved_at = models.DateTimeField()
    draft_saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    published = models.ForeignKey(
        "studio.Version", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    hidden = models.BooleanField(
        default=False,
        help_text="Made by a program through /graph/create: runs like any other, not listed.",
    )
    run_limit = models.PositiveIntegerField(
        null=True, blank=True, help_text="Runs at once in each lane; empty: any number."
    )
    run_limit_key = models.CharField(
        max_length=500,
        blank=True,
        default="",
        help_text="Expression over the start state: each value is a lane. Empty: one.",
    )
    retention = models.CharField(
        max_length=60,
        blank=True,
        default="",
        db_default="",
        help_text="Which runs are kept, such as 90 days, 100 runs; empty: as the studio says.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-draft_saved_at", "-id"]
        indexes = [
            models.Index(fields=["owner", "-draft_saved_at"], name="workflow_owner_saved"),
            models.Index(fields=["key"], name="workflow_key"),
        ]

    def __str__(self) -> str:
        return self.name


class PartOf(models.Model):
    """A Workflow was made of steps of another one, which runs it: it is no template."""

    workflow = models.OneToOneField(
        Workflow, on_delete=models.CASCADE, primary_key=True, related_name="part_of"
    )
    whole = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="parts")

    class Meta:
        verbose_name = "part of a workflow"
        verbose_name_plural = "parts of workflows"

    def __str__(self) -> str:
        return f"{self.workflow_id} of {self.whole_id}"


class Version(models.Model):
    """An immutable graph of a Workflow. A published one has a number, a draft that was run none."""

    public_id = models.UUIDField(unique=True, default=new_public_id, editable=False)
    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(
        null=True, blank=True, help_text="Empty: a draft that ran."
    )
    document = models.TextField(help_text="The canonical document, as JSON text.")
    hash = models.CharField(max_length=64, help_text="SHA-256 without layout and meta.")
    note = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["workflow", "number"], name="version_number_once"),
        ]
        indexes = [models.Index(fields=["workflow", "hash"], name="version_hash")]

    def __str__(self) -> str:
        return f"v{self.number}" if self.number else f"draft {self.hash[:8]}"


class Authorship(models.Model):
    """One user changed one part of a draft, or of the version that the draft became."""

    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="authorships")
    version = models.ForeignKey(
        Version,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="authorships",
        help_text="Empty: not published yet.",
    )
    part = models.CharField(max_length=250, help_text="As in studio/draft_parts.py.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Empty: Treadle, or somebody who is gone.",
    )
    at = models.DateTimeField(help_text="The last time.")

    class Meta:
        indexes = [models.Index(fields=["workflow", "version"], name="authorship_of_draft")]

    def __str__(self) -> str:
        return f"{self.part} by {self.user_id}"
