"""A run that begins where another one stood: what its journal says after the copied part."""

from collections.abc import Mapping
from typing import Any

from engine.errors import EngineError, ValueRefused
from engine.events import Event, EventKind
from engine.graph.model import Graph
from engine.graph.schema import check_state
from engine.keeping.replay import Folded, fold
from engine.planning.evolve import evolve
from engine.planning.marking import Kin
from engine.planning.planner import view
from engine.planning.updates import MAX_KEY
from engine.policies import RunStatus
from engine.steering.moving import check_names, moved
from engine.values.jsonvalue import clean
from engine.values.state import DEL, SET, Op, weigh

_OVER = frozenset({RunStatus.COMPLETED, RunStatus.CANCELLING, RunStatus.CANCELLED})
_STOPPED = frozenset({RunStatus.PAUSED, RunStatus.FAILED})


class RunIsOver(EngineError):
    """At that event nothing of the run is left to go on with."""


def fork(
    graph: Graph,
    events: list[Event],
    *,
    run: str,
    patch: Mapping[str, Any] | None = None,
    kin: Kin | None = None,
    target: Graph | None = None,
    names: Mapping[str, str] | None = None,
    now: float = 0.0,
    **told: Any,
) -> list[Event]:
    """What follows a copy of `events` so that a new run goes on from there.

    `patch` sets keys of the state in every branch; null removes a key. With `target` it goes on by
    that version, as in `moving.move`; `told` is written into the event that says so. Raises
    RunIsOver, MapRefused, NoHome, and ValueRefused when the patch is not JSON, or the state would
    not fit the graph or its limit.
    """
    folded = fold(graph, events, kin)
    if folded.status in _OVER:
        raise RunIsOver(f"the run was {folded.status} there")
    made: list[Event] = []
    version = folded.marking.plan.graph
    if target is not None and target.hash != version.hash:
        check_names(version, target, names or {})
        made.append(moved(target, names or {}, now, **told))
        folded.marking.kin = lambda _: target
        version = target
    if folded.status in _STOPPED:
        made.append(Event(EventKind.RUN_RESUMED, {}, time=now))
    data = {"run": run, "seq": folded.seq, "ops": _ops(patch or {})}
    made.append(Event(EventKind.RUN_FORKED, data, time=now))
    for event in made:
        evolve(folded.marking, event)
    _check(version, folded)
    return made


def _ops(patch: Mapping[str, Any]) -> list[Op]:
    long = next((key for key in patch if len(str(key)) > MAX_KEY), None)
    if long is not None:
        raise ValueRefused(f"{long:.40}", f"a state key has at most {MAX_KEY} characters")
    cleaned: dict[str, Any] = clean(dict(patch), "state_patch")
    return [[DEL, key] if value is None else [SET, key, value] for key, value in cleaned.items()]


def _check(graph: Graph, folded: Folded) -> None:
    if graph.state.schema is not None:
        check_state(graph.state.schema, view(folded.marking))
    limit = folded.marking.limits.max_state_bytes
    for token in folded.marking.in_order():
        weight = weigh(token.version.data)
        if weight > limit:
            said = f"would take {weight:,} bytes, {limit:,} are allowed"
            raise ValueRefused("state", said)
