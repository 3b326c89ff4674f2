"""The items of map nodes: opened as there is room, and what becomes of each. Called by `evolve`.

A map node's activation stays open and holds its token. Each item is an activation of its own, with
a number of its own: attempts, retries, timeouts and recovery are those of any other tool call.
"""

from collections.abc import Mapping
from typing import Any

from engine import failing
from engine.errors import Code, RunError
from engine.expressions import Expression, ExpressionError
from engine.graph.model import MapSpec
from engine.planning import parking
from engine.planning.marking import Activation, Item, Items, Marking
from engine.planning.routing import scope
from engine.policies import ActivationStatus, OnItemError
from engine.said import quoted
from engine.values.jsonvalue import Json, brief

_READY = ActivationStatus.READY
_RUNNING = ActivationStatus.RUNNING
_WAITING = ActivationStatus.WAITING
_UNDER_WAY = (_RUNNING, ActivationStatus.CHILD, _WAITING)
_LEAVABLE = (_READY, ActivationStatus.RETRY_WAIT)


def listed(marking: Marking, activation: Activation) -> list[Json]:
    """The list that a map node works on. Raises RunError (E_EXPRESSION, E_INPUT)."""
    spec, token, node = _spec(activation), activation.token, activation.place.id
    names = scope(token.version.data, error=token.error, iteration=activation.visit)
    values = evaluated("over", spec.over, names, node)
    if not isinstance(values, list):
        message = failing.NO_LIST(
            node=node, source=quoted(spec.over.source, 200), value=repr(brief(values))
        )
        raise RunError(Code.INPUT, message, node=node, details={"key": "over"})
    most = min(spec.max_items or marking.limits.max_items, marking.limits.max_items)
    if len(values) > most:
        message = failing.TOO_MANY_ITEMS(node=node, n=len(values), most=most)
        details = {"key": "over", "items": len(values), "max_items": most}
        raise RunError(Code.INPUT, message, node=node, details=details)
    return values


def evaluated(key: str, expression: Expression, names: Mapping[str, Any], node: str) -> Any:
    """The value of one of a map node's expressions. Raises RunError (E_EXPRESSION)."""
    try:
        return expression.evaluate(names)
    except ExpressionError as error:
        raise RunError(
            Code.EXPRESSION,
            failing.FIELD_EXPRESSION(key=key, node=node, why=f"{error}\n{error.caret}"),
            node=node,
            details={"key": key, "source": error.source, **error.as_dict()},
        ) from None


def names_of_item(item: Activation) -> tuple[dict[str, Json], dict[str, Any]]:
    """What the body finds for an item: state keys, and more names for its expressions."""
    data = item.token.version.data
    of = _of(item)
    name, value = _spec(of).name, item.value
    there = {**data, name: value, "index": item.index}
    return there, {"item": value, "state": data}


def outcome(activation: Activation, items: Items) -> dict[str, Any]:
    """What `complete_when` and `collect` see: done, failed, total, and results by index."""
    return {
        "done": len(items.results),
        "failed": len(items.failures),
        "total": len(items.values),
        "results": _results(activation, items),
    }


def failure(activation: Activation, items: Items) -> RunError | None:
    """Why a map node fails, now that its items have come to rest: the first item that failed."""
    if items.error is not None or _spec(activation).on_item_error is not OnItemError.FAIL:
        return items.error
    if not items.failures:
        return None
    index = min(items.failures)
    error, attempts = items.failures[index]
    node = activation.place.id
    message = failing.ITEM(index=index, node=node, why=error.message)
    details = {**error.details, "item": index, "attempts": attempts}
    return RunError(error.code, message, node=node, details=details)


def _results(activation: Activation, items: Items) -> list[Json]:
    """The results so far, in the order of the list."""
    results = items.results
    if _spec(activation).on_item_error is OnItemError.COLLECT and items.failures:
        results = {**results, **{at: _entry(error) for at, (error, _) in items.failures.items()}}
    return [results[at] for at in sorted(results)]


def _entry(error: RunError) -> Json:
    """A failed item among the results."""
    kind = error.details.get("type", "")
    return {"error": {"code": error.code, "type": kind, "message": error.message}}


def under_way(marking: Marking, activation: Activation) -> list[Activation]:
    """The items of an activation whose tools or runs are on, or that wait for somebody; none, if it
    is no map node's."""
    items = marking.maps.get(activation.id)
    if items is None:
        return []
    return [item for item in (*items.open.values(), *items.aside) if item.status in _UNDER_WAY]


# Changes --------------------------------------------------------------------------------------


def begin(marking: Marking, activation: Activation, known: list[Json] | None) -> int:
    """The map node takes its list; answers how many items there are."""
    values = listed(marking, activation) if known is None else known
    marking.inline.pop(activation.id, None)
    marking.maps[activation.id] = Items(values)
    activation.status = ActivationStatus.ITEMS
    activation.attempts += 1
    go_on(marking, activation)
    return len(values)


