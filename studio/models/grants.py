"""Grant: a workflow that its owner shared with a person or a group."""

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q

from studio.models.fields import new_public_id
from studio.models.workflows import Workflow
from studio.rights import Role


class Grant(models.Model):
    """One role of one person, or of everybody in one group, with one workflow."""

    public_id = models.UUIDField(unique=True, default=new_public_id, editable=False)
    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="grants")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="grants",
    )
    group = models.ForeignKey(
        Group, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    role = models.CharField(max_length=10, choices=[(each.value, each.value) for each in Role])
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, group__isnull=True)
                | Q(user__isnull=True, group__isnull=False),
                name="grant_one_subject",
            ),
            models.UniqueConstraint(
                fields=["workflow", "user", "role"],
                condition=Q(user__isnull=False),
                name="grant_user_role_once",
            ),
            models.UniqueConstraint(
                fields=["workflow", "group", "role"],
                condition=Q(group__isnull=False),
                name="grant_group_role_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} of {self.workflow_id}"
