"""What people and programs do to runs: start them, cancel them."""

import hashlib
import time
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from engine import (
    TERMINAL_RUN_STATUSES,
    Event,
    EventKind,
    Graph,
    PartRefused,
    PinRefused,
    RunStatus,
    ValueRefused,
    new_run,
)
from engine.limits import LimitRefused
from engine.said import grouped, quoted, say
from engine.toolprints import prints
from studio import rights
from studio.actions import audit, concurrency, courses
from studio.actions.courses import WHOLE, Course
from studio.actions.errors import ActionError
from studio.actions.permission import require
from studio.actions.pins import pin_refused
from studio.actions.run_rights import check_secrets
from studio.actions.values import limit_refused, value_refused
from studio.claims.fitness import DEFAULT_QUEUE
from studio.execution.dispatch import dispatcher
from studio.execution.handover import Handover
from studio.journal import codec, graphs
from studio.journal.append import append_as_other
from studio.journal.failpoints import reach
from studio.journal.raw_connection import Conflict, DjangoConnection
from studio.journal.run_start import RunStart, insert
from studio.models import Run, Version
from studio.models.fields import new_public_id
from studio.models.partial import partial
from studio.setup import toolbox

MAX_KEY = 200
MAX_PRIORITY = 100


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
    course: Course = WHOLE,
    priority: int = 0,
) -> Run:
    """A new run of this version: row, first journal entry and audit entry in one transaction.

    Works inside the caller's own `atomic()`: then the run exists when that commits. Outside, it is
    committed together with what else starts this moment. With a key that started a run before,
    returns that one (`is_repeat`), if everything else is the same. The caller found the version
    through `queries.visible`.
    """
    key, pins = idempotency_key, pinned or {}
    return PlannedRun(
        user, version, state or {}, source, tags, limits, pins, key, course, priority
    ).begin()


def plan_run(
    *,
    user: User | None,
    version: Version,
    state: Mapping[str, Any],
    source: str,
    idempotency_key: str | None,
    public_id: UUID | None = None,
    ip: str | None = None,
) -> "PlannedRun":
    """The same run, checked but not begun: its caller hands it over, or begins it himself.

    `ip` says where the request came from, where that is not said by the request's context.
    """
    key = idempotency_key
    return PlannedRun(user, version, state, source, (), None, {}, key, public_id=public_id, ip=ip)


def _begin(start: RunStart) -> int:
    """Write the run, with the starts of others if that is possible. Returns its key."""
    connection = DjangoConnection()
    if not connection.is_in_transaction:
        run_id = dispatcher().begin(start)
        if run_id is not None:
            return run_id
    # A savepoint: a second use of the key leaves the caller's transaction usable.
    with connection.transaction():
        run_id = insert(connection, start).run_id
    transaction.on_commit(lambda: _tell(run_id))
    return run_id


def _tell(run_id: int) -> None:
    """Somebody may drive the run: it is committed."""
    reach("start.committed")
    dispatcher().wanted(run_id)


def cancel_run(*, user: User | None, run: Run, reason: str = "") -> Run:
    """Ask for the end of a run. Asking again, or for one that ended, changes nothing."""
    require(user, rights.Verb.STEER, run)
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


class PlannedRun:
    """One request for a run, checked; nothing is written yet."""

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
        course: Course = WHOLE,
        priority: int = 0,
        public_id: UUID | None = None,
        ip: str | None = None,
    ) -> None:
        require(user, rights.Verb.RUN, version.workflow)
        self.user = user
        self.version = version
        self.key = checked_key(key)
        graph = graphs.of(version)
        check_secrets(user, graph)
        created = _created(graph, state, limits, pinned, course)
        checked_tags = _checked_tags(tags)
        self.start = RunStart(
            public_id=public_id or new_public_id(),
            workflow_id=version.workflow_id,
            version_id=version.pk,
            graph_hash=version.hash,
            owner_id=user.pk if user else None,
            source=source,
            tags=checked_tags,
            dedupe_key=self.key if user else None,
            dedupe_hash=_hash(version, checked_tags, created, priority) if self.key else "",
            created=created,
            ip=ip or audit.client_ip.get(),
            priority=_checked_priority(priority),
            lane=concurrency.lane_for(version.workflow, created.data["state"]),
            queue=graph.queue or DEFAULT_QUEUE,
        )

    def begin(self) -> Run:
        """Write the run, or find the one that this key started before."""
        try:
            return self.as_run(_begin(self.start))
        except Conflict:
            written = Run.objects.filter(public_id=self.start.public_id).first()
            if written is not None:
                # It is this very run: the database had committed it, and its answer was lost.
                return self.as_run(written.pk)
            # The key was used before: the table says so, and no look beforehand could be as sure.
            return earlier_run(self.user, self.as_run(0))

    def hand_over(self, timeout_s: float) -> Handover | None:
        """Let it be written and driven without blocking this thread, if nothing speaks against it:
        a key that may have been used before, or the caller's own transaction.
        """
        if self.key is not None or DjangoConnection().is_in_transaction:
            return None
        start = self.start
        return dispatcher().hand_over(start.public_id, lambda *_: start, timeout_s)

    def as_run(self, run_id: int) -> Run:
        """The row as it was written, without reading it back."""
        start = self.start
        run = partial(
            Run,
            {
                "id": run_id,
                "public_id": start.public_id,
                "workflow_id": start.workflow_id,
                "version_id": start.version_id,
                "status": RunStatus.QUEUED.value,
                "owner_id": start.owner_id,
                "source": start.source,
                "tags": start.tags,
                "created_at": codec.moment_of(codec.column("postgresql", start.created.time)),
                "dedupe_key": start.dedupe_key,
                "dedupe_hash": start.dedupe_hash,
                "priority": start.priority,
                "lane": start.lane,
                "queue": start.queue,
            },
        )
        run.version = self.version
        if self.user:
            run.owner = self.user
        return run


