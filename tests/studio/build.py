"""Workflows for tests, made the way the product makes them."""

from itertools import pairwise
from typing import Any

from django.contrib.auth.models import User

from studio.actions.workflows import create_workflow, publish
from studio.models import Version

Document = dict[str, Any]


def chain(tool: str, length: int = 3, key: str = "chain") -> Document:
    """`length` nodes s1 → s2 → …, each calling the tool."""
    names = [f"s{number}" for number in range(1, length + 1)]
    return {
        "format": "treadle/1",
        "key": key,
        "name": key,
        "entry": ["s1"],
        "nodes": {name: {"type": "tool", "tool": tool} for name in names},
        "edges": [
            {"id": f"e{i}", "from": one, "to": other}
            for i, (one, other) in enumerate(pairwise(names), 1)
        ],
    }


def loop(tool: str, rounds: int) -> Document:
    """One node that calls the tool until `n` reaches `rounds`."""
    return {
        "format": "treadle/1",
        "key": "loop",
        "name": "loop",
        "entry": ["a"],
        "limits": {"max_steps": rounds + 10},
        "nodes": {"a": {"type": "tool", "tool": tool}, "done": {"type": "end"}},
        "edges": [
            {"id": "again", "from": "a", "to": "a", "when": f"n < {rounds}", "max": rounds + 1},
            {"id": "out", "from": "a", "to": "done", "else": True},
        ],
    }


def published(document: Document, user: User | None = None) -> Version:
    """A published version of a new workflow."""
    return publish(user=user, workflow=create_workflow(user=user, document=document))
