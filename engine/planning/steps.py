"""One step of a run: an update becomes a commit, and the token gets its way on. Pure."""

from collections.abc import Iterable, Sequence
from typing import Any

from engine import failing
from engine.errors import Code, RunError
from engine.events import Event, EventKind
from engine.planning import evolve as change
from engine.planning import items, parking, pins
from engine.planning.marking import Activation, Marking
from engine.planning.routing import Report, choose, scope
from engine.planning.signals import Decision, ItemSucceeded
from engine.planning.updates import Update, from_mapping, from_result
from engine.planning.withdrawal import caught, waiting
from engine.policies import ActivationStatus, EdgeOn, OnError
from engine.values.jsonvalue import Json
from engine.values.state import Op, StateRules, apply, weigh

_SUCCEEDED = EventKind.ATTEMPT_SUCCEEDED
_READY = ActivationStatus.READY


def emit(marking: Marking, decision: Decision, event: Event) -> None:
    change.evolve(marking, event)
    # From here on it changes with the marking; whoever folds the event works it out anew.
    event.memo = None
    decision.events.append(event)


def about(kind: EventKind, activation: Activation, data: dict[str, Any], att: int) -> Event:
    if activation.of is not None:
        data["item"] = activation.index
    return Event(kind, data, activation.place.id, activation.id, att)


def commit(
    marking: Marking,
    activation: Activation,
    update: Update,
    decision: Decision,
    ms: float | None,
) -> None:
    """Make the update part of the state and send the token on."""
    place = activation.place
    token = activation.token
    if update.size and update.size > token.version.spare:
        error = _weigh(marking, activation, update.ops)
        if error is not None:
            refuse(marking, activation, error, decision)
            return
    if place.node.cancels and token.orphans is None:
        cancel_others(marking, activation, decision)
    token.version.spare -= update.size
    number = change.commit(marking, activation, update.ops)
    data: dict[str, Any] = {"ops": update.ops, "edges": (), "commit": number}
    if ms is not None:
        data["ms"] = ms
    elif place.id in marking.pinned:
        data["pinned"] = True
    event = Event(_SUCCEEDED, data, place.id, activation.id, attempt(activation))
    if marking.shows_states:
        event.memo = dict(activation.token.version.data)
    decision.events.append(event)
    data["edges"], error = _way_on(marking, activation)
    if error is not None:
        data["error"] = error.as_dict()
    change.depart(marking, activation, data["edges"], error)
    if place.node.terminate:
        stop(marking, marking.activations.values(), decision)
        emit(marking, decision, Event(EventKind.RUN_COMPLETED, {"by": place.id}))
    for path in update.mended:
        _warn_mended(marking, activation, path, decision)


def cancel_others(marking: Marking, activation: Activation, decision: Decision) -> None:
    """A node that cancels others completes: their tokens are withdrawn, its own is not."""
    place = activation.place
    places = marking.plan.bits(place.node.cancels)
    found = [a for a in caught(marking, marking, places) if a is not activation]
    if found or waiting(marking, places):
        stop(marking, with_items(marking, found), decision)
        data = {"withdrawn": [a.id for a in found]}
        emit(marking, decision, Event(EventKind.TOKENS_WITHDRAWN, data, place.id))


def stop(marking: Marking, activations: Iterable[Activation], decision: Decision) -> None:
    """Have the attempts, child runs and items' questions of activations that are being withdrawn
    stopped."""
    for activation in list(activations):
        if activation.status is ActivationStatus.RUNNING:
            decision.stops.append(activation)
        elif activation.status is ActivationStatus.CHILD and activation.child is not None:
            run = activation.child.run
            decision.drops.append(run)
            event = about(EventKind.CHILD_DROPPED, activation, {"run": run}, activation.attempts)
            emit(marking, decision, event)
        elif activation.status is ActivationStatus.WAITING and activation.of is not None:
            data = {"wait": activation.waits[0]["id"], "how": parking.DROPPED}
            event = about(EventKind.WAIT_CLOSED, activation, data, activation.attempts)
            emit(marking, decision, event)


