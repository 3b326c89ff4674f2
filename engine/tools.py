"""Tools: plain Python functions that nodes call, and the registry that knows them by name."""

import hashlib
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar, overload

from pydantic import ConfigDict, TypeAdapter, create_model
from pydantic.errors import PydanticUserError

from engine.errors import ToolNotFound, ToolRefused
from engine.graph.reading import MAX_NAME, printable
from engine.policies import Effect
from engine.said import UNSAID, Said, quoted, say

F = TypeVar("F", bound=Callable[..., Any])

CONTEXT = "ctx"
"""A parameter of this name gets the ToolContext of the attempt."""
STATE = "state"
"""A parameter of this name gets a private dict of the whole state, which the tool may change."""


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter that a node binds."""

    name: str
    required: bool
    positional_only: bool = False


class Overwrite:
    """What a tool returns for a key that has a reducer, to set it past the reducer."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __repr__(self) -> str:
        return f"Overwrite({self.value!r})"


class Tool:
    """A registered function and what the engine knows about it."""

    def __init__(
        self,
        name: str,
        function: Callable[..., Any],
        effect: Effect | str | None = None,
        category: str | None = None,
    ) -> None:
        self.name = name
        self.function = function
        self.effect = _effect(name, effect)
        """What a second call would do; `idempotent` for tools that do not say."""
        self.category = category or (name.split(".", 1)[0] if "." in name else "")
        self.stands_in = False
        """Whether a test made it to stand in for another one: it needs no process of its own."""
        self.is_async = _is_async(function)
        self.is_coroutine = _gives_coroutine(function)
        """Whether a call gives a coroutine for certain, and not just something to await."""
        if self.is_async and self.effect is Effect.TRANSACTIONAL:
            raise ToolRefused(
                f"tool {name!r}: a transactional tool cannot be async, for a database transaction "
                f"belongs to one thread; make it a plain def"
            )
        self.doc = inspect.getdoc(function) or ""
        self._signature = _signature(name, function)
        every = self._signature.parameters.values()
        self.takes_state = any(p.name == STATE for p in every)
        self.takes_ctx = any(p.name == CONTEXT for p in every)
        self.takes_state_first = next((p.name for p in every if _by_position(p)), "") == STATE
        """Whether the state can be passed by position."""
        self.takes_any = any(p.kind is p.VAR_KEYWORD for p in every)
        """Whether it has `**options`, and so takes inputs of any name."""
        self.params = tuple(
            Param(p.name, p.default is p.empty, p.kind is p.POSITIONAL_ONLY)
            for p in every
            if p.name not in (STATE, CONTEXT) and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
        )
        """The parameters that a node binds, in order; without `ctx` and `state`."""

    @property
    def summary(self) -> str:
        """The first line of the docstring."""
        return self.doc.split("\n", 1)[0]

    @property
    def positional(self) -> tuple[str, ...]:
        """Names of the parameters that can only be passed by position."""
        every = self._signature.parameters.values()
        return tuple(p.name for p in every if p.kind is p.POSITIONAL_ONLY)

    @cached_property
    def schema(self) -> dict[str, Any]:
        """JSON Schema of the parameters a node binds."""
        fields: dict[str, Any] = {}
        hints = _hints(self.function)
        for param in self.params:
            default = self._signature.parameters[param.name].default
            hint = hints.get(param.name, Any)
            fields[param.name] = (hint, ... if param.required else default)
        return _schema_of(self.name, fields, extra=self.takes_any)

    @cached_property
    def returns(self) -> dict[str, Any] | None:
        """JSON Schema of what it gives back, as far as its annotation tells; else None."""
        hint = _hints(self.function).get("return", Any)
        if hint in (Any, None, type(None), inspect.Signature.empty):
            return None
        try:
            return TypeAdapter(hint).json_schema()
        except (PydanticUserError, TypeError, ValueError, AttributeError):
            return None

    @cached_property
    def source_hash(self) -> str:
        """SHA-256 (hex) of the source text, to notice that a tool changed under a run."""
        try:
            text = inspect.getsource(self.function)
        except (OSError, TypeError):
            code = getattr(self.function, "__code__", None)
            text = repr(self.function) if code is None else repr((code.co_code, code.co_consts))
        return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()

    def describe(self) -> dict[str, Any]:
        """The tool as the catalogue shows it: JSON."""
        return {
            "name": self.name,
            "category": self.category,
            "summary": self.summary,
            "doc": self.doc,
            "effect": str(self.effect),
            "is_async": self.is_async,
            "takes_state": self.takes_state,
            "takes_ctx": self.takes_ctx,
            "params": [{"name": p.name, "required": p.required} for p in self.params],
            "schema": self.schema,
            "returns": self.returns,
            "source_hash": self.source_hash,
        }

    def __repr__(self) -> str:
        return f"Tool({self.name!r}, effect={str(self.effect)!r})"


