"""Two runs side by side, as the API and the page tell it."""

from typing import Any

from engine.telling.comparing import compare, differences
from studio.models import Run
from studio.queries import items, runs


def compared(a: Run, b: Run) -> dict[str, Any]:
    """Where the ways of two runs part, what their nodes did differently, and how their states
    differ now. The caller found both through `visible`, as `items.listed_runs` lists them."""
    told = [runs.journal(run) for run in (a, b)]
    found = compare(*told)
    states = [runs.glance(run).state for run in (a, b)]
    began = [journal[0].data.get("state", {}) if journal else {} for journal in told]
    return {
        "a": items.run_item(a),
        "b": items.run_item(b),
        "same_version": a.version.hash == b.version.hash,
        **found,
        "input": differences(*began),
        "state": differences(*states),
    }