def succeeded(marking: Marking, item: Activation, result: Json) -> None:
    """An item is done."""
    of = _of(item)
    items = marking.maps[of.id]
    marking.running -= item.status is _RUNNING
    _take_out(marking, items, item)
    items.results[item.index] = result
    _look(of, items)
    go_on(marking, of)


def failed(marking: Marking, item: Activation, error: RunError) -> None:
    """An item failed for good; its attempt is no longer counted as running."""
    of = _of(item)
    items = marking.maps[of.id]
    _take_out(marking, items, item)
    items.failures[item.index] = error, item.attempts
    if _spec(of).on_item_error is OnItemError.FAIL:
        items.aside.append(item)
    else:
        _look(of, items)
    go_on(marking, of)


def go_on(marking: Marking, of: Activation) -> None:
    """Open items while there is room; decide about the node once nothing is left to wait for."""
    items, spec = marking.maps[of.id], _spec(of)
    failing = items.error is not None or (
        bool(items.failures) and spec.on_item_error is OnItemError.FAIL
    )
    if failing:
        _set_aside(marking, items)
    elif not items.over:
        _fill(marking, of, items)
    if of.status is ActivationStatus.ITEMS and (items.over or not items.open):
        marking.inline[of.id] = of


def reopen(marking: Marking, activation: Activation) -> None:
    """A resumed run takes up what a failed map has left, each item under its old number."""
    items = marking.maps[activation.id]
    if _spec(activation).on_item_error is OnItemError.FAIL:
        items.failures.clear()
    items.error = None
    activation.status = ActivationStatus.ITEMS
    activation.attempts += 1
    aside, items.aside = sorted(items.aside, key=lambda item: item.index), []
    for item in aside:
        item.tries = item.losses = 0
        item.error = item.came = None
        if item.status is not _WAITING:
            item.status = _READY
        _open(marking, items, item)
    go_on(marking, activation)


def close(marking: Marking, activation: Activation) -> None:
    """The map node is done with its items, if it is one; what is left of them is withdrawn."""
    items = marking.maps.pop(activation.id, None)
    if items is None:
        return
    for item in list(items.open.values()):
        marking.running -= item.status is _RUNNING
        _take_out(marking, items, item)
    for item in items.aside:
        _forget(marking, item)


def _fill(marking: Marking, of: Activation, items: Items) -> None:
    """Open the next items while the window has room."""
    window = _spec(of).max_concurrency or marking.limits.max_parallel
    body = of.place.body
    while body is not None and len(items.open) < window and items.next < len(items.values):
        number = marking.next_activation
        marking.next_activation = number + 1
        _open(marking, items, Item(number, body, items.next, items.values[items.next], of))
        items.next += 1


def _open(marking: Marking, items: Items, item: Activation) -> None:
    items.open[item.id] = marking.activations[item.id] = item
    if item.status is _WAITING:
        return
    at_once = item.place.inline or parking.asks_again(item)
    (marking.inline if at_once else marking.ready)[item.id] = item


def _take_out(marking: Marking, items: Items, item: Activation) -> None:
    del items.open[item.id]
    _forget(marking, item)


def _forget(marking: Marking, item: Activation) -> None:
    marking.activations.pop(item.id, None)
    marking.ready.pop(item.id, None)
    marking.inline.pop(item.id, None)
    marking.waiting.pop(item.id, None)
    marking.troubled.pop(item.id, None)


def _set_aside(marking: Marking, items: Items) -> None:
    """The map will fail: what does not run is left to a resume. What waits for an answer still
    takes it.
    """
    for item in list(items.open.values()):
        if item.status is _WAITING:
            del items.open[item.id]
            items.aside.append(item)
        elif item.status in _LEAVABLE:
            _take_out(marking, items, item)
            items.aside.append(item)


def _look(of: Activation, items: Items) -> None:
    """See whether the rest of the items is needed."""
    when = _spec(of).complete_when
    if when is None or items.error is not None:
        return
    node = of.place.id
    seen: dict[str, Any] = {
        "done": len(items.results),
        "failed": len(items.failures),
        "total": len(items.values),
    }
    if "results" in when.names:
        seen["results"] = _results(of, items)
    data = of.token.version.data
    try:
        value = evaluated("complete_when", when, {**data, **seen, "state": data}, node)
    except RunError as error:
        items.error = error
        return
    if value is True:
        items.over = True
    elif value is not False:
        message = failing.COMPLETE_WHEN(node=node, value=repr(brief(value)))
        items.error = RunError(Code.EXPRESSION, message, node=node)


def _spec(activation: Activation) -> MapSpec:
    spec = activation.place.node.map
    if spec is None:
        raise ValueError(f"{activation.place.id!r} is no map node")
    return spec


def _of(item: Activation) -> Activation:
    if item.of is None:
        raise ValueError(f"activation {item.id} is no item")
    return item.of
