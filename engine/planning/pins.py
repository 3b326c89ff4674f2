"""Pinned outputs: what stands in for the work of nodes, and which of it no run can use. Pure.

A pin is what the node's tool would return, what a person answers, what a signal brings. A wait for
the first of several things needs to know which: {"alternative": "paid", "payload": {…}}.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine import failing
from engine.errors import Code, PinRefused, RunError, WorkflowNotFound
from engine.graph.model import Callee, Graph, Node
from engine.graph.subgraphs import body_graph, is_itself, split_pins
from engine.planning.child_calls import Workflows
from engine.policies import WaitKind
from engine.tools import alike
from engine.values.jsonvalue import Json

_BRINGS = {WaitKind.HUMAN: "answer", WaitKind.SIGNAL: "payload"}
"""What expressions call that which comes with each kind of wait."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What a pin brings to a node that waits."""

    result: Json
    names: Mapping[str, Json] = field(default_factory=dict)
    """What the node's `outputs` see besides the state."""


def alternative_of(node: Node, output: Json) -> str:
    """The alternative that a pin says came first; "" for nodes that do not wait for several."""
    return str(output["alternative"]) if _is_open(node) and not why_not(node, output) else ""


def brought(node: Node, output: Json) -> Brought:
    """What a pin brings to a node that waits. Raises RunError for one that says nothing to it."""
    if not _is_open(node):
        words = [_BRINGS[each.kind] for each in node.awaited if each.kind in _BRINGS]
        return Brought(output, dict.fromkeys(words, output))
    why = why_not(node, output)
    if why:
        raise RunError(Code.INPUT, failing.PIN(node=node.id, why=why), node=node.id)
    names = {name: output.get(name) for name in ("alternative", *_BRINGS.values())}
    return Brought(output.get("answer", output.get("payload")), names)


def why_not(node: Node, output: Json) -> str:
    """Why a value cannot be the pin of a node; "" if it can."""
    if not _is_open(node):
        return ""
    kinds = {each.name: each.kind for each in node.awaited}
    example = f'{{"alternative": "{next(iter(kinds))}"}}'
    chosen = output.get("alternative") if isinstance(output, dict) else None
    if not isinstance(chosen, str) or chosen not in kinds:
        return f"say which of its alternatives came ({', '.join(kinds)}), as in {example}"
    more = output.keys() - {"alternative", _BRINGS.get(kinds[chosen], "alternative")}
    if more:
        word = _BRINGS.get(kinds[chosen])
        brings = f"brings {word!r} only" if word else "brings nothing"
        return f"the alternative {chosen!r} {brings}; leave out {', '.join(sorted(more))}"
    return ""


def _is_open(node: Node) -> bool:
    """Whether the node waits for the first of several things."""
    return any(each.name for each in node.awaited)


def check_pins(
    graph: Graph, pinned: Mapping[str, Json], workflows: Workflows | None = None
) -> None:
    """Refuse pins that no run of the graph can use. Raises PinRefused.

    With `workflows`, also those of nodes of the runs that it starts (`papers/fetch`), as far as
    these workflows are there.
    """
    _check(graph, pinned, workflows, "")


def _check(
    graph: Graph, pinned: Mapping[str, Json], workflows: Workflows | None, above: str
) -> None:
    own, below = (pinned, {}) if workflows is None else split_pins(graph, pinned)
    for name, output in own.items():
        node = graph.nodes.get(name)
        if node is None:
            raise _unknown(graph, name, above)
        why = why_not(node, output)
        if why:
            raise PinRefused(f"{above}{name}", "it waits for the first of several things", why)
    for name, inner in below.items():
        child = _run_by(graph, name, workflows)
        if child is not None:
            _check(child, inner, workflows, f"{above}{name}/")


def _unknown(graph: Graph, name: str, above: str) -> PinRefused:
    where = f"the workflow that {above[:-1]!r:.80} runs" if above else "the graph"
    starting = next(iter(split_pins(graph, {name: None})[1]), None)
    if starting is not None:
        hint = f"here only whole steps are pinned: pin {starting!r}, with the state its run ends in"
    else:
        known = ", ".join(list(graph.nodes)[:10])
        meant = alike(name, graph.nodes)
        hint = f"its nodes: {known}; {meant}" if meant else f"its nodes: {known}"
    return PinRefused(f"{above}{name}", f"{where} has no node {name!r:.80}", hint)


def _run_by(graph: Graph, name: str, workflows: Workflows | None) -> Graph | None:
    """The graph of the runs that a node starts; None if it is not there."""
    node = graph.nodes[name]
    callee: Callee | None = (node if node.map is None else node.map.body).runs
    if callee is None or workflows is None:
        return None
    if not callee.workflow:
        return body_graph(graph, name)
    if is_itself(graph, callee):
        return graph
    try:
        return workflows.find(callee.workflow, callee.version)
    except WorkflowNotFound:
        return None
