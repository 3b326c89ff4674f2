"""The tables, one topic a file. Rows carry no behaviour across tables: verbs live in actions."""

from studio.models.access import ApiToken, AuditDay, AuditEntry, FailedSignIn, SignInLink
from studio.models.journal import Blob, RunEvent, Snapshot
from studio.models.runs import Run, Wait
from studio.models.secrets import Secret
from studio.models.signals import Signal
from studio.models.triggers import Delivery, Firing, Schedule, Webhook
from studio.models.workflows import Version, Workflow

__all__ = [
    "ApiToken",
    "AuditDay",
    "AuditEntry",
    "Blob",
    "Delivery",
    "FailedSignIn",
    "Firing",
    "Run",
    "RunEvent",
    "Schedule",
    "Secret",
    "SignInLink",
    "Signal",
    "Snapshot",
    "Version",
    "Wait",
    "Webhook",
    "Workflow",
]
