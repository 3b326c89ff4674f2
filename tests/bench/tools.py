"""Five pure steps for the HTTP bench, the same functions in both servers."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

State = dict[str, Any]


def split(state: State) -> State:
    state["words"] = state["text"].split()
    return state


def count(state: State) -> State:
    state["count"] = len(state["words"])
    return state


def longest(state: State) -> State:
    state["longest"] = max(state["words"], key=len)
    return state


def score(state: State) -> State:
    state["score"] = state["count"] * 2 + len(state["longest"])
    return state


def judge(state: State) -> State:
    state["ok"] = state["score"] > 10
    return state


STEPS: tuple[Callable[[State], State], ...] = (split, count, longest, score, judge)
NAMES = tuple(f"bench_{step.__name__}" for step in STEPS)
INITIAL: State = {"text": "a workflow runs end to end on real input"}

GRAPH = {
    "nodes": [{"name": name, "tool": name} for name in NAMES],
    "edges": [{"from_node": one, "to_node": other} for one, other in pairwise(NAMES)],
    "start_node": NAMES[0],
}
"""The five steps in the demo's format, which Treadle reads as well."""
