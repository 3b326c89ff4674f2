"""A new run that goes on from an event of another one."""

import time
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from engine import Event, ValueRefused
from engine.forking import RunIsOver, fork
from studio import codec, graphs, wait_rows
from studio.actions import audit, concurrency
from studio.actions.errors import ActionError
from studio.append import append_as_other
from studio.execution.dispatch import dispatcher
from studio.models import Run, Version
from studio.queries import runs as queries
from studio.raw_connection import DjangoConnection

SOURCE = "fork"
MAX_TAGS = 20


def fork_run(
    *,
    user: User | None,
    run: Run,
    seq: int,
    patch: Mapping[str, Any] | None = None,
    version: Version | None = None,
) -> Run:
    """A run of the same version that stands where `run` stood after event `seq`.

    `patch` sets keys of its state; null removes one. The run itself is left as it is.
    """
    if version is not None and version.hash != run.version.hash:
        raise ActionError(
            "E_VERSION",
            "A fork goes on with the version that its run was started with: leave `version` out.",
            422,
        )
    told = queries.journal(run)
    made = _checked(run, told, seq, patch or {})
    with transaction.atomic():
        forked = Run.objects.create(
            workflow_id=run.workflow_id,
            version=run.version,
            owner=user,
            source=SOURCE,
            tags=_tags(run),
            lane=concurrency.lane_for(run.workflow, told[0].data["state"]),
        )
        connection = DjangoConnection()
        connection.execute(codec.COPY_EVENTS, (forked.pk, run.pk, seq))
        append_as_other(connection, forked.pk, made)
        wait_rows.write(connection, forked.pk, queries.journal(forked))
        data = {"run": str(run.public_id), "seq": seq}
        audit.record(user, "run.fork", forked.public_id, **data)
        transaction.on_commit(lambda: dispatcher().wanted(forked.pk))
    return forked


def _checked(run: Run, told: list[Event], seq: int, patch: Mapping[str, Any]) -> list[Event]:
    """The events after the copied ones. Raises ActionError for what cannot be forked."""
    if not 1 <= seq <= len(told):
        raise ActionError(
            "E_SEQ", f"The journal of this run has the events 1 to {len(told)}: choose one of them."
        )
    try:
        return fork(
            graphs.of(run.version),
            told[:seq],
            run=str(run.public_id),
            patch=patch,
            now=time.time(),
        )
    except RunIsOver as error:
        raise ActionError(
            "E_STATE", f"Nothing is left to go on with: {error}. Choose an earlier event.", 409
        ) from error
    except ValueRefused as error:
        detail = {"pointer": "/state_patch", "code": "E_VALUE", "message": str(error), "hint": ""}
        raise ActionError(
            "E_VALUE", f"The changed state is refused: {error}.", 400, [detail]
        ) from error


def _tags(run: Run) -> list[str]:
    """Those of the run, and one that finds all of its forks."""
    own = f"fork of {str(run.public_id)[-8:]}"
    return list(dict.fromkeys([*run.tags[: MAX_TAGS - 1], own]))
