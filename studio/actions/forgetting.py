"""Forget runs that no rule keeps: which ones they are, and the steps in which they go.

Only runs that have ended go, and only with everything that they started: a tree in which one run
still goes on, or is kept by somebody, stays whole. The rule is that of the root's workflow.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic, sleep

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils.timezone import now

from engine import TERMINAL_RUN_STATUSES
from engine.said import say
from studio.actions import audit
from studio.actions.errors import NotAllowed
from studio.journal import forgetting as rows
from studio.journal.forgetting import Gone, Stride
from studio.journal.raw_connection import DjangoConnection
from studio.models import Run, Workflow
from studio.setup.retention import Retention, a_retention

BATCH = 100
FLOOR = timedelta(hours=1)
"""Who waits for a run, or follows it, finds it for so long after its end, whatever the rule."""
KEY_HELD = timedelta(days=1)
"""For so long an Idempotency-Key gives the run that it started."""
EVERY_S = 600.0
SLICE_S = 0.5
SLICE_EVERY_S = 0.5

Cursor = tuple[datetime, int]


def rule_of(workflow: Workflow) -> Retention:
    """Its own rule, else the studio's."""
    if not workflow.retention:
        return studio_rule()
    return a_retention(workflow.retention)


def studio_rule() -> Retention:
    rule: Retention = settings.KEEP
    return rule


def with_rules() -> QuerySet[Workflow]:
    """The workflows that do not keep all of their runs, deleted ones too."""
    found = Workflow.objects.exclude(retention="all").order_by("id")
    if studio_rule().keeps_all:
        found = found.exclude(retention="")
    return found.only("pk", "public_id", "key", "name", "retention")


# Which runs -------------------------------------------------------------------------------------


def due(workflow: Workflow, moment: datetime) -> QuerySet[Run]:
    """Roots that neither their rule nor anybody holds, whatever they started. Oldest end first."""
    rule = rule_of(workflow)
    ended = Run.objects.filter(
        workflow=workflow,
        parent=None,
        kept=False,
        forgotten_at=None,
        status__in=TERMINAL_RUN_STATUSES,
        finished_at__isnull=False,
    )
    if rule.keeps_all:
        return ended.none()
    found = ended.filter(finished_at__lt=moment - FLOOR)
    found = found.filter(Q(dedupe_key=None) | Q(created_at__lt=moment - KEY_HELD))
    before = rule.before(moment)
    if before is not None:
        found = found.filter(finished_at__lt=before)
    if rule.runs is not None:
        newest = ended.order_by("-finished_at").values_list("finished_at", flat=True)
        edge = newest[rule.runs - 1 : rule.runs].first()
        if edge is None:
            return ended.none()
        found = found.filter(finished_at__lt=edge)
    return _not_protected(found).order_by("finished_at", "id")


def _not_protected(found: QuerySet[Run]) -> QuerySet[Run]:
    """Without those that a table of an app of the operator's will not let go."""
    for relation in Run._meta.related_objects:
        if relation.related_model._meta.app_label == "studio":
            continue
        if relation.on_delete in {models.PROTECT, models.RESTRICT}:
            holders = relation.related_model._default_manager
            held = holders.filter(**{relation.field.name: OuterRef("pk")})
            found = found.exclude(Exists(held))
    return found


_BELOW = (
    "WITH RECURSIVE below(root, id, status, kept) AS ("
    "SELECT id, id, status, kept FROM studio_run WHERE id IN ({marks})"
    " UNION ALL SELECT below.root, child.id, child.status, child.kept"
    " FROM studio_run child JOIN below ON child.parent_id = below.id)"
    " SELECT DISTINCT root FROM below WHERE kept OR status NOT IN ({statuses})"
)


def _held(roots: list[int]) -> set[int]:
    """Those of these roots below which a run goes on, or is kept by somebody."""
    if not roots:
        return set()
    ended = [status.value for status in TERMINAL_RUN_STATUSES]
    sql = _BELOW.format(
        marks=", ".join(["%s"] * len(roots)), statuses=", ".join(["%s"] * len(ended))
    )
    return {root for (root,) in DjangoConnection().execute(sql, (*roots, *ended))}


@dataclass(frozen=True, slots=True)
class Outlook:
    """What would be forgotten of a workflow now."""

    workflow: Workflow
    rule: Retention
    runs: int
    first: datetime | None
    last: datetime | None
    """The ends of the first and the last of them."""
    held: int
    """Runs beside them that a run which they started holds."""


def outlook(workflow: Workflow, moment: datetime) -> Outlook:
    """Looks at all of them in batches; changes nothing."""
    runs, held, after = 0, 0, None
    first = last = None
    while True:
        page = _page(due(workflow, moment), after)
        if not page:
            return Outlook(workflow, rule_of(workflow), runs, first, last, held)
        staying = _held([key for _, key in page])
        going = [end for end, key in page if key not in staying]
        held += len(staying)
        runs += len(going)
        if going:
            first, last = first or going[0], going[-1]
        after = page[-1]


