"""What the tool `workflow.start` asks for: a run that another run starts and does not wait for."""

from typing import Any

from django.db import OperationalError

from engine import WorkflowNotFound
from studio.actions.errors import ActionError
from studio.actions.runs import start_run
from studio.journal.raw_connection import Unavailable
from studio.models import Run
from studio.queries.subgraphs import OwnedWorkflows

SOURCE = "workflow"


def start_for_run(
    caller: str, workflow: str, version: int | None, state: dict[str, Any], key: str
) -> str:
    """Start it with the rights of the caller's owner; the new run's id, or that of the key.

    Raises ValueError, and ConnectionError when the database cannot take it now.
    """
    try:
        above = Run.objects.select_related("owner", "workflow").get(public_id=caller)
        if above.owner is None:
            raise ValueError("this run belongs to nobody, so nobody may start another one for it")
        found = OwnedWorkflows(above.workflow.owner_id).version(workflow, version)
        started = start_run(
            user=above.owner, version=found, state=state, source=SOURCE, idempotency_key=key
        )
    except WorkflowNotFound as error:
        raise ValueError(f"{error}; {error.hint}" if error.hint else str(error)) from None
    except ActionError as error:
        raise ValueError(f"{workflow!r} cannot be started: {error.message}") from None
    except (OperationalError, Unavailable) as error:
        raise ConnectionError(f"{workflow!r} cannot be started now: {error}") from None
    return str(started.public_id)
