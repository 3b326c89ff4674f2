"""What one node found and left behind in a run: last values, and the tabs of a node."""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from engine import TERMINAL_RUN_STATUSES, EventKind, JournalCorrupt, Node, expressions
from engine.expressions import Expression
from engine.telling.visits import Visit, visits
from engine.values.jsonvalue import Json, brief, weight
from studio import sentences
from studio.journal import graphs
from studio.models import Run, RunEvent
from studio.queries import items
from studio.queries import runs as queries
from studio.setup import toolbox

MOST_EVENTS = 20_000
"""Events that one question reads, of all runs together."""
MOST_VISITS = 50
"""Visits of a run that are looked at, the last ones."""
LARGEST = 32_768
"""Bytes of a value that is shown; of a larger one its size is said."""

_SAID = [EventKind.LOG.value, EventKind.PROGRESS.value, EventKind.TRUNCATED.value]
"""Kinds that change nothing: they are most of a talkative journal."""

_KEPT = 64
_kept: OrderedDict[tuple[UUID, int, Any, str], list[Visit]] = OrderedDict()
_lock = threading.Lock()

Item = dict[str, Any]


class Unreadable(LookupError):
    """The journal of a run is too long to be read here, or cannot be read; the message says why."""


def of_run(run: Run, node: str, most_events: int = MOST_EVENTS) -> list[Visit]:
    """The last visits of a node. Raises Unreadable."""
    key = (run.public_id, run.version_id, run.finished_at, node)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    found = _read(run, node, most_events)
    if run.status in TERMINAL_RUN_STATUSES:
        with _lock:
            _kept[key] = found
            if len(_kept) > _KEPT:
                _kept.popitem(last=False)
    return found


def _read(run: Run, node: str, most_events: int) -> list[Visit]:
    rows = lasting([run]).order_by("seq").values_list(*queries.COLUMNS)
    told = list(rows[: most_events + 1])
    if len(told) > most_events:
        raise Unreadable(too_long(most_events))
    events = (queries.event_of(row) for row in told)
    try:
        graph = graphs.of(run.version)
        return visits(graph, events, node, graphs.kin_of(run.version), MOST_VISITS)
    except (JournalCorrupt, LookupError) as error:
        raise Unreadable(f"Its journal cannot be read: {error}.") from error


def too_long(most_events: int) -> str:
    return f"It has more than {most_events:,} events."


def lasting(runs: Sequence[Run]) -> QuerySet[RunEvent]:
    """The events of these runs that change something."""
    rows = RunEvent.objects.filter(run__in=[run.pk for run in runs])
    return rows.exclude(kind__in=_SAID)


# A node of a run --------------------------------------------------------------------------------


def shown(run: Run, node: str, number: int | None = None) -> Item:
    """A visit of a node as the editor's tabs show it: the last one, or that of this number.

    `visit` is None when the run never came there. Raises Unreadable.
    """
    found = of_run(run, node)
    visit = _chosen(found, number)
    return {
        "run": brief_run(run),
        "node": node,
        "first": found[0].number if found else 0,
        "visits": found[-1].number if found else 0,
        "visit": None if visit is None else _shown(run, node, visit),
    }


def _chosen(found: Sequence[Visit], number: int | None) -> Visit | None:
    if number is None:
        return found[-1] if found else None
    return next((visit for visit in found if visit.number == number), None)


def _shown(run: Run, node: str, visit: Visit) -> Item:
    spec = graphs.of(run.version).nodes.get(node)
    cut: list[str] = []
    return {
        "number": visit.number,
        "activation": visit.activation,
        "status": visit.status,
        "began": visit.began,
        "ended": visit.ended,
        "error": visit.failure,
        "inputs": [] if spec is None else _inputs(spec, visit),
        "before": _cut(visit.before, "before", cut),
        "after": None if visit.after is None else _cut(visit.after, "after", cut),
        "names": _cut(visit.brought, "names", cut),
        "item": None if visit.item is None else _cut(visit.item, "item", cut),
        "whole": visit.whole,
        "ops": [_cut_op(op, cut) for op in visit.ops],
        "cut": cut,
    }


def _inputs(node: Node, visit: Visit) -> list[Item]:
    """What each parameter was given: by its expression, or by the state key of its name."""
    call = node.map.body if node.map is not None else node
    names = visit.names("item" if node.map is not None else "before")
    if names is None:
        return []
    given = [
        {"name": name, "source": expression.source, **outcome(expression, names)}
        for name, expression in call.inputs.items()
    ]
    return given + [
        {"name": name, "source": None, "ok": True, "value": _short(names[name])}
        for name in _params(call.tool)
        if name not in call.inputs and name in names
    ]


def _params(tool: str | None) -> list[str]:
    registry = toolbox.registry()
    known = tool is not None and tool in registry
    return [param.name for param in registry.get(tool).params] if known and tool else []


def _cut(values: Mapping[str, Json], where: str, cut: list[str]) -> dict[str, Json]:
    shown = {}
    for key, value in values.items():
        small = _fits(value)
        shown[key] = value if small else brief(value)
        if not small:
            cut.append(f"{where}.{key}")
    return shown


def _cut_op(op: Sequence[Json], cut: list[str]) -> list[Json]:
    if len(op) < 3 or _fits(op[2]):
        return list(op)
    cut.append(f"ops.{op[1]}")
    return [op[0], op[1], brief(op[2])]


def _fits(value: Json) -> bool:
    if isinstance(value, (dict, list, str)):
        return weight(value) <= LARGEST
    return True


def _short(value: Json) -> Json:
    return value if _fits(value) else brief(value)


def brief_run(run: Run) -> Item:
    """What tells one run from another."""
    return {
        "id": str(run.public_id),
        "status": run.status,
        "created_at": items.moment(run.created_at),
        "version": run.version.number,
    }


def outcome(expression: Expression, names: Mapping[str, Any]) -> Item:
    """{"ok": True, "value"} or {"ok": False, "error": {position, message, hint}}."""
    told = expressions.check(expression.source, names, sentences.kept)
    return {**told, "value": _short(told["value"])} if told["ok"] else told
