"""A new run that goes on from an event of another one."""

import hashlib
import time
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from engine import Event
from engine.said import say
from engine.steering.forking import RunIsOver, fork
from studio.actions import audit, concurrency, homes
from studio.actions.errors import ActionError, forgotten
from studio.actions.permission import require
from studio.actions.runs import checked_key, earlier_run
from studio.execution.dispatch import dispatcher
from studio.journal import codec, graphs
from studio.journal.append import COPY_USES, append_as_other
from studio.journal.raw_connection import DjangoConnection
from studio.models import Run, Version
from studio.queries import runs as queries
from studio.rights import Verb
from studio.waits import wait_rows

SOURCE = "fork"
MAX_TAGS = 20


def fork_run(
    *,
    user: User | None,
    run: Run,
    seq: int,
    patch: Mapping[str, Any] | None = None,
    version: Version | None = None,
    names: Mapping[str, str] | None = None,
    idempotency_key: str | None = None,
) -> Run:
    """A run that stands where `run` stood after event `seq`, and goes on from there.

    `patch` sets keys of its state; null removes one. With `version` it goes on by that version, on
    which everything that stood somewhere needs a place, under its own id or the one that `names`
    gives; without, by the version that the run was on at that event. The run itself is left as it
    is. A key that made a fork before gives that one again (`is_repeat`), if all else is the same.
    """
    require(user, Verb.RUN, run.workflow)
    told = queries.journal(run)
    if Run.objects.filter(pk=run.pk).exclude(forgotten_at=None).exists() or not told:
        raise forgotten(run.public_id)
    version = _version(run, told, seq, version)
    made = _checked(run, told, seq, patch or {}, version, names)
    wish = [str(run.public_id), seq, patch or {}, str(version.public_id), dict(names or {})]
    forked = Run(
        workflow_id=run.workflow_id,
        version=version,
        owner=user,
        source=SOURCE,
        tags=_tags(run),
        lane=concurrency.lane_for(run.workflow, told[0].data["state"]),
        dedupe_key=checked_key(idempotency_key) if user else None,
        dedupe_hash=hashlib.sha256(codec.encode(wish).encode()).hexdigest(),
    )
    try:
        with transaction.atomic():
            _write(user, run, seq, forked, made)
    except IntegrityError:
        return earlier_run(user, forked)
    return forked


def _write(user: User | None, run: Run, seq: int, forked: Run, made: list[Event]) -> None:
    _hold(run)
    forked.save(force_insert=True)
    connection = DjangoConnection()
    connection.execute(codec.COPY_EVENTS, (forked.pk, run.pk, seq))
    connection.execute(COPY_USES, (forked.pk, run.pk))
    append_as_other(connection, forked.pk, made)
    wait_rows.write(connection, forked.pk, queries.journal(forked))
    audit.record(user, "run.fork", forked.public_id, run=str(run.public_id), seq=seq)
    transaction.on_commit(lambda: dispatcher().wanted(forked.pk))


def _hold(run: Run) -> None:
    """Until the copy is made nobody forgets the run. Raises ActionError when somebody has."""
    rows = Run.objects.select_for_update(no_key=True).filter(pk=run.pk, forgotten_at=None)
    if rows.values_list("pk").first() is None:
        raise forgotten(run.public_id)


def _version(run: Run, told: list[Event], seq: int, wanted: Version | None) -> Version:
    """The version that the fork goes on by. Raises ActionError."""
    if not 1 <= seq <= len(told):
        raise ActionError(
            "E_SEQ",
            say(
                "The journal of this run has the events 1 to {last}: choose one of them.",
                last=len(told),
            ),
        )
    if wanted is None:
        return queries.version_at(run, seq)
    if wanted.workflow_id != run.workflow_id:
        raise ActionError(
            "E_VERSION",
            say("A fork goes on by a version of its run's workflow: choose one of those."),
            422,
        )
    return wanted


def _checked(
    run: Run,
    told: list[Event],
    seq: int,
    patch: Mapping[str, Any],
    version: Version,
    names: Mapping[str, str] | None,
) -> list[Event]:
    """The events after the copied ones. Raises ActionError for what cannot be forked."""
    try:
        with homes.told(say("The changed state is refused"), "/state_patch", 400):
            return fork(
                graphs.of(run.version),
                told[:seq],
                run=str(run.public_id),
                patch=patch,
                kin=graphs.kin_of(run.version),
                target=graphs.of(version),
                names=names,
                now=time.time(),
                version=str(version.public_id),
                number=version.number,
            )
    except RunIsOver as error:
        raise ActionError(
            "E_STATE",
            say(
                "Nothing is left to go on with: {problem}. Choose an earlier event.",
                problem=str(error),
            ),
            409,
        ) from error


def _tags(run: Run) -> list[str]:
    """Those of the run, and one that finds all of its forks."""
    own = f"fork of {str(run.public_id)[-8:]}"
    return list(dict.fromkeys([*run.tags[: MAX_TAGS - 1], own]))
