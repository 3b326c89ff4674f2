"""The shuffle test of a document: nothing is stored, and nothing outside is touched."""

import threading
from collections.abc import Mapping
from typing import Any

from engine import PinRefused, ValueRefused
from engine.planning.child_calls import FoundOnce
from engine.planning.pins import check_pins
from engine.said import quoted, say
from engine.testing import ShuffleReport, shuffle, unpinned
from studio.actions import workflows
from studio.actions.errors import ActionError
from studio.actions.pins import pin_refused
from studio.actions.values import value_refused
from studio.queries.subgraphs import OwnedWorkflows
from studio.queries.visible import Viewer
from studio.setup import toolbox

MAX_SCHEDULES = 200
_room = threading.BoundedSemaphore(2)


def shuffle_document(
    *,
    document: dict[str, Any],
    owner_id: int | None,
    user: Viewer = None,
    state: Mapping[str, Any] | None = None,
    pinned: Mapping[str, Any] | None = None,
    schedules: int = 50,
    seed: int = 0,
    max_seconds: float | None = None,
) -> ShuffleReport:
    """Run the document under many schedules, with no tool called that is neither pure nor pinned.

    Workflows that it runs are those of the owner and shared ones that `user` could run himself,
    and run along; without a user, at a command line, all of the owner's.

    At most two at a time in this process. Raises InvalidDocument, and ActionError that names the
    nodes to pin.
    """
    if not 1 <= schedules <= MAX_SCHEDULES:
        raise ActionError("E_SCHEDULES", say("Ask for 1 to {most} schedules.", most=MAX_SCHEDULES))
    graph = workflows.valid_graph(document)
    pins = dict(pinned or {})
    # Found here, all of them: the event loop of the test must not ask the database.
    others = FoundOnce(OwnedWorkflows(owner_id, user))
    try:
        check_pins(graph, pins, others)
    except PinRefused as error:
        raise pin_refused(error) from error
    if open_nodes := unpinned(graph, toolbox.registry(), pins, others):
        raise _must_be_pinned(open_nodes)
    if not _room.acquire(blocking=False):
        raise ActionError(
            "E_BUSY", say("Other shuffle tests are running: try again in a moment."), 429
        )
    try:
        return shuffle(
            graph,
            state,
            registry=toolbox.registry(),
            schedules=schedules,
            pinned=pins,
            seed=seed,
            max_seconds=max_seconds,
            workflows=others,
        )
    except ValueRefused as error:
        raise value_refused(say("A value"), error) from error
    finally:
        _room.release()


def _must_be_pinned(nodes: list[str]) -> ActionError:
    shown = ", ".join(nodes[:10]) + (", …" if len(nodes) > 10 else "")
    message = say("Pin what these nodes give, for their tools are not pure: {nodes}.", nodes=shown)
    details = [
        {
            "pointer": f"/pinned/{node.replace('~', '~0').replace('/', '~1')}",
            "code": "E_NOT_PINNED",
            "message": say(
                "{node} may act on the world outside: give its output in `pinned`.",
                node=quoted(node),
            ),
            "hint": "",
        }
        for node in nodes
    ]
    return ActionError("E_NOT_PINNED", message, 422, details)
