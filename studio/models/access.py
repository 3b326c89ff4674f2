"""Who may come in: bearer tokens, one-time sign-in links, and the record of what was changed."""

from django.conf import settings
from django.db import models

from studio.models.fields import SealedField, new_public_id


class ApiToken(models.Model):
    """A bearer token of a user. Only its SHA-256 is kept; the token itself is shown once."""

    public_id = models.UUIDField(unique=True, default=new_public_id, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens"
    )
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12)
    sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    scopes = models.JSONField(
        null=True, blank=True, help_text="What it may at most; empty: what its user may."
    )
    of_workflows = models.BooleanField(
        default=False, help_text="Whether it is for the workflows named here alone."
    )
    workflows = models.ManyToManyField("studio.Workflow", blank=True, related_name="+")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.prefix}… {self.name}"


class SignInLink(models.Model):
    """A link that signs its user in once, within its lifetime. Only its SHA-256 is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"sign-in link of {self.user_id}"


class FailedSignIn(models.Model):
    """How often one name failed to sign in from one address, which is all that its key says."""

    key = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveIntegerField()
    last_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.failures} failed sign-ins"


class AuditEntry(models.Model):
    """Who changed what, written in the transaction of the change. Never updated, never deleted."""

    at = models.DateTimeField(auto_now_add=True)
    # A user who is deleted stays named by his number: the row is never touched again.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
    )
    verb = models.CharField(max_length=60)
    object = models.CharField(max_length=120)
    ip = models.GenericIPAddressField(null=True, blank=True)
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.verb} {self.object}"


class AuditDay(models.Model):
    """A day of the audit trail that is over, hashed with the day before (`seals.audit_chain`)."""

    day = models.DateField(unique=True)
    rows = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    sealed = SealedField()
    closed_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.day} {self.digest[:12]}…"