def earlier_run(user: User | None, wanted: Run) -> Run:
    """The run that the key of the wanted one made before. Raises ActionError when it was made of
    something else."""
    run = Run.objects.get(owner=user, dedupe_key=wanted.dedupe_key)
    if run.dedupe_hash != wanted.dedupe_hash:
        raise ActionError(
            "E_IDEMPOTENCY",
            say(
                "The Idempotency-Key {key} started run {run} with another body: use a new key for"
                " a new run.",
                key=quoted(wanted.dedupe_key or ""),
                run=str(run.public_id),
            ),
            422,
        )
    run.is_repeat = True
    return run


def _hash(version: Version, tags: Sequence[str], created: Event, priority: int) -> str:
    """What must be the same when a key is used again."""
    # That a tool was changed meanwhile does not matter.
    asked = {key: value for key, value in created.data.items() if key != "tools"}
    body = [str(version.public_id), tags, asked, *([priority] if priority else [])]
    return hashlib.sha256(codec.encode(body).encode()).hexdigest()


def _created(
    graph: Graph,
    state: Mapping[str, Any],
    limits: Mapping[str, Any] | None,
    pinned: Mapping[str, Any],
    course: Course,
) -> Event:
    """The run's first event. Raises ActionError for what no run can begin with."""
    try:
        event = new_run(
            graph,
            {**course.state, **state},
            limits=limits,
            pinned=pinned,
            start=course.start,
            until=course.until,
            error=course.error,
            now=time.time(),
            tools=prints(graph, toolbox.registry()),
        )
    except ValueRefused as error:
        is_pin = error.path.startswith("pinned")
        what = say("A pinned output") if is_pin else say("The start state")
        raise value_refused(what, error) from error
    except PinRefused as error:
        raise pin_refused(error) from error
    except PartRefused as error:
        raise courses.refusal(error) from error
    except LimitRefused as error:
        raise limit_refused(error) from error
    size, most = len(codec.encode(event.data["state"])), event.data["limits"]["max_state_bytes"]
    if size > most:
        raise ActionError(
            "E_STATE_SIZE",
            say(
                "The start state has {n} bytes as JSON, {most} are allowed.",
                n=grouped(size),
                most=grouped(most),
            ),
            413,
        )
    return event


def _checked_priority(priority: int) -> int:
    if not -MAX_PRIORITY <= priority <= MAX_PRIORITY:
        raise ActionError(
            "E_PRIORITY",
            say("A priority is a whole number from -{most} to {most}.", most=MAX_PRIORITY),
        )
    return priority


def _checked_tags(tags: Sequence[str]) -> list[str]:
    if len(tags) > 20 or not all(isinstance(tag, str) and 0 < len(tag) <= 40 for tag in tags):
        raise ActionError("E_TAGS", say("Write at most 20 tags of 1 to 40 characters each."))
    return list(dict.fromkeys(codec.clean(tag)[0] for tag in tags))


def checked_key(key: str | None) -> str | None:
    if key is None:
        return None
    if not 0 < len(key) <= MAX_KEY or not key.isprintable():
        raise ActionError(
            "E_IDEMPOTENCY",
            say("An Idempotency-Key has 1 to {most} printable characters.", most=MAX_KEY),
        )
    return key
