"""Edit and continue: a run that rests goes on by another version of its workflow."""

import time
from collections.abc import Mapping

from django.contrib.auth.models import User
from django.db import OperationalError, connection, transaction

from engine import Event, JournalCorrupt, RunStatus
from engine.said import grouped, say
from engine.steering.moving import move
from studio import rights
from studio.actions import audit, homes
from studio.actions.control import not_so
from studio.actions.errors import ActionError, NotAllowed, forgotten
from studio.actions.permission import require
from studio.actions.run_rights import check_secrets
from studio.actions.run_verbs import STANDS, Verb, refusal
from studio.claims.fitness import DEFAULT_QUEUE
from studio.journal import codec, database_clock, graphs
from studio.journal.append import append_as_other
from studio.journal.raw_connection import DjangoConnection, Unavailable
from studio.live import hub
from studio.models import Run, Version, Wait
from studio.queries import runs as queries

MAX_TRIES = 5
MAX_NAMES = 1_000


class _Changed(Exception):
    """The run changed between the look and the move."""


def move_run(
    *, user: User | None, run: Run, version: Version, names: Mapping[str, str] | None = None
) -> Run:
    """Let a paused or failed run go on by this version, once it is resumed or retried.

    Everything that it stands on must have a place there, under its own id or the one that `names`
    gives ({old: new}, for nodes and edges). Moving a run to the version it is on changes nothing.
    The caller found the version through `queries.visible`.
    """
    require(user, rights.Verb.STEER, run)
    _check(names or {})
    for attempt in range(MAX_TRIES):
        try:
            with transaction.atomic():
                return _move(user, run, version, dict(names or {}))
        except _Changed:
            continue
        except (OperationalError, Unavailable):
            if attempt == MAX_TRIES - 1 or connection.in_atomic_block:
                raise
    raise ActionError(
        "E_STATE", say("Run {run} changes all the time: try again.", run=str(run.public_id)), 409
    )


def _move(user: User | None, run: Run, version: Version, names: dict[str, str]) -> Run:
    now = Run.objects.select_related("version", "workflow", "owner").get(pk=run.pk)
    if now.forgotten_at is not None:
        raise forgotten(now.public_id)
    if version.workflow_id != now.workflow_id:
        raise ActionError(
            "E_VERSION",
            say("A run moves between versions of its own workflow: choose one of those."),
            422,
        )
    if version.pk == now.version_id:
        return now
    _check_rights(user, now, version)
    _refuse(now)
    event = _event(user, now, version, names)
    # The append first, the row after it: drivers lock in that order too.
    append_as_other(DjangoConnection(), now.pk, [event])
    same = Run.objects.filter(
        pk=now.pk, status=now.status, version_id=now.version_id, forgotten_at=None
    )
    queue = graphs.of(version).queue or DEFAULT_QUEUE
    # The queue of a child is its map's choice.
    columns = {"version": version, **({} if now.parent_id else {"queue": queue})}
    if not same.filter(fence=now.fence).update(**columns):
        raise _Changed
    _rename_waits(now, names)
    audit.record(user, "run.move", now.public_id, to=str(version.public_id), number=version.number)
    transaction.on_commit(lambda: hub.wake(now.pk))
    now.version = version
    return now


def _check_rights(user: User | None, now: Run, version: Version) -> None:
    """A run keeps the rights of who started it: nobody else may give it another graph to use them.

    Raises ActionError, also where the new graph asks for what that person may not use.
    """
    if user is not None and not user.is_superuser and now.owner_id != user.pk:
        raise NotAllowed(
            say(
                "Only who started a run, or an administrator, moves it to another version: it goes"
                " on with the rights of who started it. A fork has yours."
            )
        )
    check_secrets(now.owner, graphs.of(version))


def _refuse(now: Run) -> None:
    """Refuse a run that does not rest. Raises ActionError."""
    instead = refusal(Verb.MOVE, RunStatus(now.status))
    if instead is not None:
        raise ActionError("E_STATE", not_so(now, RunStatus(now.status), instead), 409)
    until = now.lease_until if now.lease_owner else None
    if until is not None and until > database_clock.now(DjangoConnection()):
        raise ActionError(
            "E_STATE",
            say(
                "Run {run} is {status}, and what it was at has not finished yet: try again in a"
                " moment.",
                run=str(now.public_id),
                status=STANDS[RunStatus(now.status)],
            ),
            409,
        )


def _event(user: User | None, now: Run, version: Version, names: dict[str, str]) -> Event:
    try:
        with homes.told():
            return move(
                graphs.of(now.version),
                queries.journal(now),
                graphs.of(version),
                names=names,
                kin=graphs.kin_of(now.version),
                now=time.time(),
                version=str(version.public_id),
                number=version.number,
                by=user.get_username() if user else None,
            )
    except JournalCorrupt as error:
        raise ActionError(
            "E_STATE",
            say(
                "The journal of run {run} cannot be read: {error}.",
                run=str(now.public_id),
                error=str(error),
            ),
            409,
        ) from error


def _rename_waits(now: Run, names: Mapping[str, str]) -> None:
    """What people are asked is asked by the node's new name."""
    if not names:
        return
    for wait in Wait.objects.filter(run=now, closed_at=None):
        data = codec.decode(wait.data)
        node = data.get("node")
        if node in names:
            wait.data = codec.encode_clean({**data, "node": names[node]})
            wait.save(update_fields=["data"])


def _check(names: Mapping[str, str]) -> None:
    pairs = [*names.keys(), *names.values()]
    if len(names) > MAX_NAMES or not all(isinstance(name, str) for name in pairs):
        raise ActionError(
            "E_MAP",
            say(
                "A map names at most {most} old ids, each with its new id as text.",
                most=grouped(MAX_NAMES),
            ),
        )
