"""Reading one node of a document."""

from typing import Any

from engine.errors import Code
from engine.expressions import Expression
from engine.graph.model import Join, Node, Retry
from engine.graph.reading import Fields, Report, pointer
from engine.policies import (
    ConflictPolicy,
    Effect,
    JoinPolicy,
    NodeType,
    OnError,
    OnNoRoute,
    Route,
)

RUNNABLE = frozenset({NodeType.TOOL, NodeType.SET, NodeType.NOOP, NodeType.END})
"""Node types that this version runs; the others are understood, and refused by name."""

JOINS = frozenset({JoinPolicy.ALL_ACTIVE, JoinPolicy.ALL})
"""Join policies that this version runs."""

_COMMON = {"type", "title", "description", "join", "route", "on_no_route"}
_KEYS = {
    NodeType.TOOL: frozenset(
        _COMMON
        | {"tool", "inputs", "outputs", "retry", "timeout", "isolation", "effect", "on_error"}
    ),
    NodeType.SET: frozenset(_COMMON | {"set", "on_error"}),
    NodeType.NOOP: frozenset(_COMMON),
    NodeType.END: frozenset({"type", "title", "description", "join", "set"}),
}
_RETRY = frozenset({"max_attempts", "initial", "factor", "max", "jitter", "on", "not_on"})
MAX_ATTEMPTS = 100


def read_node(name: str, raw: Any, report: Report) -> Node | None:
    """The node, or None after reporting why it cannot be one."""
    where = pointer("nodes", name)
    if not name:
        report.add("bad_key", where, "a node needs a name")
    kind = _type(raw, where, report)
    if kind is None:
        return None
    fields = Fields(raw, where, report, _KEYS[kind])
    for key in ("title", "description"):
        fields.text(key, limit=10_000)
    return _node(name, kind, fields, report)


def _type(raw: Any, where: str, report: Report) -> NodeType | None:
    word = raw.get("type") if isinstance(raw, dict) else None
    known = ", ".join(NodeType)
    if not isinstance(raw, dict):
        report.add("wrong_type", where, "a node is an object")
    elif word is None:
        report.add("missing_key", where, "'type' is missing", f"one of {known}")
    elif word not in list(NodeType):
        report.add("unknown_type", f"{where}/type", f"no node type {word!r:.80}", f"one of {known}")
    elif NodeType(word) not in RUNNABLE:
        message = f"this version of Treadle does not run {word!r} nodes yet"
        report.add(Code.UNSUPPORTED, f"{where}/type", message, "use tool, set, noop and end nodes")
    else:
        return NodeType(word)
    return None


def _node(name: str, kind: NodeType, fields: Fields, report: Report) -> Node:
    is_tool = kind is NodeType.TOOL
    return Node(
        id=name,
        type=kind,
        tool=fields.name("tool") if is_tool else None,
        inputs=fields.expressions("inputs"),
        outputs=_updates("outputs", fields, report) if "outputs" in fields.raw else None,
        set=_updates("set", fields, report),
        join=_join(fields, report),
        route=fields.choice("route", Route, Route.ALL),
        on_no_route=fields.choice("on_no_route", OnNoRoute, OnNoRoute.ERROR),
        on_error=fields.choice("on_error", OnError, OnError.FAIL),
        retry=_retry(fields, report) if is_tool and "retry" in fields.raw else None,
        timeout_s=fields.duration("timeout"),
        effect=_effect(fields, report),
        title=fields.text("title"),
    )


def _updates(key: str, fields: Fields, report: Report) -> dict[str, Expression]:
    """Expressions by the state key they write."""
    if "" in fields.mapping(key):
        report.add("bad_key", f"{fields.at(key)}/", "a state key needs a name")
    return fields.expressions(key)


def _join(fields: Fields, report: Report) -> Join:
    if "join" not in fields.raw:
        return Join()
    raw = fields.raw["join"]
    where = fields.at("join")
    inner = Fields({"policy": raw} if isinstance(raw, str) else raw, where, report, _JOIN)
    policy = inner.choice("policy", JoinPolicy, JoinPolicy.ALL_ACTIVE)
    if policy not in JOINS:
        message = f"this version of Treadle does not run the join policy {str(policy)!r} yet"
        report.add(Code.UNSUPPORTED, f"{where}/policy", message, "use all_active or all")
    return Join(policy, inner.choice("on_conflict", ConflictPolicy, ConflictPolicy.ERROR))


_JOIN = frozenset({"policy", "on_conflict", "n", "cancel"})


def _retry(fields: Fields, report: Report) -> Retry:
    inner = Fields(fields.raw["retry"], fields.at("retry"), report, _RETRY)
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
    if "isolation" in fields.raw and fields.text("isolation") != "thread":
        message = "this version of Treadle runs every tool in its own process's threads"
        report.add(Code.UNSUPPORTED, fields.at("isolation"), message, "leave 'isolation' out")
    if "effect" not in fields.raw:
        return None
    effect = fields.choice("effect", Effect, Effect.IDEMPOTENT)
    if effect is Effect.TRANSACTIONAL:
        message = "this version of Treadle does not run transactional tools yet"
        report.add(Code.UNSUPPORTED, fields.at("effect"), message, "use idempotent or once")
    return effect
