"""The shuffle test of a document: nothing is stored, and nothing outside is touched."""

import threading
from collections.abc import Mapping
from typing import Any

from engine import ValueRefused
from engine.testing import ShuffleReport, shuffle, unpinned
from studio import toolbox
from studio.actions import workflows
from studio.actions.errors import ActionError

MAX_SCHEDULES = 200
_room = threading.BoundedSemaphore(2)


def shuffle_document(
    *,
    document: dict[str, Any],
    state: Mapping[str, Any] | None = None,
    pinned: Mapping[str, Any] | None = None,
    schedules: int = 50,
    seed: int = 0,
    max_seconds: float | None = None,
) -> ShuffleReport:
    """Run the document under many schedules, with no tool called that is neither pure nor pinned.

    At most two at a time in this process. Raises InvalidDocument, and ActionError that names the
    nodes to pin.
    """
    if not 1 <= schedules <= MAX_SCHEDULES:
        raise ActionError("E_SCHEDULES", f"Ask for 1 to {MAX_SCHEDULES} schedules.")
    graph = workflows.valid_graph(document)
    pins = dict(pinned or {})
    if open_nodes := unpinned(graph, toolbox.registry(), pins):
        raise _must_be_pinned(open_nodes)
    if not _room.acquire(blocking=False):
        raise ActionError("E_BUSY", "Other shuffle tests are running: try again in a moment.", 429)
    try:
        return shuffle(
            graph,
            state,
            registry=toolbox.registry(),
            schedules=schedules,
            pinned=pins,
            seed=seed,
            max_seconds=max_seconds,
        )
    except ValueRefused as error:
        detail = {"pointer": error.path, "code": "E_VALUE", "message": str(error), "hint": ""}
        raise ActionError("E_VALUE", f"A value is refused: {error}.", 400, [detail]) from error
    except ValueError as error:
        raise ActionError("E_PINNED", f"{error}.") from error
    finally:
        _room.release()


def _must_be_pinned(nodes: list[str]) -> ActionError:
    shown = ", ".join(nodes[:10]) + (", …" if len(nodes) > 10 else "")
    message = f"Pin what these nodes give, for their tools are not pure: {shown}."
    details = [
        {
            "pointer": f"/pinned/{node}",
            "code": "E_NOT_PINNED",
            "message": f"{node!r} may act on the world outside: give its output in `pinned`.",
            "hint": "",
        }
        for node in nodes
    ]
    return ActionError("E_NOT_PINNED", message, 422, details)
