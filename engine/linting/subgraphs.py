"""What is wrong with the workflows that a graph starts."""

from collections.abc import Iterator

from engine.errors import Problem, WorkflowNotFound
from engine.graph.model import Callee, Graph, Node
from engine.graph.reading import pointer
from engine.graph.subgraphs import is_itself
from engine.planning.child_calls import Workflows
from engine.policies import Severity
from engine.said import Said, quoted, say


def subgraph_problems(graph: Graph, workflows: Workflows) -> Iterator[Problem]:
    """Workflows and versions that are not there, and states they could not start with."""
    for node in graph.nodes.values():
        if node.runs is not None:
            yield from _problems(graph, node, (node.id,), "in", workflows)
        elif node.map is not None and node.map.body.runs is not None:
            yield from _problems(graph, node.map.body, (node.id, "body"), "inputs", workflows)


def _problems(
    graph: Graph, node: Node, at: tuple[str, ...], given: str, workflows: Workflows
) -> Iterator[Problem]:
    callee = node.runs
    if callee is None or not callee.workflow:
        return
    try:
        called = graph if is_itself(graph, callee) else workflows.find(*_named(callee))
    except WorkflowNotFound as error:
        key = "version" if error.code == "unknown_version" else "workflow"
        where = pointer("nodes", *at, key)
        yield _error(node, error.code, where, error.message, error.hint)
        return
    schema = called.state.schema or {}
    for key in schema.get("required", ()):
        if key not in node.inputs and key not in called.state.defaults:
            message = say(
                "nothing gives the workflow {workflow} its {key}",
                workflow=quoted(callee.workflow),
                key=quoted(key),
            )
            hint = say(
                "add {key} to {inputs}, an expression over this workflow's state",
                key=quoted(key),
                inputs=quoted(given),
            )
            yield _error(node, "unbound_input", pointer("nodes", *at), message, hint)
    known = schema.get("properties")
    if isinstance(known, dict) and schema.get("additionalProperties") is False:
        for key in node.inputs:
            if key not in known:
                message = say(
                    "the workflow {workflow} has no state key {key}",
                    workflow=quoted(callee.workflow),
                    key=quoted(key, 80),
                )
                hint = say("it has: {names}", names=", ".join(known) or say("none"))
                where = pointer("nodes", *at, given, key)
                yield _error(node, "unknown_input", where, message, hint)


def _named(callee: Callee) -> tuple[str, int | None]:
    return callee.workflow, callee.version


def _error(node: Node, code: str, where: str, message: Said, hint: Said) -> Problem:
    return Problem(code, where, message, hint, Severity.ERROR, node.id, None)
