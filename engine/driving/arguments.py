"""Whether what a script gives to `run` is of the types that it takes."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.graph.model import Graph
from engine.limits import Limits
from engine.tools import ToolRegistry

_HINTS = {
    "graph": "Graph.from_dict(…) makes one of a document",
    "registry": "ToolRegistry() makes one, and its `tool` or `register` fills it",
}


def _is_mapping(value: Any) -> bool:
    return isinstance(value, Mapping)


def _is_clock(value: Any) -> bool:
    return hasattr(value, "now") and hasattr(value, "call_later")


def _is_store(value: Any) -> bool:
    return hasattr(value, "create") and hasattr(value, "journal")


_KNOWN: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "state": ("a dict", _is_mapping),
    "registry": ("a ToolRegistry", lambda value: isinstance(value, ToolRegistry)),
    "store": ("a Store", _is_store),
    "clock": ("a Clock", _is_clock),
    "schedule_seed": ("an int", lambda value: isinstance(value, int)),
    "limits": ("a dict or Limits", lambda v: _is_mapping(v) or isinstance(v, Limits)),
    "pinned": ("a dict", _is_mapping),
    "secrets": ("a dict or a function", lambda value: _is_mapping(value) or callable(value)),
    "workflows": ("a dict", lambda value: _is_mapping(value) or hasattr(value, "find")),
}
"""What each argument has to be where it is given, in words and as a question."""


def check_arguments(graph: Any, given: Mapping[str, Any]) -> None:
    """Raise TypeError for the first argument of another type, with its name and what is needed."""
    if not isinstance(graph, Graph):
        raise _not("a Graph", "graph", graph)
    for name, (needed, fits) in _KNOWN.items():
        value = given.get(name)
        if value is not None and not fits(value):
            raise _not(needed, name, value)


def _not(needed: str, name: str, value: Any) -> TypeError:
    found = "None" if value is None else type(value).__name__
    hint = _HINTS.get(name)
    return TypeError(f"{name}: {needed} is needed, not {found}{f'; {hint}' if hint else ''}")
