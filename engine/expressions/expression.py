"""A compiled expression, and the one place that makes and keeps them."""

from functools import lru_cache
from typing import Any, Final

from engine.said import say

from .access import Names, Run
from .compiler import Compiler
from .errors import Exhausted, ExpressionError, Fault
from .limits import MAX_GAS
from .nodes import Binary, Index, ListOf, Loop, MapOf, Node, Select, children, path_of
from .parser import parse
from .values import Optional, audit, describe_optional, is_list, is_map
from .words import FREE_NAMES

_CACHED: Final = 4_096
"""Compiled expressions kept, the least recently used dropped first."""

Path = tuple[str, ...]


class Expression:
    """A compiled expression: immutable, safe to share between threads."""

    __slots__ = ("_at", "_builds", "_frame", "_run", "names", "references", "source")

    source: str
    names: frozenset[str]
    """Top-level names it reads; loop variables are not among them."""
    references: frozenset[Path]
    """Paths it reads, as far as they are plain: ('tests', 'passed'), ('state', 'odd key')."""

    def __init__(self, source: str, root: Node, run: Run, slots: int) -> None:
        self.source = source
        self.references = _references(root)
        self.names = frozenset(path[0] for path in self.references)
        self._run = run
        self._at = root.at
        self._builds = _builds(root)
        self._frame: list[Any] = [MAX_GAS, *([None] * (slots - 1))]

    @property
    def state_keys(self) -> frozenset[str]:
        """State keys it reads: bare names that are not free names, and `state.key`."""
        bare = {path[0] for path in self.references if path[0] not in FREE_NAMES}
        return frozenset(bare | {p[1] for p in self.references if p[0] == "state" and len(p) > 1})

    def evaluate(self, names: Names) -> Any:
        """The value for these names; raises ExpressionError.

        `names` maps the state's keys and the free names; it is read only with `in`, `[]`, and
        iterated to list its keys in a message. Without a name `state` the mapping itself is the
        state. Parts of the value may be shared with `names`: copy before changing them.
        """
        frame = self._frame.copy()
        try:
            value = self._run(names, frame)
            if self._builds:
                self._finish(value, frame)
        except Fault as fault:
            message, hint = fault.describe(*fault.parts)
            raise ExpressionError(fault.at, message, hint, self.source) from None
        except Exhausted as limit:
            raise ExpressionError(limit.at, limit.message, limit.hint, self.source) from None
        return value

    def _finish(self, value: Any, frame: list[Any]) -> None:
        """Check a value that may hold parts the expression made itself."""
        if isinstance(value, Optional):
            raise Fault(self._at, describe_optional)
        if is_list(value) or is_map(value):
            audit(value, frame, self._at)

    def __repr__(self) -> str:
        return f"Expression({self.source!r})"


@lru_cache(maxsize=_CACHED)
def _compile(source: str) -> Expression:
    root = parse(source)
    compiler = Compiler()
    run = compiler.compile(root, {})
    return Expression(source, root, run, compiler.slots)


def compile(source: str) -> Expression:  # noqa: A001 - the public name of the contract
    """The compiled expression of a source text. Raises ExpressionError."""
    if not isinstance(source, str):
        raise ExpressionError(
            0, say("an expression is a string, not {kind}", kind=type(source).__name__)
        )
    return _compile(source)


def _builds(root: Node) -> bool:
    """Whether the value may hold lists, maps or optionals the expression made itself."""
    stack = [root]
    while stack:
        node = stack.pop()
        match node:
            case ListOf() | MapOf() | Loop(kind="map" | "filter") | Binary(operator="+"):
                return True
            case Select(optional=True) | Index(optional=True):
                return True
        stack.extend(children(node))
    return False


def _references(root: Node) -> frozenset[Path]:
    """The longest plain path at every place that reads a name."""
    found: set[Path] = set()
    stack: list[tuple[Node, frozenset[str]]] = [(root, frozenset())]
    while stack:
        node, variables = stack.pop()
        path = path_of(node)
        if path is not None:
            if path[0] not in variables:
                found.add(path)
            continue
        if isinstance(node, Loop):
            inner = variables | {node.variable}
            stack.append((node.source, variables))
            stack.extend((part, inner) for part in children(node)[1:])
            continue
        stack.extend((part, variables) for part in children(node))
    return frozenset(found)
