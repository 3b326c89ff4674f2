"""A whole run as one JSON file: what it began with, its documents, its journal and its states."""

from typing import Any

from studio.journal import codec
from studio.models import Run
from studio.queries import items, runs

FORMAT = "treadle-run/1"
MOST_STATE_BYTES = 16 * 1024 * 1024
"""States after each step are written up to this size; what follows can be folded from events."""


def downloaded(run: Run) -> dict[str, Any]:
    """Everything that is needed to look at the run again without the studio.

    {"format", "run", "input": {state, limits, pinned, from, to}, "versions": [{from_seq, id,
    number, hash, document}], "state", "states": [{seq, node, state}], "states_left_out", "events"}.
    Large values stand in the events themselves.
    """
    told = runs.journal(run)
    created = told[0].data if told else {}
    view = runs.view(run)
    states, left_out = _states(view)
    return {
        "format": FORMAT,
        "run": items.run_full(run),
        "input": {
            "state": created.get("state", {}),
            "limits": created.get("limits", {}),
            "pinned": created.get("pinned", {}),
            "from": created.get("start"),
            "to": created.get("until"),
        },
        "versions": _versions(run),
        "state": view.state,
        "states": states,
        "states_left_out": left_out,
        "events": [event.as_dict() for event in told],
    }


def _versions(run: Run) -> list[dict[str, Any]]:
    """The versions that the run was on, each from which event on."""
    found: list[dict[str, Any]] = []
    for seq in [1, *runs.moves(run)]:
        version = runs.version_at(run, seq)
        found.append(
            {
                "from_seq": seq,
                "id": str(version.public_id),
                "number": version.number,
                "hash": version.hash,
                "document": codec.decode(version.document),
            }
        )
    return found


def _states(view: runs.RunView) -> tuple[list[dict[str, Any]], int]:
    """The state after each step, the first ones, and how many are left out."""
    states: list[dict[str, Any]] = []
    size = 0
    for seq, node, state in view.steps:
        size += len(codec.encode(state))
        if size > MOST_STATE_BYTES:
            return states, len(view.steps) - len(states)
        states.append({"seq": seq, "node": node, "state": state})
    return states, 0
