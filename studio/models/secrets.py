"""Secret: a value that tools use by its name and nobody can read."""

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q

from studio.models.fields import SealedField, new_public_id


class Secret(models.Model):
    """A named value, kept sealed: a user's own, or shared with a group or with everybody."""

    public_id = models.UUIDField(unique=True, default=new_public_id, editable=False)
    name = models.CharField(max_length=64, help_text="What tools ask for: letters, digits, _ . -")
    sealed = SealedField(help_text="The value as `studio.seals.sealing` sealed it.")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="secrets",
        help_text="Empty: shared.",
    )
    group = models.ForeignKey(
        Group,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="Who may use a shared one; empty: everybody.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    set_at = models.DateTimeField(help_text="When the value was set last.")
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"],
                condition=Q(owner__isnull=False),
                name="secret_own_name_once",
            ),
            models.UniqueConstraint(
                fields=["name"], condition=Q(owner__isnull=True), name="secret_shared_name_once"
            ),
            models.CheckConstraint(
                condition=Q(owner__isnull=True) | Q(group__isnull=True), name="secret_one_scope"
            ),
        ]

    def __str__(self) -> str:
        return self.name
