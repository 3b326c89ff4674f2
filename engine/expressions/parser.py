"""Tokens to nodes: precedence climbing, bounded in nesting, chain length and node count.

Recursion happens only where the text nests (parentheses, brackets, arguments, branches), and
`MAX_DEPTH` bounds that; chains of operators, accesses and signs are loops.
"""

from collections.abc import Callable
from typing import Any, Final, NoReturn

from engine.said import UNSAID, Quoted, Said, counted, quoted, say, say_as

from .errors import ExpressionError
from .functions import FUNCTIONS, METHODS
from .lexer import TOO_LARGE, Kind, Token, tokens
from .limits import INT_MAX, MAX_DEPTH, MAX_NODES
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
)
from .words import CALL_HABITS, NAME_HABITS, RESERVED_HABITS

LOOPS: Final = {"exists": (2,), "all": (2,), "exists_one": (2,), "filter": (2,), "map": (2, 3)}
"""Loop name to the numbers of arguments it takes."""

_LEVELS: Final = (
    dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in"), 0)
    | dict.fromkeys(("+", "-"), 1)
    | dict.fromkeys(("*", "/", "%"), 2)
)
_CONSTANTS: Final = {"true": True, "false": False, "null": None}


def parse(source: str) -> Node:
    """The expression as nodes. Raises ExpressionError."""
    return _Parser(source).whole()


