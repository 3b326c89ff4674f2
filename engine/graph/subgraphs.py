"""Nodes that start runs of their own: reading them, and the graph that the body of a map makes."""

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from engine.graph.model import FORMAT, Callee, Graph
from engine.graph.reading import Fields
from engine.policies import NodeType

SUBGRAPH_KEYS = frozenset({"workflow", "version", "in", "out", "timeout"})
MAX_VERSION = 2**31 - 1

INPUTS = "map inputs"
"""State key under which a run of a map node's body finds the inputs of its tool."""
RESULT = "result"
"""State key under which such a run leaves what its tool gave."""


def read_callee(fields: Fields) -> Callee | None:
    """The workflow that is named, or None after reporting why it cannot be one."""
    workflow = fields.name("workflow")
    version = None
    if "version" in fields.raw:
        version = fields.whole("version", 1, 1, MAX_VERSION)
    return None if workflow is None else Callee(workflow, version)


def is_itself(graph: Graph, callee: Callee) -> bool:
    """Whether a graph starts itself: without a version that is the very version it stands in."""
    return callee.version is None and callee.workflow == graph.key


def starts_runs(graph: Graph) -> bool:
    """Whether a run of the graph can start runs of its own."""
    return next(_starting(graph), None) is not None


def split_pins(
    graph: Graph, pinned: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The pins of a graph's own nodes, and those of the runs that its nodes start, by node.

    `papers/fetch` is the node `fetch` of the workflow that the node `papers` runs.
    """
    below: dict[str, dict[str, Any]] = {}
    own: dict[str, Any] = {}
    for name, value in pinned.items():
        starting = [] if name in graph.nodes else [n for n in _starting(graph) if _is_in(name, n)]
        if starting:
            node = max(starting, key=len)
            below.setdefault(node, {})[name[len(node) + 1 :]] = value
        else:
            own[name] = value
    return own, below


def _starting(graph: Graph) -> Iterator[str]:
    """The nodes that start runs of other workflows."""
    for node in graph.nodes.values():
        called = node if node.map is None else node.map.body
        if called.runs is not None:
            yield node.id


def _is_in(name: str, node: str) -> bool:
    return name.startswith(f"{node}/")


@lru_cache(maxsize=256)
def body_graph(graph: Graph, node: str) -> Graph:
    """The tool of a map node's body as a graph of one node, for runs that any worker may drive."""
    raw = graph.to_dict()["nodes"][node]
    body = {key: value for key, value in raw["body"].items() if key != "inputs"}
    if raw["body"].get("inputs"):
        body["inputs"] = {name: _input(name) for name in raw["body"]["inputs"]}
    body |= {"type": NodeType.TOOL.value, "outputs": {RESULT: "result"}}
    title = raw.get("title") or node
    document: dict[str, Any] = {
        "format": FORMAT,
        "key": graph.key,
        "name": f"{graph.name}: {title}",
        "entry": [node],
        "nodes": {node: body},
        "edges": [],
        "limits": {"max_state_bytes": graph.limits.max_state_bytes},
    }
    return Graph.from_dict(document)


def _input(name: str) -> str:
    return f"state[{json.dumps(INPUTS)}][{json.dumps(name)}]"
