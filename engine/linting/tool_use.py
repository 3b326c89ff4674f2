"""What is wrong with the tools that a graph calls, and with how it calls them."""

from collections.abc import Iterator

from engine.driving.calls import unknown_inputs, why_not_transactional
from engine.errors import Problem
from engine.graph.model import Node
from engine.graph.reading import pointer
from engine.graph.shapes import targets
from engine.linting.inputs import bad_inputs
from engine.linting.looking import Look, on_node
from engine.policies import Effect, Isolation, Severity
from engine.said import Said, quoted, say
from engine.tools import Tool, alike

MAX_HINTS = 50
"""Names of unknown tools for which the known ones are searched for what was meant."""


def unknown_tools(look: Look) -> Iterator[Problem]:
    """Tools that the registry does not know."""
    if look.registry is None:
        return
    hints: dict[str, Said] = {}
    for node, at in look.calling():
        if node.id not in look.tools:
            name = node.tool or ""
            if name not in hints and len(hints) < MAX_HINTS:
                hints[name] = alike(name, look.registry.names())
            hint = hints.get(name) or _REGISTER
            where = pointer("nodes", *at, "tool")
            message = say("there is no tool {name}", name=quoted(name, 80))
            yield on_node(node, "unknown_tool", where, message, hint)


_REGISTER = say("register a tool of this name, or choose one that there is")


def inputs(look: Look) -> Iterator[Problem]:
    """Inputs that a tool has no parameter for or that do not fit it, and what nothing gives."""
    declared = look.declared()
    there = None if declared is None else declared | look.written_keys()
    fed = _fed_by_unknown_writes(look)
    for node, at in look.calling():
        tool = look.tools.get(node.id)
        if tool is None:
            continue
        for name in unknown_inputs(node, tool):
            where = pointer("nodes", *at, "inputs", name)
            known = ", ".join(param.name for param in tool.params) or say("none")
            message = say(
                "the tool {tool} has no parameter {name}",
                tool=quoted(tool.name),
                name=quoted(name, 80),
            )
            hint = say("it has: {names}", names=known)
            yield on_node(node, "unknown_input", where, message, hint)
        yield from bad_inputs(node, tool, at)
        if node.id not in fed:
            yield from _unbound(look, node, tool, there, at)


def _unbound(
    look: Look, node: Node, tool: Tool, there: frozenset[str] | None, at: tuple[str, ...]
) -> Iterator[Problem]:
    """Parameters that nothing gives, where it is known what can be `there`."""
    if there is None:
        return
    spec = look.graph.nodes[node.id].map
    if spec is not None:
        there = there | {spec.name, "index"}
    for param in tool.params:
        if param.required and param.name not in node.inputs and param.name not in there:
            name = quoted(param.name)
            message = say(
                "nothing gives the tool {tool} its parameter {name}",
                tool=quoted(tool.name),
                name=name,
            )
            hint = say("give the node an input {name}, or the state a key of that name", name=name)
            yield on_node(node, "unbound_input", pointer("nodes", *at), message, hint)


def _fed_by_unknown_writes(look: Look) -> set[str]:
    """The nodes that lie behind a tool which merges its whole result into the state."""
    found: set[str] = set()
    work = [look.plan.by_id[n.id] for n in look.tool_nodes() if n.outputs is None]
    while work:
        for target in targets(work.pop()):
            if target.id not in found:
                found.add(target.id)
                work.append(target)
    return found


def timeouts(look: Look) -> Iterator[Problem]:
    """Timeouts that do less than they seem to."""
    for node, at in look.calling():
        whole, idle = node.timeout_s, node.idle_timeout_s
        if whole is not None and idle is not None and idle >= whole:
            message = say(
                "its timeout of {seconds} s always comes before its idle_timeout",
                seconds=f"{whole:g}",
            )
            hint = say("make idle_timeout the shorter one, or leave it out")
            where = pointer("nodes", *at, "idle_timeout")
            yield on_node(node, "idle_timeout_unused", where, message, hint, Severity.WARNING)
        tool = look.tools.get(node.id)
        is_timed = whole is not None or idle is not None
        if tool is not None and is_timed and not tool.is_async and _in_thread(node):
            key = "timeout" if whole is not None else "idle_timeout"
            message = say(
                "a soft timeout: {tool} runs in a thread, which nobody can end from "
                "outside; its attempt is over in time, the thread goes on",
                tool=quoted(tool.name),
            )
            hint = say('let the tool look at ctx.cancelled, or set "isolation": "process"')
            where = pointer("nodes", *at, key)
            yield on_node(node, "soft_timeout", where, message, hint, Severity.WARNING)


def _in_thread(node: Node) -> bool:
    return node.isolation is Isolation.THREAD


def transactions(look: Look) -> Iterator[Problem]:
    """Transactional tools where no transaction can be shared."""
    for node, at in look.calling():
        tool = look.tools.get(node.id)
        why = None if tool is None else why_not_transactional(node, tool)
        if why:
            hint = say("use a sync tool in the worker, or the effect idempotent or once")
            yield on_node(node, "not_transactional", pointer("nodes", *at), why, hint)


def repeated_once(look: Look) -> Iterator[Problem]:
    """Tools that must act once only, with a retry policy."""
    for node, at in look.calling():
        tool = look.tools.get(node.id)
        effect = node.effect or (tool.effect if tool is not None else None)
        if effect is Effect.ONCE and node.retry is not None and node.retry.max_attempts > 1:
            message = say("its tool must act once only, but is called again when it fails")
            hint = say("leave out 'retry', or make its tool idempotent with ctx.idempotency_key")
            where = pointer("nodes", *at, "retry")
            yield on_node(node, "once_with_retries", where, message, hint, Severity.WARNING)
