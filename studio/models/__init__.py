"""The tables, one topic a file. Rows carry no behaviour across tables: verbs live in actions."""

from studio.models.access import ApiToken, AuditDay, AuditEntry, FailedSignIn, SignInLink
from studio.models.grants import Grant
from studio.models.journal import Blob, BlobUse, RunEvent, Snapshot, Telling
from studio.models.runs import Run, UnknownOutcome, Wait
from studio.models.secrets import Secret
from studio.models.signals import Signal
from studio.models.triggers import Delivery, Firing, Schedule, Webhook
from studio.models.workflows import Authorship, PartOf, Version, Workflow

__all__ = [
    "ApiToken",
    "AuditDay",
    "AuditEntry",
    "Authorship",
    "Blob",
    "BlobUse",
    "Delivery",
    "FailedSignIn",
    "Firing",
    "Grant",
    "PartOf",
    "Run",
    "RunEvent",
    "Schedule",
    "Secret",
    "SignInLink",
    "Signal",
    "Snapshot",
    "Telling",
    "UnknownOutcome",
    "Version",
    "Wait",
    "Webhook",
    "Workflow",
]