def with_items(marking: Marking, activations: Iterable[Activation]) -> list[Activation]:
    """The activations, and those of the items that map nodes among them are at."""
    found = list(activations)
    return found + [item for each in found for item in items.under_way(marking, each)]


def _way_on(marking: Marking, activation: Activation) -> tuple[Sequence[Report], RunError | None]:
    """The reports of the edges a finished activation takes, or why it cannot go on."""
    place = activation.place
    if place.only is not None:
        return place.only.taken, None
    token = activation.token
    stage = token.orphans or marking
    reports, error = choose(
        stage,
        place,
        token.version.data,
        token.error,
        visit=activation.visit,
        alternative=_alternative(marking, activation),
    )
    if error is not None:
        blocked = [{**report, "taken": False} for report in reports]
        return blocked, error if token.orphans is None else None
    return reports, None


def _alternative(marking: Marking, activation: Activation) -> str:
    """By which of several things that it waited for the node is left, if it did."""
    if activation.came:
        return str(activation.came.get("on", ""))
    node = activation.place.node
    pinned = node.awaited and node.id in marking.pinned
    return pins.alternative_of(node, marking.pinned[node.id]) if pinned else ""


def _weigh(marking: Marking, activation: Activation, ops: Sequence[Op]) -> RunError | None:
    """Weigh the state as it would be; notes what is left of the limit."""
    version = activation.token.version
    after = version.data.copy()
    apply(after, ops, marking.plan.reducers)
    limit = marking.limits.max_state_bytes
    weight = weigh(after)
    if weight > limit:
        message = failing.STATE_SIZE(n=weight, most=limit)
        return RunError(Code.STATE_SIZE, message, node=activation.place.id)
    version.spare = limit - weight
    return None


def refuse(marking: Marking, activation: Activation, error: RunError, decision: Decision) -> None:
    """The tool returned, but its update cannot be taken: the attempt failed."""
    data: dict[str, Any] = {"error": error.as_dict()}
    handle(marking, activation, error, data, timed_out=error.code == Code.TIMEOUT)
    emit(marking, decision, about(EventKind.ATTEMPT_FAILED, activation, data, attempt(activation)))


def attempt(activation: Activation) -> int:
    """The number of the attempt that ends now; a node without a tool starts none before it."""
    fresh = activation.status is _READY and activation.child is None
    return activation.attempts + fresh


def handle(
    marking: Marking,
    activation: Activation,
    error: RunError,
    data: dict[str, Any],
    *,
    timed_out: bool,
) -> None:
    """Add the edges to `data` by which a final failure is handled, if it is.

    The failure of an orphan ends its branch: nobody waits for it.
    """
    place, version = activation.place, activation.token.version
    seen = change.carried(error, attempt(activation))
    stage = marking.stage_of(activation.token)
    outcomes = (EdgeOn.TIMEOUT, EdgeOn.ERROR) if timed_out else (EdgeOn.ERROR,)
    for on in outcomes:
        reports, stuck = choose(stage, place, version.data, seen, on, activation.visit)
        if stuck is None and any(report["taken"] for report in reports):
            data["edges"] = reports
            return
    if place.node.on_error is OnError.END_BRANCH:
        data["edges"] = []
    elif place.node.on_error is OnError.CONTINUE:
        reports, stuck = choose(stage, place, version.data, seen, visit=activation.visit)
        if stuck is None:
            data["edges"] = reports
    if stage is not marking:
        data.setdefault("edges", [])


def _warn_mended(marking: Marking, activation: Activation, path: str, decision: Decision) -> None:
    message = f"{path}: U+0000 and halves of surrogate pairs became U+FFFD"
    data = {"code": "text_mended", "message": message}
    emit(marking, decision, about(EventKind.WARNING, activation, data, activation.attempts))


