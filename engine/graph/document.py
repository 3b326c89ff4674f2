"""Reading a document into a Graph, with every problem and none of the surprises."""

from collections.abc import Mapping
from typing import Any

from engine.errors import GraphError, Problem
from engine.graph import demo
from engine.graph.canonical import canonical_document, graph_hash
from engine.graph.edges import read_edges
from engine.graph.model import FORMAT, Edge, Graph, Node, StateSpec
from engine.graph.nodes import read_node
from engine.graph.queues import read_queue
from engine.graph.reading import (
    Fields,
    Report,
    TooManyProblems,
    one_of,
    pointer,
    scan,
    shorten,
)
from engine.graph.schema import schema_problem
from engine.limits import LIMIT_KEYS, LimitRefused, Limits, changed
from engine.policies import ConflictPolicy, FailureMode
from engine.said import say
from engine.values.reducers import reducer_names

MAX_NODES = 20_000
MAX_EDGES = 50_000

_TEXTS = frozenset({"key", "name", "description"})
_TOP = _TEXTS | {
    "format",
    "entry",
    "state",
    "limits",
    "nodes",
    "edges",
    "layout",
    "meta",
    "failure_mode",
    "queue",
}
_STATE = frozenset({"schema", "defaults", "reducers", "on_conflict"})


def read_graph(document: Any) -> Graph:
    """The graph of a document in either format. Raises GraphError with every problem."""
    graph, problems = try_read(document)
    if graph is None:
        raise GraphError(problems)
    return graph


def try_read(document: Any) -> tuple[Graph | None, list[Problem]]:
    """The graph, or None and what is wrong with the document."""
    report = Report()
    try:
        graph = _read(document, report)
    except TooManyProblems:
        graph = None
    return (None if report.problems else graph), report.problems


def _read(document: Any, report: Report) -> Graph | None:
    if not isinstance(document, dict):
        said = say("a graph is a JSON object, not {found}", found=shorten(document))
        report.add("wrong_type", "", said)
        return None
    if not scan(document, report):
        return None
    if demo.is_demo(document):
        translated = demo.translate(document, report)
        return None if translated is None else _read_native(translated, report)
    return _read_native(document, report)


def _read_native(document: dict[str, Any], report: Report) -> Graph | None:
    top = Fields(document, (), report, _TOP)
    if document.get("format") != FORMAT:
        hint = say('write "format": "{format}"', format=FORMAT)
        report.add("bad_format", "/format", say("not a {format} document", format=FORMAT), hint)
    for key in sorted(_TEXTS):
        top.text(key, limit=200 if key == "key" else 10_000)
    raw_nodes = top.mapping("nodes")
    nodes = _nodes(raw_nodes, report)
    declared = raw_nodes.keys()
    edges = read_edges(document.get("edges", []), raw_nodes, report)
    entry = _entry(top, declared, report)
    state, limits = _state(top, report), _limits(top, report)
    layout = _layout(top, declared, report)
    failure_mode = top.choice("failure_mode", FailureMode, FailureMode.DRAIN)
    queue = read_queue(top)
    top.mapping("meta")
    if report.problems:
        return None
    return _build(document, nodes, edges, entry, state, limits, failure_mode, layout, queue)


def _build(
    document: dict[str, Any],
    nodes: dict[str, Node],
    edges: tuple[Edge, ...],
    entry: tuple[str, ...],
    state: StateSpec,
    limits: Limits,
    failure_mode: FailureMode,
    layout: dict[str, list[float]],
    queue: str,
) -> Graph:
    canonical = canonical_document(document, edges)
    return Graph(
        nodes=nodes,
        edges=edges,
        entry=entry,
        state=state,
        limits=limits,
        failure_mode=failure_mode,
        layout=layout,
        queue=queue,
        document=canonical,
        hash=graph_hash(canonical),
    )


def _nodes(raw: Mapping[str, Any], report: Report) -> dict[str, Node]:
    if not raw and all(problem.pointer != "/nodes" for problem in report.problems):
        report.add("no_nodes", "/nodes", say("a graph needs at least one node"))
    if len(raw) > MAX_NODES:
        said = say("{n} nodes; at most {most}", n=len(raw), most=MAX_NODES)
        report.add("too_many", "/nodes", said)
        return {}
    made = {}
    for name, fields in raw.items():
        report.node = name
        node = read_node(name, fields, raw, report)
        if node is not None:
            made[name] = node
    report.node = None
    return made


def _entry(top: Fields, nodes: Any, report: Report) -> tuple[str, ...]:
    entry = top.texts("entry")
    if not entry and "entry" not in top.raw:
        top.missing("entry", say("for example {example}", example='"entry": ["first"]'))
    elif not entry and top.raw["entry"] == []:
        report.add("no_entry", "/entry", say("a graph needs at least one entry node"))
    for index, name in enumerate(entry):
        if name not in nodes:
            top.strange("entry", name, index)
        elif name in entry[:index]:
            said = say("{name} is listed twice", name=shorten(name))
            report.add("double_entry", pointer("entry", index), said)
    return entry


def _state(top: Fields, report: Report) -> StateSpec:
    fields = Fields(top.mapping("state"), ("state",), report, _STATE)
    reducers = _words(fields, "reducers", reducer_names(), report)
    conflicts = _words(fields, "on_conflict", tuple(ConflictPolicy), report)
    schema = fields.mapping("schema") if "schema" in fields.raw else None
    problem = None if schema is None else schema_problem(schema)
    if problem is not None:
        said = say("not a JSON Schema that can be used: {problem}", problem=problem)
        report.add("bad_schema", "/state/schema", said)
    return StateSpec(
        schema=schema,
        defaults=fields.mapping("defaults"),
        reducers={key: name for key, name in reducers.items() if name != "replace"},
        on_conflict={key: ConflictPolicy(word) for key, word in conflicts.items()},
    )


def _words(fields: Fields, key: str, allowed: tuple[str, ...], report: Report) -> dict[str, str]:
    """A mapping of state keys to one of the allowed words."""
    made = {}
    for name, word in fields.mapping(key).items():
        if isinstance(word, str) and word in allowed:
            made[name] = word
        else:
            said = say("{key}: {word} is not known", key=key, word=shorten(word))
            report.add("unknown_word", fields.at(key, name), said, one_of(allowed))
    return made


def _limits(top: Fields, report: Report) -> Limits:
    limits = Limits()
    fields = Fields(top.mapping("limits"), ("limits",), report, frozenset(LIMIT_KEYS))
    for key, value in fields.raw.items():
        if key not in LIMIT_KEYS:
            continue
        try:
            limits = changed(limits, {key: value})
        except LimitRefused as error:
            report.add("wrong_type", fields.at(key), error.message)
    return limits


def _layout(top: Fields, nodes: Any, report: Report) -> dict[str, list[float]]:
    made = {}
    for name, place in top.mapping("layout").items():
        where = pointer("layout", name)
        pair = isinstance(place, list) and len(place) == 2
        if not pair or any(type(part) not in (int, float) for part in place):
            report.add("wrong_type", where, say("a place is a list of two numbers"))
        elif name not in nodes:
            top.strange("layout", name, name)
        else:
            made[name] = list(place)
    return made
