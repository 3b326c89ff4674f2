"""The format of the Mini Agent Workflow Engine, translated into a `treadle/1` document.

Its rules, kept: the first edge in order that matches is taken, an edge without a condition always
matches, a missing key compares as null, no match ends the run, and a loop has no bound of its own
(the step budget and the no-progress stop bound it).
"""

import json
import re
from typing import Any

from engine.expressions.lexer import UNSAFE
from engine.graph.model import FORMAT
from engine.graph.reading import Fields, Report, one_of, shorten
from engine.said import say

OPERATORS = {"eq": "==", "ne": "!=", "lt": "<", "gt": ">", "lte": "<=", "gte": ">="}
_TOP = frozenset({"nodes", "edges", "start_node", "name"})
_NODE = frozenset({"name", "tool"})
_EDGE = frozenset({"from_node", "to_node", "condition_key", "operator", "value"})
_WORDS = frozenset({"true", "false", "null", "in"})
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


def is_demo(document: dict[str, Any]) -> bool:
    """Whether the document has the demo's shape."""
    return "format" not in document and (
        "start_node" in document or isinstance(document.get("nodes"), list)
    )


def translate(document: dict[str, Any], report: Report) -> dict[str, Any] | None:
    """The same workflow as a `treadle/1` document, or None after reporting what is wrong."""
    top = Fields(document, (), report, _TOP)
    nodes, names = _nodes(document.get("nodes"), report)
    edges = _edges(document.get("edges", []), names, report)
    start = top.name("start_node")
    if start is not None and start not in names:
        report.add("unknown_node", "/start_node", say("start_node must be one of the nodes"))
    if report.problems:
        return None
    return {
        "format": FORMAT,
        "key": "graph",
        "name": top.text("name"),
        "entry": [start],
        "nodes": nodes,
        "edges": edges,
    }


def _nodes(raw: Any, report: Report) -> tuple[dict[str, Any], set[str]]:
    """The nodes that can be read, and the names of all that are there."""
    if not isinstance(raw, list) or not raw:
        said = say("nodes are a list of {name, tool}, at least one")
        report.add("wrong_type", "/nodes", said)
        return {}, set()
    made: dict[str, Any] = {}
    names: set[str] = set()
    for index, item in enumerate(raw):
        fields = Fields(item, ("nodes", index), report, _NODE)
        name, tool = fields.name("name"), fields.name("tool")
        if name is None:
            continue
        if name in names:
            said = say("two nodes are called {name}", name=shorten(name))
            report.add("double_node", fields.at("name"), said)
        names.add(name)
        if tool is not None:
            made[name] = {"type": "tool", "tool": tool, "route": "first", "on_no_route": "end"}
    return made, names


def _edges(raw: Any, nodes: set[str], report: Report) -> list[dict[str, Any]]:
    if not isinstance(raw, list):
        report.add("wrong_type", "/edges", say("edges are a list of {from_node, to_node, …}"))
        return []
    made = []
    for index, item in enumerate(raw):
        edge = _edge(Fields(item, ("edges", index), report, _EDGE), nodes)
        made.append({"id": f"e{index + 1}", **edge})
    return made


def _edge(fields: Fields, nodes: set[str]) -> dict[str, Any]:
    edge: dict[str, Any] = {}
    for ours, theirs in (("from", "from_node"), ("to", "to_node")):
        edge[ours] = fields.name(theirs)
        if edge[ours] is not None and edge[ours] not in nodes:
            fields.strange(theirs, edge[ours])
    edge["max"] = None
    if fields.raw.get("condition_key") is not None:
        edge["when"] = _condition(fields)
    return edge


def _condition(fields: Fields) -> str:
    """The demo's comparison as an expression."""
    key = fields.text("condition_key", limit=200)
    word = fields.raw.get("operator")
    if word is not None and word not in list(OPERATORS):
        fields.wrong("operator", one_of(OPERATORS))
        return "true"
    operator = OPERATORS[word or "eq"]
    plain = _PLAIN.fullmatch(key) and key not in _WORDS
    path = f".?{key}" if plain else f"[?{_literal(key)}]"
    return f"state{path}.orValue(null) {operator} {_literal(fields.raw.get('value'))}"


def _literal(value: Any) -> str:
    """A JSON value as the expression language writes it."""
    return UNSAFE.sub(_escaped, json.dumps(value, ensure_ascii=False))


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"
