"""Reading one node of a document."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from engine.expressions import Expression
from engine.expressions.words import FREE_NAMES
from engine.graph.emitting import EMIT_KEYS, read_emits
from engine.graph.model import Callee, Join, MapSpec, Node, Retry
from engine.graph.queues import read_queue
from engine.graph.reading import Fields, Report, one_of, pointer
from engine.graph.subgraphs import SUBGRAPH_KEYS, read_callee
from engine.graph.waiting import HUMAN_KEYS, WAIT_KEYS, read_awaited
from engine.limits import HIGHEST
from engine.policies import (
    ConflictPolicy,
    Dispatch,
    Effect,
    Isolation,
    JoinPolicy,
    NodeType,
    OnError,
    OnItemError,
    OnNoRoute,
    Route,
)
from engine.said import quoted, say

_COMMON = {
    "type",
    "title",
    "description",
    "join",
    "route",
    "on_no_route",
    "cancels",
    "disabled",
    "lock",
}
NODE_KEYS = {
    NodeType.TOOL: frozenset(
        _COMMON
        | {
            "tool",
            "inputs",
            "outputs",
            "retry",
            "timeout",
            "idle_timeout",
            "isolation",
            "effect",
            "on_error",
        }
    ),
    NodeType.SET: frozenset(_COMMON | {"set", "on_error"}),
    NodeType.MAP: frozenset(
        _COMMON
        | {"over", "as", "body", "collect", "max_concurrency", "max_items"}
        | {"on_item_error", "complete_when", "dispatch", "queue", "on_error"}
    ),
    NodeType.SUBGRAPH: frozenset(_COMMON | SUBGRAPH_KEYS | {"on_error"}),
    NodeType.NOOP: frozenset(_COMMON),
    NodeType.END: frozenset(
        {"type", "title", "description", "join", "set", "cancels", "terminate", "disabled"}
    ),
    NodeType.EMIT: frozenset(_COMMON | EMIT_KEYS | {"on_error"}),
    NodeType.WAIT: frozenset(_COMMON | WAIT_KEYS | {"outputs", "on_error"}),
    NodeType.HUMAN: frozenset(_COMMON | HUMAN_KEYS | {"outputs", "on_error"}),
}
_RETRY = frozenset({"max_attempts", "initial", "factor", "max", "jitter", "on", "not_on"})
_BODY = frozenset({"tool", "inputs", "retry", "timeout", "idle_timeout", "effect", "isolation"})
_WORKFLOW_BODY = frozenset({"workflow", "version", "inputs", "timeout"})
MAX_ATTEMPTS = 100
MAX_WAYS = 50_000


def read_node(name: str, raw: Any, declared: Collection[str], report: Report) -> Node | None:
    """The node, or None after reporting why it cannot be one. `declared` are all nodes' names."""
    if not name:
        report.add("bad_key", pointer("nodes", name), say("a node needs a name"))
    kind = _type(raw, name, report)
    if kind is None:
        return None
    fields = Fields(raw, ("nodes", name), report, NODE_KEYS[kind])
    for key in ("title", "description"):
        fields.text(key, limit=10_000)
    _known_nodes("cancels", fields, declared)
    node = _node(name, kind, fields, report)
    return _bypassed(node) if fields.flag("disabled") else node


def _bypassed(node: Node) -> Node:
    """The node switched off: the run passes through it as through a `noop`, and nothing fails."""
    return Node(
        id=node.id,
        type=NodeType.NOOP,
        join=node.join,
        route=node.route,
        on_no_route=node.on_no_route,
        title=node.title,
        description=node.description,
    )


def _type(raw: Any, name: str, report: Report) -> NodeType | None:
    word = raw.get("type") if isinstance(raw, dict) else None
    if isinstance(word, str) and word in _TYPES:
        return _TYPES[word]
    where, hint = pointer("nodes", name), one_of(NodeType)
    if not isinstance(raw, dict):
        report.add("wrong_type", where, say("a node is an object"))
    elif word is None:
        report.add("missing_key", where, say("{key} is missing", key=quoted("type")), hint)
    else:
        said = say("no node type {word}", word=quoted(word, 80))
        report.add("unknown_type", f"{where}/type", said, hint)
    return None


