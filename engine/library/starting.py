"""`workflow.start`: start a run of another workflow and go on, without waiting for its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from engine.driving.context import ToolContext

__all__ = ["Starter", "start_tool"]


class Starter(Protocol):
    """Whoever keeps runs and starts them."""

    def __call__(
        self, caller: str, workflow: str, version: int | None, state: dict[str, Any], key: str
    ) -> str:
        """Start the run, or find the one that this key started before; its id.

        `caller` is the run that asks, whose rights count. Raises ValueError for what cannot be
        started, ConnectionError for what may work a little later.
        """


def start_tool(start: Starter) -> Callable[..., Any]:
    """The tool, for somebody who starts runs."""

    def start_workflow(
        ctx: ToolContext,
        workflow: str,
        start_state: dict[str, Any] | None = None,
        version: int | None = None,
        key: str = "",
    ) -> dict[str, str]:
        """Start another workflow and go on at once. Returns {"run": its id}.

        `workflow` is the key of a workflow of yours or of a shared one, `version` the number of a
        published version; without it the one that is published now. One visit of a step starts
        one run, however often it is tried; with a `key` all steps of all runs that give the same
        one do. A step that has to wait for the end is a subgraph.
        """
        if start_state is not None and not isinstance(start_state, dict):
            raise ValueError(f"start_state is an object, not {start_state!r:.80}")
        wanted = f"start:{workflow}:{key}" if key else f"start:{ctx.idempotency_key}"
        return {"run": start(ctx.run_id, workflow, version, start_state or {}, wanted)}

    return start_workflow
