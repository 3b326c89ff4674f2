"""Nodes to closures. Each closure takes (names, frame) and gives a value or raises a Fault.

The common cases (two ints, two doubles, a plain dict) are decided inline by exact type, so that a
simple condition costs a few calls and no gas; everything else goes to `operators` and `values`.
Evaluation recurses at most `MAX_DEPTH` levels, because the parser bounds the height of the nodes.
"""

import operator
from collections.abc import Callable
from typing import Any, Final

from engine.said import UNSAID, quoted

from . import faults
from .access import (
    Names,
    Run,
    compile_has,
    compile_index,
    compile_name,
    compile_select,
    compile_variable,
)
from .errors import Fault, Sentences
from .functions import FUNCTIONS, METHODS, describe_not_optional
from .limits import INT_MAX, INT_MIN
from .loops import LoopParts, compile_loop
from .nodes import (
    Binary,
    Call,
    Choice,
    Has,
    Index,
    ListOf,
    Literal,
    Logic,
    Loop,
    MapOf,
    Name,
    Node,
    Select,
    Unary,
    count,
)
from .operators import (
    ARITHMETIC,
    describe_condition,
    member,
    negate,
    order,
)
from .values import FAULT_COST, Frame, Optional, burn, describe_optional, equal, type_name

Scope = dict[str, int]
"""Loop variable to its slot in the frame."""

_ORDERS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Compiler:
    """Compiles one expression and counts the slots its loops need."""

    __slots__ = ("slots",)

    def __init__(self) -> None:
        self.slots = 1

    def compile(self, node: Node, scope: Scope) -> Run:
        """The closure of a node; `scope` holds the loop variables around it."""
        match node:
            case Literal(value=value):
                return _constant(value)
            case Name(name=name):
                return compile_variable(scope[name]) if name in scope else compile_name(node)
            case Select(base=base):
                return compile_select(node, self.compile(base, scope))
            case Index(base=base, key=key):
                return compile_index(node, self.compile(base, scope), self.compile(key, scope))
            case Has(base=base):
                return compile_has(node, self.compile(base, scope))
            case Binary(left=left, right=right):
                return _binary(node, self.compile(left, scope), self.compile(right, scope))
            case Unary(operand=operand):
                return _unary(node, self.compile(operand, scope))
            case Logic(terms=terms):
                return _logic(node, tuple(self.compile(term, scope) for term in terms))
            case Choice(condition=condition, then=then, otherwise=otherwise):
                parts = (self.compile(part, scope) for part in (condition, then, otherwise))
                return _choice(node.at, *parts)
            case ListOf(items=items):
                return _list(tuple(self.compile(item, scope) for item in items))
            case MapOf(entries=entries):
                return self._map(node, entries, scope)
            case Call(arguments=arguments):
                return _call(node, tuple(self.compile(part, scope) for part in arguments))
            case Loop():
                return self._loop(node, scope)
        raise AssertionError(f"no such node: {node}")

    def _map(self, node: Node, entries: tuple[tuple[Node, Node], ...], scope: Scope) -> Run:
        return _map(
            tuple((key.at, self.compile(key, scope), self.compile(v, scope)) for key, v in entries)
        )

    def _loop(self, node: Loop, scope: Scope) -> Run:
        source = self.compile(node.source, scope)
        slot = self.slots
        self.slots += 1
        inner = {**scope, node.variable: slot}
        condition = None if node.condition is None else self.compile(node.condition, inner)
        weight = 1 + count(node.body) + (0 if node.condition is None else count(node.condition))
        body = self.compile(node.body, inner)
        return compile_loop(node.kind, LoopParts(node.at, source, slot, weight, body, condition))


def _constant(value: Any) -> Run:
    def constant(names: Names, frame: Frame) -> Any:
        return value

    return constant


def _binary(node: Binary, left: Run, right: Run) -> Run:
    sign, at = node.operator, node.at
    if sign in _ORDERS:
        return _order(sign, left, right, at)
    if sign in ("==", "!="):
        return _equality(sign == "==", left, right, at)
    if sign == "in":
        return _member(left, right, at)
    return _arithmetic(sign, left, right, at)


def _order(sign: str, left: Run, right: Run, at: int) -> Run:
    compare = _ORDERS[sign]

    def ordered(names: Names, frame: Frame) -> bool:
        one = left(names, frame)
        other = right(names, frame)
        kind = type(one)
        if kind is not type(other) or (kind is not int and kind is not float):
            one, other = order(sign, one, other, frame, at)
        return compare(one, other)  # type: ignore[no-any-return]

    return ordered