_TYPES: dict[str, NodeType] = {kind.value: kind for kind in NodeType}


def _node(name: str, kind: NodeType, fields: Fields, report: Report) -> Node:
    is_tool = kind is NodeType.TOOL
    is_subgraph = kind is NodeType.SUBGRAPH
    results = RESULTS.get(kind, "outputs")
    return Node(
        id=name,
        type=kind,
        tool=fields.name("tool") if is_tool else None,
        inputs=_updates("in", fields, report) if is_subgraph else fields.expressions("inputs"),
        outputs=_updates(results, fields, report) if results in fields.raw else None,
        set=_updates("set", fields, report),
        join=_join(fields, report),
        route=fields.choice("route", Route, Route.ALL),
        on_no_route=fields.choice("on_no_route", OnNoRoute, OnNoRoute.ERROR),
        on_error=fields.choice("on_error", OnError, OnError.FAIL),
        retry=_retry(fields, report) if is_tool and "retry" in fields.raw else None,
        timeout_s=fields.duration("timeout"),
        idle_timeout_s=fields.duration("idle_timeout"),
        isolation=fields.choice("isolation", Isolation, Isolation.THREAD),
        effect=_effect(fields, report),
        title=fields.text("title"),
        terminate=fields.flag("terminate"),
        cancels=fields.texts("cancels"),
        lock=fields.name("lock") if "lock" in fields.raw else None,
        map=_map(name, fields, report) if kind is NodeType.MAP else None,
        awaited=read_awaited(kind, fields),
        emits=read_emits(fields) if kind is NodeType.EMIT else None,
        runs=read_callee(fields) if is_subgraph else None,
        description=fields.text("description"),
    )


RESULTS = {NodeType.MAP: "collect", NodeType.SUBGRAPH: "out"}
"""Keys that hold the expressions of a node's updates, where it is not `outputs`."""


def _map(name: str, fields: Fields, report: Report) -> MapSpec | None:
    """What a map node repeats, or None after reporting why it cannot."""
    over = _required_expression("over", fields)
    dispatch = fields.choice("dispatch", Dispatch, Dispatch.LOCAL)
    body = _body(name, fields, report, dispatch)
    when = fields.expression("complete_when")
    item_name = _item_name(fields, report)
    at_once = _optional_whole("max_concurrency", fields, HIGHEST["max_parallel"])
    at_most = _optional_whole("max_items", fields, HIGHEST["max_items"])
    on_error = fields.choice("on_item_error", OnItemError, OnItemError.FAIL)
    queue = read_queue(fields)
    if over is None or body is None:
        return None
    if queue and body.runs is None:
        hint = say('write "dispatch": "queue", which makes a run of each item')
        said = say("these items are no runs of their own")
        report.add("bad_value", fields.at("queue"), said, hint)
    if queue and body.runs is not None:
        body = replace(body, runs=replace(body.runs, queue=queue))
    return MapSpec(over, body, item_name, at_once, at_most, on_error, when)


def _required_expression(key: str, fields: Fields) -> Expression | None:
    if key not in fields.raw:
        fields.missing(key)
        return None
    return fields.expression(key)


def _optional_whole(key: str, fields: Fields, most: int) -> int | None:
    return fields.whole(key, 1, 1, most) if key in fields.raw else None


def _item_name(fields: Fields, report: Report) -> str:
    """What the body calls the item: a name that expressions can read."""
    name = fields.text("as", "item", limit=200)
    if name.isascii() and name.isidentifier() and name not in _TAKEN:
        return name
    hint = say("letters, digits and _, and none of {words}", words=", ".join(sorted(_TAKEN)))
    said = say("{name} cannot be the item's name", name=quoted(name, 80))
    report.add("bad_key", fields.at("as"), said, hint)
    return "item"


_TAKEN = frozenset(FREE_NAMES) - {"item"} | {"ctx", "true", "false", "null", "in"}