def do_inline(marking: Marking, activation: Activation, decision: Decision) -> None:
    """A node that calls no tool: its update is known at once."""
    if activation.status is ActivationStatus.STUCK:
        _reroute(marking, activation, decision)
        return
    left: list[Activation] = []
    try:
        if _lacks_items(marking, activation):
            _begin_map(marking, activation, decision)
            return
        left = items.under_way(marking, activation)
        update = _inline_update(marking, activation)
    except RunError as error:
        refuse(marking, activation, error, decision)
    else:
        commit(marking, activation, update, decision, None)
    if left and activation.id not in marking.maps:
        stop(marking, left, decision)


def _lacks_items(marking: Marking, activation: Activation) -> bool:
    """Whether it is a map node that has yet to take its list."""
    place = activation.place
    return (
        place.body is not None
        and activation.id not in marking.maps
        and place.id not in marking.pinned
    )


def _begin_map(marking: Marking, activation: Activation, decision: Decision) -> None:
    values = items.listed(marking, activation)
    data = {"count": len(values)}
    event = about(EventKind.MAP_STARTED, activation, data, activation.attempts + 1)
    event.memo = values
    emit(marking, decision, event)


def finish_item(marking: Marking, signal: ItemSucceeded, decision: Decision) -> None:
    """Keep what an item of a map node gave."""
    item = signal.activation
    data: dict[str, Any] = {"result": signal.result, "ms": signal.ms}
    emit(marking, decision, about(_SUCCEEDED, item, data, item.attempts))
    for path in signal.mended:
        _warn_mended(marking, item, path, decision)


def _reroute(marking: Marking, activation: Activation, decision: Decision) -> None:
    """A resumed run looks once more for a way on from a node whose work is done."""
    reports, error = _way_on(marking, activation)
    data: dict[str, Any] = {"edges": reports}
    if error is not None:
        data["error"] = error.as_dict()
    emit(marking, decision, about(EventKind.EDGES_TAKEN, activation, data, activation.attempts))


def _inline_update(marking: Marking, activation: Activation) -> Update:
    node = activation.place.node
    data = activation.token.version.data
    names = {"error": activation.token.error, "iteration": activation.visit}
    rules = marking.plan.rules
    if node.map is not None:
        return _map_update(marking, activation)
    if node.id in marking.pinned and node.runs is not None:
        return update_of(activation, marking.pinned[node.id], rules)
    if node.id in marking.pinned:
        output = marking.pinned[node.id]
        if node.awaited:
            came = pins.brought(node, output)
            return from_result(node, came.result, data, rules, names=names, there=came.names)
        return from_result(node, output, data, rules, names=names)
    if not node.set:
        return Update(node, data, rules)
    return from_mapping(node, node.set, data, rules, names)


def update_of(activation: Activation, state: Json, rules: StateRules) -> Update:
    """What the final state of a child changes in its parent's. Raises RunError."""
    token, node = activation.token, activation.place.node
    data = token.version.data
    update = Update(node, data, rules)
    names = scope(data, error=token.error, iteration=activation.visit)
    update.evaluate(node.outputs or {}, {**names, "result": state, "state": state})
    return update


def _map_update(marking: Marking, activation: Activation) -> Update:
    """What the results of a map node's items change. Raises RunError: its own, or an item's."""
    node, data = activation.place.node, activation.token.version.data
    known = marking.maps.get(activation.id)
    if known is None:
        pinned = marking.pinned[node.id]
        count = len(pinned) if isinstance(pinned, list) else 1
        seen = {"done": count, "failed": 0, "total": count, "results": pinned}
    else:
        error = items.failure(activation, known)
        if error is not None:
            raise error
        seen = items.outcome(activation, known)
    update = Update(node, data, marking.plan.rules)
    if node.outputs is None:
        update.put(node.id, seen["results"])
    else:
        update.evaluate(node.outputs, {**data, **seen, "state": data})
    return update
