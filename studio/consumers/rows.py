"""How sockets read a run: which one it is, and its events as encoded text."""

from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Max, Min

from engine.events import EventKind
from engine.policies import TERMINAL_RUN_STATUSES
from studio.journal import codec
from studio.live.entries import Entry
from studio.live.tail import Look
from studio.models import Run, RunEvent
from studio.queries import runs as queries
from studio.queries import visible


def find(user: User, public_id: str) -> Run | None:
    """The run of this id if the user may see it."""
    try:
        wanted = UUID(public_id)
    except ValueError:
        return None
    return visible.runs(user).filter(public_id=wanted).first()


class EventRows:
    """The events of runs for `studio.live`, without decoding what they hold."""

    def look(self, run_id: int) -> Look:
        # The status first: when it says ended, everything up to the end is there to be counted.
        status = Run.objects.values_list("status", flat=True).get(pk=run_id)
        seqs = RunEvent.objects.filter(run_id=run_id).aggregate(first=Min("seq"), head=Max("seq"))
        return Look(status, status in TERMINAL_RUN_STATUSES, seqs["first"] or 1, seqs["head"] or 0)

    def page(self, run_id: int, after: int, limit: int) -> list[Entry]:
        rows = RunEvent.objects.filter(run_id=run_id, seq__gt=after).order_by("seq")
        return [_entry(row) for row in rows.values_list(*queries.COLUMNS)[:limit]]


def _entry(row: tuple[object, ...]) -> Entry:
    seq, at, kind, node, *_rest, data = row
    level = codec.decode(str(data)).get("level") if kind == EventKind.LOG else None
    return Entry(
        int(str(seq)),
        str(kind),
        node if node is None else str(node),
        codec.event_json(row),
        level,
        codec.moment_of(at).timestamp(),
    )


ROWS = EventRows()


def demo_steps(run_id: int, after: int) -> tuple[str, list[str]]:
    """The run's status, and the demo's message of each step but the first `after`."""
    run = Run.objects.select_related("version").get(pk=run_id)
    view = queries.view(run)
    status = "RUNNING" if view.status not in TERMINAL_RUN_STATUSES else view.status.upper()
    return view.status, [
        codec.encode({"node": node, "state_snapshot": state, "status": status})
        for _seq, node, state in view.steps[after:]
    ]


def demo_end(status: str) -> str:
    return codec.encode({"status": status.upper(), "done": True})