def _body(name: str, fields: Fields, report: Report, dispatch: Dispatch) -> Node | None:
    """What the items run through: a tool, or a run of their own."""
    if "body" not in fields.raw:
        fields.missing("body", say('write "body": {"tool": …}'))
        return None
    raw, way = fields.raw["body"], (*fields.way, "body")
    if isinstance(raw, dict) and "workflow" in raw:
        return _workflow_body(name, Fields(raw, way, report, _WORKFLOW_BODY))
    inner = Fields(raw, way, report, _BODY)
    queued = dispatch is Dispatch.QUEUE
    return Node(
        id=name,
        type=NodeType.SUBGRAPH if queued else NodeType.TOOL,
        runs=Callee("") if queued else None,
        tool=inner.name("tool"),
        inputs=inner.expressions("inputs"),
        retry=_retry(inner, report) if "retry" in inner.raw else None,
        # A run of its own keeps the times of the tool itself.
        timeout_s=None if queued else inner.duration("timeout"),
        idle_timeout_s=None if queued else inner.duration("idle_timeout"),
        effect=_effect(inner, report),
        isolation=inner.choice("isolation", Isolation, Isolation.THREAD),
    )


def _workflow_body(name: str, inner: Fields) -> Node:
    """The workflow that the items run through."""
    return Node(
        id=name,
        type=NodeType.SUBGRAPH,
        inputs=inner.expressions("inputs"),
        timeout_s=inner.duration("timeout"),
        runs=read_callee(inner),
    )


def _known_nodes(key: str, fields: Fields, declared: Collection[str]) -> None:
    """Report names of nodes that the document has not."""
    for at, name in enumerate(fields.texts(key)):
        if name not in declared:
            fields.strange(key, name, at)


def _updates(key: str, fields: Fields, report: Report) -> dict[str, Expression]:
    """Expressions by the state key they write."""
    if "" in fields.mapping(key):
        report.add("bad_key", f"{fields.at(key)}/", say("a state key needs a name"))
    return fields.expressions(key)


def _join(fields: Fields, report: Report) -> Join:
    if "join" not in fields.raw:
        return Join()
    raw, way = fields.raw["join"], (*fields.way, "join")
    inner = Fields({"policy": raw} if isinstance(raw, str) else raw, way, report, _JOIN)
    policy = inner.choice("policy", JoinPolicy, JoinPolicy.ALL_ACTIVE)
    n_of_m = policy is JoinPolicy.N_OF_M
    for key in ("n", "cancel"):
        if key in inner.raw and not n_of_m:
            said = say("{key} belongs to the policy n_of_m", key=quoted(key))
            report.add("unknown_key", inner.at(key), said)
    if n_of_m and "n" not in inner.raw:
        hint = say("for example {example}", example='"n": 2')
        said = say("n_of_m needs 'n', the number of tokens to take")
        report.add("missing_key", inner.where, said, hint)
    cancel = inner.flag("cancel") or policy is JoinPolicy.FIRST_CANCEL
    return Join(
        policy,
        inner.choice("on_conflict", ConflictPolicy, ConflictPolicy.ERROR),
        inner.whole("n", 1, 1, MAX_WAYS),
        cancel,
    )


_JOIN = frozenset({"policy", "on_conflict", "n", "cancel"})


def _retry(fields: Fields, report: Report) -> Retry:
    inner = Fields(fields.raw["retry"], (*fields.way, "retry"), report, _RETRY)
    basis = Retry()
    return Retry(
        max_attempts=inner.whole("max_attempts", basis.max_attempts, 1, MAX_ATTEMPTS),
        initial_s=inner.duration("initial") or basis.initial_s,
        factor=inner.number("factor", basis.factor, 1, 100),
        max_s=inner.duration("max") or basis.max_s,
        jitter=inner.number("jitter", basis.jitter, 0, 1),
        on=inner.texts("on", ("Exception",)),
        not_on=inner.texts("not_on", () if "on" in inner.raw else basis.not_on),
    )


def _effect(fields: Fields, report: Report) -> Effect | None:
    if "effect" not in fields.raw:
        return None
    effect = fields.choice("effect", Effect, Effect.IDEMPOTENT)
    if effect is Effect.TRANSACTIONAL and fields.raw.get("isolation") == Isolation.PROCESS:
        message = say("a transactional tool runs in the worker, where its step is committed")
        report.add("bad_value", fields.at("isolation"), message, say("leave out 'isolation'"))
    return effect