class ToolRegistry:
    """Tools by name."""

    def __init__(self) -> None:
        self._tools: dict[str, Tool] = {}

    @overload
    def tool(self, name: F) -> F: ...

    @overload
    def tool(
        self, name: str | None = None, *, effect: Effect | str | None = None,
        category: str | None = None,
    ) -> Callable[[F], F]: ...  # fmt: skip

    def tool(
        self, name: Any = None, *, effect: Effect | str | None = None, category: str | None = None
    ) -> Any:
        """Decorator, with or without arguments: register the function under `name`, or its own."""
        if callable(name):
            return self.tool()(name)

        def register(function: F) -> F:
            self.register(name or function.__name__, function, effect=effect, category=category)
            return function

        return register

    def register(
        self,
        name: str,
        function: Callable[..., Any],
        effect: Effect | str | None = None,
        *,
        category: str | None = None,
    ) -> Tool:
        """Make a function known. Raises ToolRefused when the name is taken by another one."""
        if not isinstance(name, str) or not 0 < len(name) <= MAX_NAME or not printable(name):
            raise ToolRefused(
                f"a tool's name is 1 to {MAX_NAME} printable characters: {name!r:.80}"
            )
        known = self._tools.get(name)
        if known is not None and _home(known.function) != _home(function):
            raise ToolRefused(
                f"the tool {name!r} is registered already, by {_home(known.function)}; "
                f"give one of them another name"
            )
        tool = self._tools[name] = Tool(name, function, effect, category)
        return tool

    def get(self, name: str) -> Tool:
        """The tool of that name. Raises ToolNotFound, with names that are alike."""
        tool = self._tools.get(name)
        if tool is None:
            meant = alike(name, self._tools)
            more = f"; {meant}" if meant else ""
            raise ToolNotFound(f"there is no tool {name!r:.80}{more}")
        return tool

    def names(self) -> list[str]:
        """Every name, sorted."""
        return sorted(self._tools)

    def __contains__(self, name: object) -> bool:
        return name in self._tools

    def __iter__(self) -> Iterator[Tool]:
        return iter([self._tools[name] for name in self.names()])

    def __len__(self) -> int:
        return len(self._tools)


default_registry = ToolRegistry()
"""The registry of the module-level `tool` decorator, used by the studio."""


@overload
def tool(name: F) -> F: ...


@overload
def tool(
    name: str | None = None, *, effect: Effect | str | None = None, category: str | None = None
) -> Callable[[F], F]: ...


def tool(
    name: Any = None, *, effect: Effect | str | None = None, category: str | None = None
) -> Any:
    """Decorator: register a function in the default registry, with or without arguments."""
    return default_registry.tool(name, effect=effect, category=category)


def alike(name: str, names: Any) -> Said:
    """A question with names like this one, or nothing."""
    from difflib import get_close_matches

    found = get_close_matches(name[:MAX_NAME], list(names)[:2_000], 3)
    if not found:
        return UNSAID
    first, *others = map(quoted, found)
    meant: Any = first
    for other in others:
        meant = say("{one} or {other}", one=meant, other=other)
    return say("did you mean {names}?", names=meant)


def _effect(name: str, effect: Effect | str | None) -> Effect:
    try:
        known = Effect.IDEMPOTENT if effect is None else Effect(effect)
    except ValueError:
        raise ToolRefused(f"tool {name!r}: effect is one of {', '.join(Effect)}") from None
    return known


def _is_async(function: Callable[..., Any]) -> bool:
    called = getattr(function, "__call__", None)  # noqa: B004 - asks about its kind
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(called)


def _by_position(param: inspect.Parameter) -> bool:
    return param.kind in (param.POSITIONAL_ONLY, param.POSITIONAL_OR_KEYWORD)


def _gives_coroutine(function: Callable[..., Any]) -> bool:
    code = getattr(function, "__code__", None)
    return code is not None and bool(code.co_flags & inspect.CO_COROUTINE)


def _signature(name: str, function: Callable[..., Any]) -> inspect.Signature:
    if not callable(function):
        raise ToolRefused(f"tool {name!r}: {type(function).__name__} cannot be called")
    try:
        return inspect.signature(function)
    except (TypeError, ValueError) as error:
        raise ToolRefused(
            f"tool {name!r}: its parameters cannot be read ({error}); wrap it in a Python function"
        ) from error


def _home(function: Callable[..., Any]) -> str:
    """Where a function is defined: the same for a module that is loaded again."""
    name = getattr(function, "__qualname__", repr(function))
    return f"{getattr(function, '__module__', '')}.{name}"


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return inspect.get_annotations(inspect.unwrap(function), eval_str=True)
    except (NameError, SyntaxError, TypeError, AttributeError):
        return {}


def _schema_of(name: str, fields: dict[str, Any], *, extra: bool) -> dict[str, Any]:
    """The schema of the fields; one that pydantic cannot describe takes anything."""
    config = ConfigDict(arbitrary_types_allowed=True, extra="allow" if extra else "forbid")
    described: dict[str, Any] = {}
    for field, (hint, default) in fields.items():
        described[f"p_{field}"] = (_describable(hint), _json_default(default))
    model = create_model("Parameters", __config__=config, **described)
    schema = TypeAdapter(model).json_schema()
    return _renamed(schema, name)


def _json_default(default: Any) -> Any:
    plain = (
        default is ...
        or default is None
        or isinstance(default, (bool, int, float, str, list, dict))
    )
    return default if plain else None


def _describable(hint: Any) -> Any:
    try:
        TypeAdapter(hint).json_schema()
    except (PydanticUserError, TypeError, ValueError, AttributeError):
        return Any
    return hint


def _renamed(schema: dict[str, Any], name: str) -> dict[str, Any]:
    """The schema with the parameters' own names (pydantic refuses some, such as `_x` or `json`)."""
    properties = {}
    for field, shape in schema.get("properties", {}).items():
        shape.pop("title", None)
        properties[field[2:]] = shape
    schema["properties"] = properties
    if "required" in schema:
        schema["required"] = [field[2:] for field in schema["required"]]
    schema["title"] = name
    return schema