def _equality(wanted: bool, left: Run, right: Run, at: int) -> Run:
    def equality(names: Names, frame: Frame) -> bool:
        one = left(names, frame)
        other = right(names, frame)
        kind = type(one)
        if kind is type(other) and (kind is int or kind is float or kind is bool):
            return (one == other) is wanted
        if kind is Optional or type(other) is Optional:
            raise Fault(at, describe_optional)
        return equal(one, other, frame, at) is wanted

    return equality


def _member(left: Run, right: Run, at: int) -> Run:
    def inside(names: Names, frame: Frame) -> bool:
        return member(left(names, frame), right(names, frame), frame, at)

    return inside


def _arithmetic(sign: str, left: Run, right: Run, at: int) -> Run:
    slow = ARITHMETIC[sign]
    if sign not in ("+", "-"):
        return _slow_arithmetic(sign, left, right, at)
    fast: Callable[[Any, Any], Any] = operator.add if sign == "+" else operator.sub

    def sum_of(names: Names, frame: Frame) -> Any:
        one = left(names, frame)
        other = right(names, frame)
        if type(one) is int and type(other) is int:
            value = fast(one, other)
            if INT_MIN <= value <= INT_MAX:
                return value
        return slow(one, other, frame, at)

    return sum_of


def _slow_arithmetic(sign: str, left: Run, right: Run, at: int) -> Run:
    slow = ARITHMETIC[sign]

    def product_of(names: Names, frame: Frame) -> Any:
        return slow(left(names, frame), right(names, frame), frame, at)

    return product_of


def _unary(node: Unary, operand: Run) -> Run:
    at = node.at

    def inverse(names: Names, frame: Frame) -> bool:
        value = operand(names, frame)
        if value is True:
            return False
        if value is False:
            return True
        raise Fault(at, describe_condition, quoted("!"), value)

    def negative(names: Names, frame: Frame) -> Any:
        return negate(operand(names, frame), at)

    return inverse if node.operator == "!" else negative


def _logic(node: Logic, terms: tuple[Run, ...]) -> Run:
    """`&&` and `||`: a deciding term wins on either side, even over a term that fails."""
    sign, at = node.operator, node.at
    decides = sign == "||"
    rest = not decides

    def settle(names: Names, frame: Frame) -> Any:
        fault: Fault | None = None
        for term in terms:
            try:
                value = term(names, frame)
            except Fault as raised:
                burn(frame, FAULT_COST, at)
                fault = fault or raised
                continue
            if value is decides:
                return decides
            if value is not rest:
                fault = fault or Fault(at, describe_condition, quoted(sign), value)
        if fault is not None:
            raise fault
        return rest

    return settle


def _choice(at: int, condition: Run, then: Run, otherwise: Run) -> Run:
    def choose(names: Names, frame: Frame) -> Any:
        value = condition(names, frame)
        if value is True:
            return then(names, frame)
        if value is False:
            return otherwise(names, frame)
        raise Fault(at, describe_condition, quoted("?"), value)

    return choose


def _list(items: tuple[Run, ...]) -> Run:
    def build(names: Names, frame: Frame) -> list[Any]:
        return [item(names, frame) for item in items]

    return build


def _map(entries: tuple[tuple[int, Run, Run], ...]) -> Run:
    def build(names: Names, frame: Frame) -> dict[Any, Any]:
        made: dict[Any, Any] = {}
        for at, key_of, value_of in entries:
            key = key_of(names, frame)
            if not isinstance(key, (str, int)):
                raise Fault(at, _describe_literal_key, key)
            if key in made:
                raise Fault(at, _describe_twice, key)
            made[key] = value_of(names, frame)
        return made

    return build


def _describe_literal_key(key: Any) -> Sentences:
    return faults.LITERAL_KEY(kind=type_name(key)), faults.KEYS_ARE_WRITTEN


def _describe_twice(key: Any) -> Sentences:
    return faults.TWICE(key=quoted(str(key)[:60])), UNSAID


def _call(node: Call, arguments: tuple[Run, ...]) -> Run:
    at, name = node.at, node.name
    if name == "orValue":
        return _or_value(at, *arguments)
    function = FUNCTIONS.get(name) or METHODS[name]
    work = function.implementation
    assert work is not None
    if len(arguments) == 1:
        only = arguments[0]

        def call_one(names: Names, frame: Frame) -> Any:
            return work(only(names, frame), frame, at)

        return call_one
    first, second = arguments

    def call_two(names: Names, frame: Frame) -> Any:
        return work(first(names, frame), second(names, frame), frame, at)

    return call_two


def _or_value(at: int, optional: Run, default: Run) -> Run:
    def unwrap(names: Names, frame: Frame) -> Any:
        value = optional(names, frame)
        if not isinstance(value, Optional):
            raise Fault(at, describe_not_optional, "orValue")
        return value.value if value.present else default(names, frame)

    return unwrap
