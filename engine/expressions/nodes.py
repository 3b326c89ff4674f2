"""The parts of a parsed expression. Plain frozen values; `at` is the character to point at."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Node:
    """Any part. `height` counts levels below it, itself included."""

    at: int
    height: int


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """null, a bool, a number or a string."""

    value: Any


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A bare name: a state key, a free name or a loop variable."""

    name: str


@dataclass(frozen=True, slots=True)
class Select(Node):
    """`base.key`, or `base.?key` when optional."""

    base: Node
    key: str
    optional: bool


@dataclass(frozen=True, slots=True)
class Index(Node):
    """`base[key]`, or `base[?key]` when optional."""

    base: Node
    key: Node
    optional: bool


@dataclass(frozen=True, slots=True)
class Has(Node):
    """`has(base.key)`."""

    base: Node
    key: str


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    """`[a, b]`."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class MapOf(Node):
    """`{'a': 1}`."""

    entries: tuple[tuple[Node, Node], ...]


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """`!x` or `-x`."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """Arithmetic, comparison, `in`."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """`a && b && c` or `a || b || c`, flat."""

    operator: str
    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice(Node):
    """`condition ? then : otherwise`."""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function; of a method call the receiver is the first argument."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Loop(Node):
    """`source.kind(variable, body)`; map may have a filter before its body."""

    kind: str
    source: Node
    variable: str
    body: Node
    condition: Node | None


def children(node: Node) -> tuple[Node, ...]:
    """The parts directly below, in source order."""
    match node:
        case Select(base=base) | Has(base=base):
            return (base,)
        case Index(base=base, key=key):
            return (base, key)
        case ListOf(items=items):
            return items
        case MapOf(entries=entries):
            return tuple(part for entry in entries for part in entry)
        case Unary(operand=operand):
            return (operand,)
        case Binary(left=left, right=right):
            return (left, right)
        case Logic(terms=terms):
            return terms
        case Choice(condition=condition, then=then, otherwise=otherwise):
            return (condition, then, otherwise)
        case Call(arguments=arguments):
            return arguments
        case Loop(source=source, body=body, condition=condition):
            return (source, body) if condition is None else (source, condition, body)
    return ()


def count(node: Node) -> int:
    """How many parts the node has, itself included."""
    total, stack = 0, [node]
    while stack:
        total += 1
        stack.extend(children(stack.pop()))
    return total


def path_of(node: Node) -> tuple[str, ...] | None:
    """('tests', 'passed') for `tests.passed` or `tests['passed']`; None for anything else."""
    keys: list[str] = []
    while not isinstance(node, Name):
        match node:
            case Select(base=base, key=key) | Has(base=base, key=key):
                keys.append(key)
            case Index(base=base, key=Literal(value=str(key))):
                keys.append(key)
            case _:
                return None
        node = base
    return (node.name, *reversed(keys))