class _Parser:
    """Reads one source once."""

    __slots__ = ("_depth", "_made", "_next", "_source", "_tokens")

    def __init__(self, source: str) -> None:
        self._source = source
        self._tokens = tokens(source)
        self._next = 0
        self._depth = 0
        self._made = 0

    def whole(self) -> Node:
        if self._peek().kind is Kind.END:
            hint = say("write a condition such as {example}", example="score < 8")
            self._fail(0, say("the expression is empty"), hint)
        node = self._expression()
        if self._peek().kind is not Kind.END:
            self._unexpected(say("the end or an operator"))
        return node

    # Levels of precedence, loosest first.

    def _expression(self) -> Node:
        """`a ? b : c`, which associates to the right; the chain of `:` branches is a loop."""
        self._enter()
        branches: list[tuple[int, Node, Node]] = []
        node = self._logic("||")
        while (mark := self._take("?")) is not None:
            if self._peek().value == ".":
                hint = say("write {text}", text="a.?b.orValue(default)")
                self._fail(mark.at, say("unexpected {found}", found=quoted("?.")), hint)
            then = self._logic("||")
            if self._peek().value == "?":
                self._unexpected(quoted(":"), say("put the inner ?: into parentheses"))
            self._expect(":")
            branches.append((mark.at, node, then))
            node = self._logic("||")
        for at, condition, then in reversed(branches):
            node = self._make(Choice, at, (condition, then, node), condition, then, node)
        self._depth -= 1
        return node

    def _logic(self, operator: str) -> Node:
        part: Callable[[], Node] = self._binary if operator == "&&" else self._conjunction
        first = part()
        terms = [first]
        at = self._peek().at
        while self._take(operator) is not None:
            terms.append(part())
            self._bound(len(terms), terms[-1].at)
        if len(terms) == 1:
            return first
        return self._make(Logic, at, tuple(terms), operator, tuple(terms))

    def _conjunction(self) -> Node:
        return self._logic("&&")

    def _binary(self, loosest: int = 0) -> Node:
        """Relations, sums and products, left to right, binding at least as tight as `loosest`."""
        node = self._signed()
        while (level := self._level()) >= loosest:
            mark = self._advance()
            right = self._binary(level + 1)
            node = self._make(Binary, mark.at, (node, right), str(mark.value), node, right)
        return node

    def _level(self) -> int:
        """How tight the next token binds as a binary operator; -1 when it is none."""
        return _LEVELS.get(self._peek().value, -1) if self._is_sign() else -1

    def _signed(self) -> Node:
        """A run of `!` or of `-` before an operand; as in CEL, two of them cancel out."""
        sign = self._peek()
        if sign.kind is not Kind.OPERATOR or sign.value not in ("!", "-"):
            return self._accesses(self._primary())
        marks = []
        while (mark := self._take(str(sign.value))) is not None:
            marks.append(mark)
            self._bound(len(marks), mark.at)
        if sign.value == "!" and self._peek().value == "-" and self._is_number(1):
            node = self._negative_number(self._advance())
        elif sign.value == "-" and self._is_number(0):
            node = self._negative_number(marks.pop())
        else:
            node = self._accesses(self._primary())
        if len(marks) % 2 == 0:
            return node
        return self._make(Unary, marks[0].at, (node,), str(sign.value), node)

    def _negative_number(self, minus: Token) -> Node:
        """`-9223372036854775808` is one literal, so the minus belongs to the number."""
        literal = self._make(Literal, minus.at, (), -self._advance().value)
        return self._accesses(literal)

    # Operands.

    def _accesses(self, node: Node) -> Node:
        """`.key`, `.?key`, `[key]`, `[?key]`, `.method(…)` after an operand."""
        while True:
            if (dot := self._take(".")) is not None:
                node = self._after_dot(node, dot)
            elif (bracket := self._take("[")) is not None:
                optional = self._take("?") is not None
                key = self._expression()
                self._expect("]")
                node = self._make(Index, bracket.at, (node, key), node, key, optional)
            else:
                return node

    def _after_dot(self, node: Node, dot: Token) -> Node:
        optional = self._take("?") is not None
        token = self._peek()
        if token.kind not in (Kind.NAME, Kind.RESERVED):
            is_word = token.kind is Kind.KEYWORD
            hint = say("write {text}", text=f"['{token.value}']") if is_word else UNSAID
            self._unexpected(say("a key after the dot"), hint)
        self._advance()
        name = str(token.value)
        if not optional and self._peek().value == "(" and self._is_sign():
            return self._method(node, name, token)
        return self._make(Select, dot.at, (node,), node, name, optional)

    def _primary(self) -> Node:
        token = self._peek()
        if token.kind is Kind.NUMBER or token.kind is Kind.STRING:
            return self._literal(self._advance())
        if token.kind is Kind.KEYWORD and token.value in _CONSTANTS:
            self._advance()
            return self._make(Literal, token.at, (), _CONSTANTS[token.value])
        if token.kind is Kind.NAME:
            return self._name_or_call(self._advance())
        if token.kind is Kind.OPERATOR and token.value in ("(", "[", "{"):
            return self._bracketed(self._advance())
        return self._unexpected(say("a value"))

    def _literal(self, token: Token) -> Node:
        if isinstance(token.value, int) and token.value > INT_MAX:
            self._fail(token.at, *TOO_LARGE)
        return self._make(Literal, token.at, (), token.value)

    def _bracketed(self, opening: Token) -> Node:
        if opening.value == "(":
            node = self._expression()
            self._expect(")")
            return node
        if opening.value == "[":
            items = self._items("]", self._expression)
            return self._make(ListOf, opening.at, items, items)
        entries = self._items("}", self._entry)
        parts = tuple(part for entry in entries for part in entry)
        return self._make(MapOf, opening.at, parts, entries)

    def _entry(self) -> tuple[Node, Node]:
        key = self._expression()
        self._expect(":")
        return key, self._expression()

    def _items(self, closing: str, item: Callable[[], Any]) -> tuple[Any, ...]:
        """Items up to the closing bracket; one comma may stand before it, as in Python."""
        items: list[Any] = []
        while self._take(closing) is None:
            if items:
                self._expect(",", closing)
                if self._take(closing) is not None:
                    break
            items.append(item())
        return tuple(items)

    def _name_or_call(self, token: Token) -> Node:
        name = str(token.value)
        if self._peek().value == "(" and self._is_sign():
            return self._function(name, token)
        if name in NAME_HABITS:
            hint = say(
                "{hint} (a state key of this name is {key})",
                hint=NAME_HABITS[name],
                key=f"state['{name}']",
            )
            self._fail(token.at, say("'{name}' is not a word here", name=name), hint)
        return self._make(Name, token.at, (), name)

    # Calls.

    def _function(self, name: str, token: Token) -> Node:
        if name == "has":
            return self._has(token)
        if name not in FUNCTIONS:
            self._unknown(name, token, NAME_HABITS.get(name), name in METHODS or name in LOOPS)
        arguments = self._arguments()
        self._check_count(name, token, len(arguments), FUNCTIONS[name].arity)
        return self._make(Call, token.at, arguments, name, arguments)

    def _has(self, token: Token) -> Node:
        arguments = self._arguments()
        self._check_count("has", token, len(arguments), 1)
        field = arguments[0]
        if not isinstance(field, Select) or field.optional:
            form = "has(a.b)"
            if isinstance(field, Name):
                form = f"has(state.{field.name})"
            elif isinstance(field, Index):
                form = "'key' in map"
            hint = say("write {text}", text=form)
            self._fail(field.at, say("has() asks for a key after a dot"), hint)
        return self._make(Has, token.at, (field.base,), field.base, field.key)

    def _method(self, receiver: Node, name: str, token: Token) -> Node:
        if name in LOOPS:
            return self._loop(receiver, name, token)
        if name not in METHODS:
            self._unknown(name, token, None, name in FUNCTIONS)
        arguments = self._arguments()
        self._check_count(name, token, len(arguments), METHODS[name].arity - 1)
        parts = (receiver, *arguments)
        return self._make(Call, token.at, parts, name, parts)

    def _loop(self, source: Node, kind: str, token: Token) -> Node:
        arguments = self._arguments()
        if len(arguments) not in LOOPS[kind]:
            said = say("{name}() takes a variable and an expression", name=kind)
            self._fail(token.at, said, _loop_form(kind))
        variable = arguments[0]
        if not isinstance(variable, Name):
            said = say("{name}() starts with a variable name", name=kind)
            self._fail(variable.at, said, _loop_form(kind))
        body = arguments[-1]
        condition = arguments[1] if len(arguments) == 3 else None
        parts = (source, *arguments[1:])
        return self._make(Loop, token.at, parts, kind, source, variable.name, body, condition)

    def _arguments(self) -> tuple[Node, ...]:
        self._expect("(")
        if self._take(")") is not None:
            return ()
        arguments = [self._expression()]
        while self._take(",") is not None:
            arguments.append(self._expression())
        self._expect(")")
        return tuple(arguments)

    def _check_count(self, name: str, token: Token, given: int, wanted: int) -> None:
        if given != wanted:
            said = counted(
                "{name}() takes {n} argument, not {given}",
                "{name}() takes {n} arguments, not {given}",
                wanted,
                name=name,
                given=given,
            )
            self._fail(token.at, said)

    def _unknown(self, name: str, token: Token, habit: Said | None, other_form: bool) -> NoReturn:
        if habit is not None:
            self._fail(token.at, say("'{name}' is not a word here", name=name), habit)
        hint = CALL_HABITS.get(name)
        if hint is None and other_form:
            form = f"{name}(x)" if name in FUNCTIONS else f"x.{name}(…)"
            hint = say("write {text}", text=form)
        if hint is None:
            known = sorted({*FUNCTIONS, *METHODS, *LOOPS, "has"})
            hint = say("known functions: {names}", names=", ".join(known))
        self._fail(token.at, say("there is no function '{name}'", name=name), hint)

    # Tokens and bounds.

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _advance(self) -> Token:
        token = self._tokens[self._next]
        if token.kind is not Kind.END:
            self._next += 1
        return token

    def _is_sign(self) -> bool:
        """Whether the next token is an operator or `in`, not a string that looks like one."""
        return self._peek().kind in (Kind.OPERATOR, Kind.KEYWORD)

    def _is_number(self, ahead: int) -> bool:
        """Whether the token that many places after the next one is a number."""
        return self._tokens[min(self._next + ahead, len(self._tokens) - 1)].kind is Kind.NUMBER

    def _take(self, text: str) -> Token | None:
        token = self._peek()
        if token.kind is Kind.OPERATOR and token.value == text:
            return self._advance()
        return None

    def _expect(self, *texts: str) -> None:
        if self._take(texts[0]) is None:
            first, *others = map(quoted, texts)
            wanted: str = first
            for other in others:
                wanted = say("{one} or {other}", one=wanted, other=other)
            self._unexpected(wanted)

    def _make(
        self, kind: Callable[..., Node], at: int, parts: tuple[Node, ...], *fields: Any
    ) -> Node:
        """A node with its height; refuses what is too high or too much."""
        self._made += 1
        if self._made > MAX_NODES:
            said = say("the expression has more than {n} parts", n=MAX_NODES)
            self._fail(at, said, say("move work into a tool"))
        height = 1 + max((part.height for part in parts), default=0)
        self._bound(height, at)
        return kind(at, height, *fields)

    def _enter(self) -> None:
        self._depth += 1
        self._bound(self._depth, self._peek().at)

    def _bound(self, levels: int, at: int) -> None:
        if levels > MAX_DEPTH:
            self._fail(
                at,
                say("nested or chained more than {n} levels", n=MAX_DEPTH),
                say("use x in [a, b, c] for long alternatives, or move work into a tool"),
            )

    def _unexpected(self, wanted: str, hint: Said = UNSAID) -> NoReturn:
        token = self._peek()
        if token.kind is Kind.END:
            said = say("the expression ends where {wanted} is expected", wanted=wanted)
            self._fail(token.at, said, hint)
        text = str(token.value)
        hint = hint or NAME_HABITS.get(text, UNSAID) or RESERVED_HABITS.get(text, UNSAID)
        found: str = Quoted(f"'{text}'")
        if token.kind is Kind.STRING:
            found = say("the string '{text}'", text=text[:20])
        elif token.kind is Kind.RESERVED:
            found = say("'{word}' (a reserved word)", word=text)
        said = say("unexpected {found}, {wanted} is expected", found=found, wanted=wanted)
        self._fail(token.at, said, hint)

    def _fail(self, at: int, message: Said, hint: Said = UNSAID) -> NoReturn:
        raise ExpressionError(at, message, hint, self._source)


def _loop_form(kind: str) -> Said:
    form = f"list.{kind}(x, …)"
    return say_as("write {text}", form, text=form)
