"""Signals to whichever run waits for them: send one, take back one that is still kept."""

import time
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from engine import Event
from engine.planning.waits import received, signalled
from engine.policies import SignalMode, WaitKind
from engine.said import say
from studio.actions import audit
from studio.actions.errors import ActionError, NotAllowed
from studio.actions.permission import require
from studio.actions.waits import checked, checked_name
from studio.execution.dispatch import dispatcher
from studio.journal import codec
from studio.journal.patience import waiting_at_most
from studio.journal.raw_connection import (
    IMPATIENT_MS,
    POSTGRES_LOCK_MS,
    DjangoConnection,
    Locked,
)
from studio.models import Run, Signal, Wait
from studio.queries import ceilings, visible
from studio.queries.waits import ENDING
from studio.rights import Verb
from studio.waits import arrivals
from studio.waits.signal_keys import key_text


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a signal."""

    signal: Signal | None
    """Its row; None for one that is gone because nobody waited."""
    run: Run | None
    """The run whose wait took it."""


def send_signal_to_runs(
    *,
    user: User,
    name: str,
    key: Any = None,
    payload: Any = None,
    mode: SignalMode = SignalMode.KEEP,
) -> Sent:
    """Send a signal to the oldest wait for it among the user's runs; else keep it, or drop it.

    Runs that somebody holds in a transaction are passed over; what is kept reaches them later.
    """
    require(user, Verb.STEER)
    if ceilings.of(user).workflows is not None:
        raise NotAllowed(
            say(
                "This token is for certain workflows alone, and such a signal reaches runs of all:"
                " send it to one run, by POST {path}.",
                path="/api/v1/runs/{id}/signals",
            )
        )
    by = user.get_username()
    data = signalled(
        checked_name(name), checked(key, say("The key")), checked(payload, say("The payload")), by
    )
    signal = Signal(
        owner=user,
        name=name,
        key=key_text(data.data["key"]) if "key" in data.data else None,
        data=codec.encode_clean(data.data),
        transient=mode is SignalMode.TRANSIENT,
        created_at=codec.moment_of(codec.column("postgresql", time.time())),
    )
    with transaction.atomic():
        run = _taken(signal, user)
        if run is None and mode is SignalMode.TRANSIENT:
            audit.record(user, "signal.send", name, became="dropped")
            return Sent(None, None)
        signal.taken_by = run
        signal.taken_at = signal.created_at if run is not None else None
        signal.save()
        became = "kept" if run is None else "taken"
        audit.record(user, "signal.send", signal.public_id, name=name, became=became)
        transaction.on_commit(lambda: _tell(run))
    return Sent(signal, run)


def _taken(signal: Signal, user: User) -> Run | None:
    """The run whose open wait has the signal now, if there is one: the oldest that nobody holds."""
    data = codec.decode(signal.data)
    said = signalled(data["name"], data.get("key"), data.get("payload"), data.get("by"))
    waits = (
        Wait.objects.filter(
            run__in=visible.runs_that_hear(user),
            kind=WaitKind.SIGNAL.value,
            signal=signal.name,
            closed_at=None,
        )
        .filter(visible.any_key_or(signal.key))
        .exclude(run__status__in=ENDING)
        .select_related("run")
        .order_by("created_at", "id")
    )
    held: list[Wait] = []
    for wait in waits.iterator(chunk_size=50):
        try:
            with waiting_at_most(DjangoConnection(), IMPATIENT_MS if held else POSTGRES_LOCK_MS):
                is_taken = _takes(wait, said)
        except Locked:
            # Somebody was stopped in the middle of a transaction, perhaps: the next one is free.
            held.append(wait)
        else:
            if is_taken:
                return wait.run
    if signal.transient:
        # Nobody keeps it for them: it is theirs, or gone.
        return next((wait.run for wait in held if _takes(wait, said)), None)
    return None


def _takes(wait: Wait, said: Event) -> bool:
    """Close the wait with the signal; False if it had ended before. Raises Locked."""
    parked = codec.decode(wait.data)
    try:
        event = received(parked["node"], parked, said)
        arrivals.bring(DjangoConnection(), wait.run_id, event, wait.pk)
    except arrivals.Closed:
        return False
    return True


def forget_signal(*, user: User, signal: Signal) -> None:
    """Take back a signal that no wait has taken yet. Raises ActionError when one has."""
    require(user, Verb.STEER)
    with transaction.atomic():
        gone, _ = Signal.objects.filter(pk=signal.pk, taken_at=None).delete()
        if not gone:
            raise ActionError("E_CLOSED", say("A wait has taken this signal: it is too late."), 409)
        audit.record(user, "signal.forget", signal.public_id, name=signal.name)


def _tell(run: Run | None) -> None:
    if run is not None:
        dispatcher().changed(run.pk)
    else:
        dispatcher().signalled()
