"""Who changed what, written in the transaction of the change."""

from contextvars import ContextVar
from typing import Any

from django.contrib.auth.models import User

from studio.models import AuditEntry

# The edge that took the request sets it; empty for commands and the engine.
client_ip: ContextVar[str | None] = ContextVar("client_ip", default=None)


def record(user: User | None, verb: str, target: object, **data: Any) -> None:
    """One row: `verb` is object.verb ("workflow.publish"), `target` the object's public id."""
    AuditEntry.objects.create(
        user=user, verb=verb, object=str(target)[:120], ip=client_ip.get(), data=data
    )
