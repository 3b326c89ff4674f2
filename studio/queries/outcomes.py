"""Calls of unknown outcome: the operators' list of them, and all that is known of one."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from engine import Event, EventKind, RunStatus, expressions, fold
from engine.graph.subgraphs import starts_runs
from engine.keeping.replay import Folded
from engine.planning.items import names_of_item
from engine.planning.marking import Activation
from engine.planning.outcomes import is_adoptable
from engine.planning.routing import scope
from engine.planning.unknowns import is_unknown
from engine.policies import WaitKind
from engine.values.jsonvalue import Json, brief, weight
from studio.journal import codec, graphs
from studio.models import Run, RunEvent, Wait
from studio.queries import runs, visible
from studio.queries.items import Item, moment
from studio.queries.visible import Viewer
from studio.queries.waits import ENDING
from studio.rights import Verb
from studio.setup import toolbox
from studio.waits.outcome_rows import OUTCOME

REF = re.compile(r"[0-9]{1,10}\.[0-9]{1,10}")
OVER = [RunStatus.CANCELLING.value, RunStatus.CANCELLED.value, RunStatus.COMPLETED.value]
"""Statuses in which nobody needs to decide any more. A failed run may be retried."""
MOST_LEVELS = 10
"""How deep runs start runs."""
LARGEST = 32_768
"""Bytes of a value that is shown."""


def undecided(user: Viewer, verb: Verb = Verb.SEE) -> QuerySet[Wait]:
    """Calls that a person has to decide about, of the runs with which this user may do that."""
    return (
        visible.waits(user, verb)
        .filter(kind=OUTCOME, closed_at=None)
        .exclude(run__status__in=OVER)
        .select_related("run__workflow", "run__parent__workflow")
        .defer("run__final_state", "run__workflow__draft", "run__parent__workflow__draft")
    )


def for_people(user: Viewer) -> int:
    """How much the inbox holds for this user: questions, and calls to decide about."""
    asked = Q(kind=WaitKind.HUMAN.value) & ~Q(run__status__in=ENDING)
    cut = Q(kind=OUTCOME) & ~Q(run__status__in=OVER)
    return visible.waits(user, Verb.STEER).filter(asked | cut, closed_at=None).count()


def by_id(user: Viewer, outcome_id: str) -> Wait | None:
    """The call of this public id, decided or not, or None."""
    run_id, _, ref = outcome_id.partition(".")
    try:
        public_id = UUID(run_id)
    except ValueError:
        return None
    if not REF.fullmatch(ref):
        return None
    rows = visible.waits(user).filter(kind=OUTCOME, run__public_id=public_id, ref=ref)
    return rows.select_related("run__workflow", "run__version", "run__parent__workflow").first()


def of_run(user: Viewer, run: Run) -> QuerySet[Wait]:
    """Every call whose outcome was unknown, of a run and of the runs below it, oldest first."""
    rows = visible.waits(user).filter(kind=OUTCOME, run__in=_with_those_below(run))
    return rows.select_related("run__workflow", "run__version", "run__parent__workflow").order_by(
        "id"
    )


def _with_those_below(run: Run) -> list[int]:
    """The keys of a run and of the runs below it."""
    found, level = [run.pk], [run.pk]
    if not starts_runs(graphs.of(run.version)):
        return found
    for _ in range(MOST_LEVELS):
        level = list(Run.objects.filter(parent__in=level).values_list("pk", flat=True))
        if not level:
            break
        found += level
    return found


def undecided_below(user: Viewer, run: Run) -> list[Wait]:
    """Those of them that a person has to decide about."""
    rows = of_run(user, run).filter(closed_at=None).exclude(run__status__in=OVER)
    return list(rows)


# One of a list ----------------------------------------------------------------------------------


def brief_items(waits: Sequence[Wait]) -> list[Item]:
    """A page of the list, with one more query for the late results."""
    late = _late(waits)
    return [{**_named(wait), "late": (wait.run_id, wait.ref) in late} for wait in waits]


def _named(wait: Wait) -> Item:
    data: dict[str, Any] = codec.decode(wait.data)
    run = wait.run
    return {
        "id": f"{run.public_id}.{wait.ref}",
        "run": str(run.public_id),
        "run_status": run.status,
        "workflow": {"id": str(run.workflow.public_id), "name": run.workflow.name},
        "parent": _parent(run),
        "node": data["node"],
        "item": data.get("item"),
        "activation": wait.activation,
        "attempt": data["att"],
        "lost_at": moment(wait.created_at),
        "closed_at": moment(wait.closed_at),
    }


def _parent(run: Run) -> Item | None:
    """The run that it works for, if another one started it."""
    above = run.parent
    if above is None:
        return None
    workflow = {"id": str(above.workflow.public_id), "name": above.workflow.name}
    return {"run": str(above.public_id), "workflow": workflow}


def _late(waits: Iterable[Wait]) -> set[tuple[int, str]]:
    """Which of these calls brought something too late that can be adopted."""
    calls = {(wait.run_id, wait.ref) for wait in waits}
    rows = RunEvent.objects.filter(
        run__in={run_id for run_id, _ in calls}, kind=EventKind.ATTEMPT_LATE_RESULT.value
    ).values_list("run_id", "activation", "attempt", "data")
    return {
        (run_id, f"{act}.{att}")
        for run_id, act, att, data in rows
        if (run_id, f"{act}.{att}") in calls and is_adoptable(codec.decode(data))
    }


# One ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    """A call, and what the journal of its run says of it."""

    wait: Wait
    told: list[Event]
    folded: Folded

    @property
    def att(self) -> int:
        return int(self.wait.ref.partition(".")[2])

    @property
    def activation(self) -> Activation | None:
        """The activation, while its outcome is unknown, decided or not."""
        found = self.folded.marking.activations.get(self.wait.activation)
        if found is None or found.attempts != self.att or not is_unknown(found):
            return None
        return found

    @property
    def late(self) -> Event | None:
        """What the call brought too late, whole."""
        return late_result(self.told, self.wait.activation, self.att)

    def last(self, kind: EventKind) -> Event | None:
        """The last event of this kind about the attempt."""
        return next(
            (
                event
                for event in reversed(self.told)
                if event.kind is kind and (event.act, event.att) == (self.wait.activation, self.att)
            ),
            None,
        )


def late_result(told: Iterable[Event], act: int, att: int) -> Event | None:
    """What an attempt brought too late and before anybody decided about it, if it can be adopted.

    The last of it: that a call is over, because its time is, does not say what became of it.
    """
    found = None
    for event in told:
        if (event.act, event.att) != (act, att):
            continue
        if event.kind is EventKind.OUTCOME_DECIDED:
            break
        if event.kind is EventKind.ATTEMPT_LATE_RESULT and is_adoptable(event.data):
            found = event
    return found


def look(wait: Wait) -> Found:
    """All that is known of a call. Raises JournalCorrupt."""
    return look_at_all([wait])[0]


def look_at_all(waits: Iterable[Wait]) -> list[Found]:
    """The same of several calls; each journal is read once. Raises JournalCorrupt."""
    known: dict[int, tuple[list[Event], Folded]] = {}
    found = []
    for wait in waits:
        run = wait.run
        if run.pk not in known:
            told = runs.journal(run)
            known[run.pk] = told, fold(graphs.of(run.version), told, graphs.kin_of(run.version))
        found.append(Found(wait, *known[run.pk]))
    return found


def item(found: Found) -> Item:
    """A call as the API and its page show it."""
    started, decided = found.last(EventKind.ATTEMPT_STARTED), decision(found)
    activation, late = found.activation, found.late
    node = None if activation is None else activation.place.node
    return {
        **_named(found.wait),
        "late": late is not None,
        "title": _title(found),
        "tool": None if node is None else node.tool,
        "inputs": [] if activation is None else _inputs(activation),
        "idempotency_key": f"{found.wait.run.public_id}:{found.wait.activation}",
        "started_at": _at(started),
        "worker": None if started is None else _worker(found.told, started.seq),
        "returns": None if node is None else returns_of(node.tool),
        "late_result": None if late is None else _late_item(late),
        "decided": decided,
    }


def decision(found: Found) -> Item | None:
    """What was said of the call: {choice, by, note, at}."""
    event = found.last(EventKind.OUTCOME_DECIDED)
    if event is None:
        return None
    data = event.data
    return {
        "choice": data["choice"],
        "by": data.get("by"),
        "note": data.get("note", ""),
        "at": _at(event),
    }


def returns_of(tool: str | None) -> dict[str, Any] | None:
    """The JSON Schema of what the tool gives back, where it is known here and says so."""
    registry = toolbox.registry()
    return registry.get(tool).returns if tool is not None and tool in registry else None


def _title(found: Found) -> str:
    activation = found.activation
    if activation is None:
        return str(codec.decode(found.wait.data)["node"])
    place = (activation.of or activation).place
    return place.node.title or place.id


def _at(event: Event | None) -> str | None:
    return None if event is None else event.as_dict()["ts"]


def _worker(told: Iterable[Event], seq: int) -> Item | None:
    """Who drove the run when the call began: {host, pid}."""
    owner = ""
    for event in told:
        if event.seq > seq:
            break
        if event.kind is EventKind.RUN_CLAIMED:
            owner = str(event.data.get("owner") or "")
    parts = owner.split("/")
    if not owner:
        return None
    pid = parts[3] if len(parts) == 6 and parts[3].isdigit() else None
    return {"host": parts[0], "pid": None if pid is None else int(pid)}


def _late_item(late: Event) -> Item:
    data = late.data
    shown: Item = {"ok": bool(data.get("ok")), "at": _at(late), "error": data.get("error")}
    if "result" in data:
        shown["result"] = _short(data["result"])
    if "ops" in data:
        shown["update"] = {
            str(op[1]): _short(op[2]) if len(op) > 2 else None for op in data["ops"] if len(op) > 1
        }
    return shown


def _inputs(activation: Activation) -> list[Item]:
    """What each parameter was given: by its expression, or by the state key of its name."""
    node, names = activation.place.node, _names(activation)
    given = [
        {"name": name, "source": expression.source, **_outcome(expression.source, names)}
        for name, expression in node.inputs.items()
    ]
    return given + [
        {"name": name, "source": None, "ok": True, "value": _short(names[name])}
        for name in _params(node.tool)
        if name not in node.inputs and name in names
    ]


def _names(activation: Activation) -> Mapping[str, Any]:
    token = activation.token
    if activation.of is None:
        return scope(token.version.data, error=token.error, iteration=activation.visit)
    there, extra = names_of_item(activation)
    return {**there, "iteration": activation.visit, **extra}


def _outcome(source: str, names: Mapping[str, Any]) -> Item:
    told = expressions.check(source, names)
    return {**told, "value": _short(told["value"])} if told["ok"] else told


def _params(tool: str | None) -> list[str]:
    registry = toolbox.registry()
    known = tool is not None and tool in registry
    return [param.name for param in registry.get(tool).params] if known and tool else []


def _short(value: Json) -> Json:
    large = isinstance(value, (dict, list, str)) and weight(value) > LARGEST
    return brief(value) if large else value
