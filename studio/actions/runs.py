"""What people and programs do to runs: start them, cancel them."""

import contextlib
import hashlib
import time
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Q

from engine import (
    TERMINAL_RUN_STATUSES,
    Event,
    EventKind,
    Graph,
    RunStatus,
    ValueRefused,
    new_run,
)
from studio import codec, graphs
from studio.actions import audit
from studio.actions.errors import ActionError
from studio.append import append_as_other, append_first
from studio.execution.dispatch import dispatcher
from studio.models import Run, Version
from studio.raw_connection import DjangoConnection

MAX_KEY = 200


def start_run(
    *,
    user: User | None,
    version: Version,
    state: Mapping[str, Any] | None = None,
    source: str = "api",
    tags: Sequence[str] = (),
    limits: Mapping[str, Any] | None = None,
    pinned: Mapping[str, Any] | None = None,
    idempotency_key: str | None = None,
) -> Run:
    """A new run of this version, queued, its first journal entry written in the same transaction.

    Works inside the caller's own `atomic()`: then the run exists when that commits. With a key
    that started a run before, returns that one (`is_repeat`), if everything else is the same.
    The caller found the version through `queries.visible`.
    """
    wish = _Wish(user, version, state or {}, source, tags, limits, pinned or {}, idempotency_key)
    with transaction.atomic():
        earlier = wish.earlier_run()
        if earlier is not None:
            return earlier
        try:
            # A savepoint, so that a second use of the key leaves the caller's transaction usable.
            with transaction.atomic() if wish.key else contextlib.nullcontext():
                run = wish.create()
        except IntegrityError:
            # The same key came twice at once, and the other one won.
            earlier = wish.earlier_run()
            if earlier is None:
                raise
            return earlier
        transaction.on_commit(lambda: dispatcher().wanted(run.pk))
        return run


def cancel_run(*, user: User | None, run: Run, reason: str = "") -> Run:
    """Ask for the end of a run. Asking again, or for one that ended, changes nothing."""
    with transaction.atomic():
        now = Run.objects.get(pk=run.pk)
        if now.status in TERMINAL_RUN_STATUSES or now.status == RunStatus.CANCELLING:
            return now
        by = user.get_username() if user else None
        event = Event(
            EventKind.RUN_CANCEL_REQUESTED,
            {"reason": codec.clean(reason[:500])[0], "by": by},
            time=time.time(),
        )
        # The append first, the row after it: drivers lock in that order too.
        append_as_other(DjangoConnection(), run.pk, [event])
        Run.objects.filter(Q(pk=run.pk) & ~Q(status__in=TERMINAL_RUN_STATUSES)).update(
            status=RunStatus.CANCELLING.value
        )
        audit.record(user, "run.cancel", run.public_id, reason=reason[:500])
        transaction.on_commit(lambda: dispatcher().changed(run.pk))
        return Run.objects.get(pk=run.pk)


class _Wish:
    """One request for a run, checked."""

    def __init__(
        self,
        user: User | None,
        version: Version,
        state: Mapping[str, Any],
        source: str,
        tags: Sequence[str],
        limits: Mapping[str, Any] | None,
        pinned: Mapping[str, Any],
        key: str | None,
    ) -> None:
        self.user = user
        self.version = version
        self.source = source
        self.tags = _checked_tags(tags)
        self.created = _created(graphs.of(version), state, limits, pinned)
        self.key = _checked_key(key)
        self.hash = self._hash() if self.key else ""

    def _hash(self) -> str:
        """What must be the same when a key is used again."""
        body = [str(self.version.public_id), self.tags, self.created.data]
        return hashlib.sha256(codec.encode(body).encode()).hexdigest()

    def earlier_run(self) -> Run | None:
        """The run that this key started before. Raises ActionError when it asked for another."""
        if self.key is None or self.user is None:
            return None
        run = Run.objects.filter(owner=self.user, dedupe_key=self.key).first()
        if run is None:
            return None
        if run.dedupe_hash != self.hash:
            raise ActionError(
                "E_IDEMPOTENCY",
                f"The Idempotency-Key {self.key!r} started run {run.public_id} with another body:"
                " use a new key for a new run.",
                422,
            )
        run.is_repeat = True
        return run

    def create(self) -> Run:
        run = Run.objects.create(
            workflow_id=self.version.workflow_id,
            version=self.version,
            status=RunStatus.QUEUED.value,
            owner=self.user,
            source=self.source,
            tags=self.tags,
            dedupe_key=self.key if self.user else None,
            dedupe_hash=self.hash,
        )
        append_first(DjangoConnection(), run.pk, [self.created])
        audit.record(self.user, "run.start", run.public_id, source=self.source)
        return run


def _created(
    graph: Graph,
    state: Mapping[str, Any],
    limits: Mapping[str, Any] | None,
    pinned: Mapping[str, Any],
) -> Event:
    """The run's first event. Raises ActionError for what no run can begin with."""
    try:
        event = new_run(graph, state, limits=limits, pinned=pinned, now=time.time())
    except ValueRefused as error:
        detail = {"pointer": error.path, "code": "E_VALUE", "message": str(error), "hint": ""}
        raise ActionError(
            "E_VALUE", f"The start state is refused: {error}.", 400, [detail]
        ) from error
    except ValueError as error:
        raise ActionError("E_LIMITS", f"{error}.") from error
    size, most = len(codec.encode(event.data["state"])), event.data["limits"]["max_state_bytes"]
    if size > most:
        raise ActionError(
            "E_STATE_SIZE",
            f"The start state has {size:,} bytes as JSON, {most:,} are allowed.",
            413,
        )
    return event


def _checked_tags(tags: Sequence[str]) -> list[str]:
    if len(tags) > 20 or not all(isinstance(tag, str) and 0 < len(tag) <= 40 for tag in tags):
        raise ActionError("E_TAGS", "Write at most 20 tags of 1 to 40 characters each.")
    return list(dict.fromkeys(codec.clean(tag)[0] for tag in tags))


def _checked_key(key: str | None) -> str | None:
    if key is None:
        return None
    if not 0 < len(key) <= MAX_KEY or not key.isprintable():
        raise ActionError(
            "E_IDEMPOTENCY", f"An Idempotency-Key has 1 to {MAX_KEY} printable characters."
        )
    return key
