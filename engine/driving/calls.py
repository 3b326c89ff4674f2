"""Binding: from a node, its tool and the state to the arguments of one call. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine import failing
from engine.driving.context import ToolContext
from engine.errors import Code, RunError
from engine.expressions import Expression, ExpressionError
from engine.graph.model import Node
from engine.graph.plan import Place
from engine.planning.routing import scope
from engine.policies import Effect, Isolation
from engine.said import UNSAID, Said, quoted, say
from engine.tools import CONTEXT, STATE, Tool, ToolRegistry
from engine.values.jsonvalue import ATOMS, Json, copied
from engine.values.private import PrivateState, private_state


@dataclass(frozen=True, slots=True)
class Source:
    """Where the value of a parameter comes from."""

    name: str
    expression: Expression | None
    """The node's own expression; without one, the state key of the same name."""
    required: bool


Bound = tuple[tuple[Any, ...], dict[str, Any], PrivateState | None]
"""The arguments of one call, and the state dict that the tool may change, if it takes one."""


_NO_KEYWORDS: dict[str, Any] = {}


class Call:
    """How one node calls its tool, worked out once."""

    __slots__ = (
        "_counts",
        "_evaluates",
        "_positional",
        "effect",
        "in_thread",
        "is_timed",
        "is_transactional",
        "isolated",
        "may_be_prompt",
        "may_step",
        "needs_ctx",
        "needs_loop",
        "node",
        "only_state",
        "pure",
        "sources",
        "takes_ctx",
        "takes_state",
        "tool",
    )

    def __init__(self, node: Node, tool: Tool) -> None:
        self.node = node
        self.tool = tool
        self.effect = effect_of(node, tool)
        self.pure = self.effect is Effect.PURE
        self.is_transactional = self.effect is Effect.TRANSACTIONAL
        """Whether what the tool writes to the database is committed with its step."""
        self.isolated = node.isolation is Isolation.PROCESS and not tool.stands_in
        """Whether the call is made in a process of its own."""
        self.in_thread = not (tool.is_async or self.is_transactional or self.isolated)
        """Whether a thread makes the call, and nothing else comes of that."""
        self.is_timed = node.timeout_s is not None or node.idle_timeout_s is not None
        """Whether an attempt may be over before its tool is."""
        self.may_step = self.pure and tool.is_coroutine and not self.is_timed and not self.isolated
        """Whether the call can begin without waiting for anything."""
        self.needs_loop = tool.is_async or self.is_timed or self.isolated
        self.may_be_prompt = self.pure and not self.needs_loop
        """Whether an executor may know that the call is over before a thread would have it."""
        self.takes_state = tool.takes_state and STATE not in node.inputs
        self.takes_ctx = tool.takes_ctx and CONTEXT not in node.inputs
        self.needs_ctx = self.takes_ctx or self.isolated or node.idle_timeout_s is not None
        self.sources = _sources(node, tool)
        self.only_state = self.takes_state and not self.takes_ctx and not self.sources
        self._positional = tool.positional
        self.only_state = self.only_state and tool.takes_state_first
        self._evaluates = bool(node.inputs)
        self._counts = any("iteration" in e.names for e in node.inputs.values())

    def bind(
        self,
        data: dict[str, Json],
        ctx: ToolContext | None,
        error: dict[str, Any] | None,
        visit: int,
        extra: Mapping[str, Any] | None = None,
    ) -> Bound:
        """The arguments for a call on this state. Raises RunError (E_INPUT, E_EXPRESSION).

        `extra` are more names for expressions.
        """
        private = private_state(data) if self.takes_state else None
        if self.only_state:
            return (private,), _NO_KEYWORDS, private
        values: dict[str, Any] = {}
        names: Mapping[str, Any] = data
        if self._evaluates:
            names = scope(data, error=error, iteration=visit if self._counts else None)
            if extra is not None:
                names = {**names, **extra}
        for source in self.sources:
            self._give(source, names, data, values)
        if private is not None:
            values[STATE] = private
        if self.takes_ctx:
            values[CONTEXT] = ctx
        if not self._positional:
            return (), values, private
        args = tuple(values.pop(name) for name in self._positional if name in values)
        return args, values, private

    def _give(
        self,
        source: Source,
        names: Mapping[str, Any],
        data: dict[str, Json],
        values: dict[str, Any],
    ) -> None:
        if source.expression is not None:
            values[source.name] = copied(self._evaluated(source.name, source.expression, names))
        elif source.name in data:
            value = data[source.name]
            values[source.name] = value if type(value) in ATOMS else copied(value)
        elif source.required:
            raise RunError(
                Code.INPUT,
                failing.NO_SUCH_KEY(
                    tool=self.tool.name, name=source.name, keys=", ".join(sorted(data)[:20])
                )
                if data
                else failing.NO_KEY_AT_ALL(tool=self.tool.name, name=source.name),
                node=self.node.id,
                details={"param": source.name},
            )

    def _evaluated(self, name: str, expression: Expression, names: Mapping[str, Any]) -> Any:
        try:
            return expression.evaluate(names)
        except ExpressionError as error:
            raise RunError(
                Code.EXPRESSION,
                failing.INPUT_EXPRESSION(name=name, why=f"{error}\n{error.caret}"),
                node=self.node.id,
                details={"key": name, "source": error.source, **error.as_dict()},
            ) from None


def call_of(place: Place, registry: ToolRegistry) -> Call:
    """How a place calls its tool; worked out once per tool. Raises ToolNotFound, RunError."""
    tool = registry.get(place.node.tool or "")
    known: Call | None = place.call
    if known is None or known.tool is not tool:
        refused = why_not_transactional(place.node, tool)
        if refused:
            raise RunError(Code.UNSUPPORTED, refused, node=place.id)
        known = place.call = Call(place.node, tool)
    return known


def effect_of(node: Node, tool: Tool) -> Effect:
    """What a second call of the node's tool would do: the node's word counts before the tool's."""
    return node.effect if node.effect is not None else tool.effect


def why_not_transactional(node: Node, tool: Tool) -> Said:
    """Why the node cannot have its tool's writes committed with its step; empty if it can."""
    if effect_of(node, tool) is not Effect.TRANSACTIONAL:
        return UNSAID
    name = quoted(tool.name)
    if tool.is_async:
        return say("the tool {tool} is async, and a transaction belongs to one thread", tool=name)
    if node.isolation is Isolation.PROCESS:
        return say(
            "the tool {tool} is transactional and cannot run in a process of its own", tool=name
        )
    return UNSAID


def unknown_inputs(node: Node, tool: Tool) -> list[str]:
    """Inputs of the node that its tool has no parameter for."""
    if tool.takes_any:
        return []
    known = {param.name for param in tool.params}
    known |= {STATE} if tool.takes_state else set()
    known |= {CONTEXT} if tool.takes_ctx else set()
    return [name for name in node.inputs if name not in known]


def _sources(node: Node, tool: Tool) -> tuple[Source, ...]:
    found = [Source(p.name, node.inputs.get(p.name), p.required) for p in tool.params]
    named = {source.name for source in found}
    extra = [Source(n, e, True) for n, e in node.inputs.items() if n not in named]
    return (*found, *extra)
