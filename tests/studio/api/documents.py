"""Documents that API tests send."""

from typing import Any

Document = dict[str, Any]


def demo(tool: str = "trial.count", **changes: Any) -> Document:
    """The demo's format: count until `n` is 3, then stop."""
    return {
        "nodes": [{"name": "a", "tool": tool}, {"name": "b", "tool": "trial.count"}],
        "edges": [
            {"from_node": "a", "to_node": "a", "condition_key": "n", "operator": "lt", "value": 3},
            {"from_node": "a", "to_node": "b"},
        ],
        "start_node": "a",
        **changes,
    }


def native(tool: str = "trial.count", key: str = "count") -> Document:
    """A `treadle/1` document of one step."""
    return {
        "format": "treadle/1",
        "key": key,
        "name": "Count",
        "entry": ["a"],
        "nodes": {"a": {"type": "tool", "tool": tool}},
        "edges": [],
    }
