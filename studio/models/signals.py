"""Signal: what was sent by name to whichever run waits for it, and kept until one does."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from studio.models.fields import new_public_id
from studio.models.runs import Run


class Signal(models.Model):
    """A signal to the runs of its owner. Taken by one wait, in the transaction that closes it."""

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(unique=True, default=new_public_id, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="Whose runs may hear it; empty: only the run that sent it.",
    )
    name = models.CharField(max_length=200)
    key = models.CharField(
        max_length=200, null=True, blank=True, help_text="The key as JSON, to be compared."
    )
    data = models.TextField(help_text="Name, key and payload, as JSON text.")
    transient = models.BooleanField(default=False, help_text="Gone if nobody waits for it.")
    run = models.ForeignKey(
        Run,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="The run that sent it.",
    )
    activation = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True, blank=True)
    taken_by = models.ForeignKey(
        Run, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "activation"],
                condition=Q(run__isnull=False),
                name="signal_sent_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["name", "key"], name="signal_kept", condition=Q(taken_at__isnull=True)
            ),
            models.Index(fields=["owner", "-id"], name="signal_owner"),
        ]

    def __str__(self) -> str:
        return self.name