def _page(found: QuerySet[Run], after: Cursor | None) -> list[Cursor]:
    if after is not None:
        found = found.filter(Q(finished_at__gt=after[0]) | Q(finished_at=after[0], pk__gt=after[1]))
    return list(found.values_list("finished_at", "pk")[:BATCH])  # type: ignore[arg-type]


@transaction.atomic
def give_up(
    workflow: Workflow, moment: datetime, after: Cursor | None
) -> tuple[int, Cursor | None]:
    """Mark the next runs behind the cursor. Returns how many, and where to go on, or None."""
    # Whoever keeps, retries or forks one of them at this moment holds its row: it is left out.
    locked = due(workflow, moment).select_for_update(skip_locked=True, no_key=True, of=("self",))
    page = _page(locked, after)
    staying = _held([key for _, key in page])
    going = [key for _, key in page if key not in staying]
    if going:
        chosen = Run.objects.filter(pk__in=going)
        ids = [str(each) for each in chosen.order_by("id").values_list("public_id", flat=True)]
        chosen.update(forgotten_at=Now(), dedupe_key=None)
        rule = str(rule_of(workflow))
        audit.record(None, "workflow.forget_runs", workflow.public_id, rule=rule, runs=ids)
    return len(going), page[-1] if len(page) == BATCH else None


def forget_chosen(*, user: User, runs: QuerySet[Run]) -> tuple[int, int]:
    """Mark runs that an administrator chose, whatever their rule says; a sweep deletes them.

    Returns how many, and how many stay: they have not ended, are kept, or belong to another run,
    or something below them does. At most `BATCH` of them are looked at.
    """
    if not user.is_superuser:
        raise NotAllowed(
            say("Only administrators forget runs by hand: set a rule for the workflow.")
        )
    with transaction.atomic():
        chosen = list(runs.order_by("id").values_list("pk", flat=True)[:BATCH])
        free = Run.objects.filter(
            pk__in=chosen,
            parent=None,
            kept=False,
            forgotten_at=None,
            status__in=TERMINAL_RUN_STATUSES,
        )
        locked = _not_protected(free).select_for_update(no_key=True, of=("self",))
        keys = list(locked.order_by("id").values_list("pk", flat=True))
        staying = _held(keys)
        going = Run.objects.filter(pk__in=[key for key in keys if key not in staying])
        for public_id in going.values_list("public_id", flat=True):
            audit.record(user, "run.forget", public_id)
        count = going.update(forgotten_at=Now(), dedupe_key=None)
    return count, len(chosen) - count


# In steps ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class Forgetting:
    """Everything that is to be forgotten, one small step at a time."""

    workflow: Workflow | None = None
    """Of this one alone; what was marked before goes in any case."""
    gone: Gone = field(default_factory=Gone)
    marked: int = 0
    lasted: float = 0.0
    """Seconds that the last step took."""
    _stride: Stride = field(default_factory=Stride)
    _marking: Iterator[int] | None = None

    def step(self) -> bool:
        """Do the next step, of some 50 ms. False when nothing is left to do."""
        began = monotonic()
        try:
            return self._step()
        finally:
            self.lasted = monotonic() - began

    def _step(self) -> bool:
        gone = rows.delete_some(self._stride)
        self.gone.add(gone)
        if gone.batches:
            return True
        if rows.mark_children():
            return True
        if self._marking is None:
            self._marking = self._mark_all()
        count = next(self._marking, None)
        self.marked += count or 0
        return count is not None

    def _mark_all(self) -> Iterator[int]:
        """Marks a page of runs at a time, and says how many they were."""
        moment = now()
        for workflow in [self.workflow] if self.workflow else list(with_rules()):
            after: Cursor | None = None
            while True:
                count, after = give_up(workflow, moment, after)
                if count or after:
                    yield count
                if after is None:
                    break


_under_way: Forgetting | None = None


def sweep() -> float:
    """A chore: forget a little. Returns the seconds until it wants to again."""
    global _under_way
    _under_way = _under_way or Forgetting()
    until = monotonic() + SLICE_S
    while monotonic() < until:
        if not _under_way.step():
            _under_way = None
            return EVERY_S
        rows.give_pages_back()
        # As long as the others were held up: half of the time is theirs.
        sleep(min(SLICE_S, _under_way.lasted))
    return SLICE_EVERY_S


def drop_unused_blobs() -> Iterator[int]:
    """Deletes blobs that nothing refers to, a page at a time, and says how many went."""
    after: str | None = ""
    while after is not None:
        after, count = rows.drop_unused_blobs(after)
        yield count
