"""How a run begins: its first event, checked, so that every later fold of it succeeds."""

from collections.abc import Mapping
from typing import Any

from engine.events import Event, EventKind
from engine.graph.model import Graph
from engine.graph.part import Part, inside
from engine.graph.schema import check_state
from engine.limits import Limits
from engine.planning.pins import check_pins
from engine.values.jsonvalue import Cleaner, clean


def new_run(
    graph: Graph,
    state: Mapping[str, Any] | None = None,
    *,
    limits: Mapping[str, Any] | Limits | None = None,
    pinned: Mapping[str, Any] | None = None,
    start: str | None = None,
    until: str | None = None,
    error: Mapping[str, Any] | None = None,
    now: float = 0.0,
    parent: Mapping[str, Any] | None = None,
    tools: Mapping[str, str] | None = None,
) -> Event:
    """The first event of a run.

    With `start` it begins at that node, on the given state, and with `until` every branch ends
    when it has been at that node: the edges behind it are not taken, and a branch that can not
    come to it any more ends as well; `error` is what expressions see as `error` at its start, for
    a start behind an error edge. `pinned` gives nodes an output to use in place of their work,
    `parent` says for which activation of which run it works, `tools` what the code of its tools
    is like (see `engine.toolprints`), so that it is noticed when one changes under the run.

    Raises ValueRefused when the state or a pin is not JSON or the state does not fit the graph's
    schema, PinRefused about other pins, PartRefused when no run can go from `start` to `until`, and
    ValueError about limits.
    """
    part = Part(start, until)
    kept = inside(graph, part) if part else frozenset(graph.nodes)
    first = {**graph.state.defaults, **(state or {})}
    pins = dict(pinned or {})
    check_pins(graph, pins)
    cleaner = Cleaner()
    begin = cleaner.clean(first, "state")
    if graph.state.schema is not None:
        check_state(graph.state.schema, begin)
    data = {
        "state": begin,
        "graph": graph.hash,
        "limits": graph.limits.lowered(limits).as_dict(),
        "entry": [start] if start is not None else [name for name in graph.entry if name in kept],
    }
    if start is not None:
        data["start"] = start
    if until is not None:
        data["until"] = until
    if error is not None:
        data["error"] = clean(dict(error), "error")
    if parent is not None:
        data["parent"] = dict(parent)
    if tools:
        data["tools"] = dict(tools)
    if pins:
        data["pinned"] = clean(pins, "pinned")
    created = Event(EventKind.RUN_CREATED, data, time=now)
    created.memo = cleaner.size
    return created
