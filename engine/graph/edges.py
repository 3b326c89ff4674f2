"""Reading the edges of a document."""

from collections.abc import Collection, Mapping
from typing import Any

from engine.graph.model import Edge
from engine.graph.reading import Fields, Report, pointer, shorten
from engine.graph.waiting import alternatives_of
from engine.policies import EdgeOn
from engine.said import quoted, say

EDGE_KEYS = frozenset({"id", "from", "to", "when", "else", "on", "max", "resets", "label"})
MAX_USES = 1_000_000_000
MAX_EDGES = 50_000


def read_edges(raw: Any, nodes: Mapping[str, Any], report: Report) -> tuple[Edge, ...]:
    """The edges in document order; what is wrong is reported. `nodes` are those of the document."""
    if not isinstance(raw, list):
        report.add("wrong_type", "/edges", say("edges are a list of objects"))
        return ()
    if len(raw) > MAX_EDGES:
        said = say("{n} edges; at most {most}", n=len(raw), most=MAX_EDGES)
        report.add("too_many", "/edges", said)
        return ()
    ids = _ids(raw, report)
    made = []
    for index, fields in enumerate(raw):
        report.edge = ids[index]
        inner = Fields(fields, ("edges", index), report, EDGE_KEYS)
        edge = _edge(inner, ids[index], nodes)
        if edge is not None:
            made.append(edge)
    report.edge = None
    _check_resets(made, report)
    return tuple(made)


def _ids(raw: list[Any], report: Report) -> list[str]:
    """The id of each edge: its own, or `e` and its position for those that have none."""
    given = [edge.get("id") if isinstance(edge, dict) else None for edge in raw]
    taken = {name for name in given if isinstance(name, str)}
    seen: set[str] = set()
    made = []
    for index, name in enumerate(given):
        if name is None:
            made.append(_free_id(index, taken))
            continue
        if not isinstance(name, str) or not 0 < len(name) <= 200 or name.startswith("@"):
            message = say(
                "an edge id is text of 1 to 200 characters without '@': {found}",
                found=shorten(name),
            )
            report.add("wrong_type", pointer("edges", index, "id"), message)
        elif name in seen:
            message = say("two edges have the id {id}", id=shorten(name))
            report.add("double_id", pointer("edges", index, "id"), message)
        else:
            seen.add(name)
        made.append(name if isinstance(name, str) else _free_id(index, taken))
    return made


def _free_id(index: int, taken: set[str]) -> str:
    name = f"e{index + 1}"
    while name in taken:
        name += "_"
    taken.add(name)
    return name


def _edge(fields: Fields, name: str, nodes: Mapping[str, Any]) -> Edge | None:
    report, raw = fields.report, fields.raw
    source, target = _end("from", fields, nodes), _end("to", fields, nodes)
    when = fields.expression("when")
    is_else = fields.flag("else")
    if is_else and "when" in raw:
        hint = say("an else edge is taken when no condition of its node matched")
        said = say("an edge has `when` or `else`, not both")
        report.add("else_with_when", fields.where, said, hint)
    limit = fields.whole("max", 1, 1, MAX_USES) if raw.get("max") is not None else None
    on = _outcome(fields, alternatives_of(nodes.get(source or "")))
    resets = fields.texts("resets")
    fields.text("label", limit=200)
    if source is None or target is None:
        return None
    return Edge(name, source, target, on, when, is_else, limit, "max" in raw, resets)


def _outcome(fields: Fields, names: Collection[str]) -> str:
    """What the edge's node must have come to: a word of EdgeOn, or one of its alternatives."""
    word = fields.raw.get("on", EdgeOn.OK)
    if isinstance(word, str) and word in names:
        return word
    if not names or not isinstance(word, str) or word in list(EdgeOn):
        return fields.choice("on", EdgeOn, EdgeOn.OK)
    wait = quoted(fields.raw["from"], 80)
    message = say("the wait {wait} has no alternative {name}", wait=wait, name=shorten(word))
    hint = say(
        "its alternatives: {names}; or one of {words}",
        names=", ".join(names),
        words=", ".join(EdgeOn),
    )
    fields.report.add("unknown_alternative", fields.at("on"), message, hint)
    return EdgeOn.OK


def _end(key: str, fields: Fields, nodes: Collection[str]) -> str | None:
    name = fields.name(key)
    if name is not None and name not in nodes:
        fields.strange(key, name)
        return None
    return name


def _check_resets(edges: list[Edge], report: Report) -> None:
    known = {edge.id for edge in edges}
    for index, edge in enumerate(edges):
        for name in edge.resets:
            if name not in known:
                report.edge = edge.id
                said = say("no edge {id}", id=shorten(name))
                report.add("unknown_edge", pointer("edges", index, "resets"), said)
    report.edge = None
