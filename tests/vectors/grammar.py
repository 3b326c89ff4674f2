"""Random expressions for comparing our evaluator with CEL.

Most are well typed, so that they yield values; now and then a part of another type or a missing
key slips in, so that errors and how `&&`, `||`, `all` and `exists` absorb them are compared too.
`filter` and `map` run over lists only, because the order of a map's keys differs by design.
"""

from collections.abc import Callable
from random import Random
from typing import Any, Final

NAMES: Final[dict[str, Any]] = {
    "a": 5,
    "b": -3,
    "big": 9223372036854775807,
    "zero": 0,
    "x": 2.5,
    "y": -0.0,
    "huge": 1e300,
    "s": "héllo",
    "t": "review",
    "empty": "",
    "smile": "a😀b",
    "digits": "42",
    "yes": True,
    "no": False,
    "nil": None,
    "l": [1, 2, 3],
    "words": ["ok", "warn", "error"],
    "mixed": [1, 2.0, "3", None, True, [4], {"k": 5}],
    "none": [],
    "m": {"n": 1, "s": "text", "f": 0.5, "deep": {"n": 2, "l": [7, 8]}, "nil": None},
    "bare": {},
    "rows": [
        {"id": 1, "score": 7.5, "ok": True, "tags": ["a", "b"]},
        {"id": 2, "score": 3.0, "ok": False, "tags": []},
        {"id": 3, "ok": True, "tags": ["c"]},
    ],
}
VARIABLES: Final = ("v", "w", "a", "item")
DECLARED: Final = [*NAMES, "state", "missing", *VARIABLES]

_BY_TYPE: Final = {
    "int": ["a", "b", "big", "zero", "m.n", "m.deep.n", "l[0]", "rows[1].id", "state.a", "m['n']"],
    "double": ["x", "y", "huge", "m.f", "rows[0].score", "state.x"],
    "string": [
        "s",
        "t",
        "empty",
        "smile",
        "digits",
        "m.s",
        "words[1]",
        "state.t",
        "rows[0].tags[0]",
    ],
    "bool": ["yes", "no", "rows[0].ok", "state.no"],
    "null": ["nil", "m.nil", "mixed[3]"],
    "list": ["l", "words", "mixed", "none", "m.deep.l", "rows", "rows[0].tags", "state.l"],
    "map": ["m", "bare", "m.deep", "rows[0]", "state.m", "mixed[6]"],
}
_TYPES: Final = ("int", "double", "string", "bool", "list", "map", "null")
_INTS: Final = (
    "0", "1", "2", "3", "7", "10", "100", "-1", "-7", "0x1F", "9223372036854775807",
    "-9223372036854775808", "4611686018427387904", "9007199254740993", "-2147483648",
)  # fmt: skip
_DOUBLES: Final = (
    "0.0", "-0.0", "0.5", "1.0", "2.5", "-3.25", "1e3", "1e-7", ".5", "123456.789", "1e6", "1e21",
    "9007199254740992.0", "9223372036854775807.0", "1e308", "-1e308", "1e400",
)  # fmt: skip
_STRINGS: Final = (
    "''", "'a'", "\"ok\"", "'héllo'", "'😀'", r"'\n'", r"'\u00e9'", r"'\x41'", "r'\\d'", "' x '",
    "'review'", "'e'", "'ERROR'", "'1'", "' 12 '", "'-7'", "'+3'", "'1.5'", "'1e3'", "'nan'",
    "'inf'", "'-Infinity'", "'true'", "'false'", "'T'", "'t'", "'0x10'", "'9223372036854775808'",
    "'''a'b'''", r"'\u00a0pad\u2003'", "'n'", "'deep'", "'.5'", "'5.'", "'1_0'", r"'\U0001F600'",
    r"'\uffff'",
)  # fmt: skip
_KEYS: Final = ("n", "s", "f", "deep", "nil", "l", "k", "id", "score", "ok", "tags", "nope", "if")


class Grammar:
    """Makes expressions from a random source; the same seed makes the same ones."""

    def __init__(self, random: Random, noise: float = 0.06) -> None:
        self._random = random
        self._noise = noise
        self._scope: list[str] = []

    def expression(self) -> str:
        """One expression."""
        self._scope = []
        kind = self._random.choice(("bool", "bool", "bool", *_TYPES))
        return self._make(kind, self._random.randint(1, 5))

    def _make(self, kind: str, depth: int, strict: bool = False) -> str:
        random = self._random
        if not strict and random.random() < self._noise:
            kind = random.choice(_TYPES)
        if not strict and random.random() < self._noise / 3:
            return random.choice(
                ("missing", "m.nope", "state.nope", "l[9]", "1 / 0", "rows[2].score")
            )
        if depth <= 0 or random.random() < 0.12:
            return self._leaf(kind, strict)
        if not strict and random.random() < 0.12:
            return self._any_form(kind, depth - 1)
        return str(getattr(self, f"_{kind}")(depth - 1))

    def _leaf(self, kind: str, strict: bool) -> str:
        random = self._random
        if self._scope and not strict and random.random() < 0.45:
            return random.choice(self._scope)
        if random.random() < 0.5:
            shadowed = [
                p for p in _BY_TYPE[kind] if p.split(".")[0].split("[")[0] not in self._scope
            ]
            if shadowed:
                return random.choice(shadowed)
        return self._literal(kind)

    def _literal(self, kind: str) -> str:
        random = self._random
        match kind:
            case "int":
                return random.choice(_INTS)
            case "double":
                return random.choice(_DOUBLES)
            case "string":
                return random.choice(_STRINGS)
            case "bool":
                return random.choice(("true", "false"))
            case "null":
                return "null"
            case "list":
                return random.choice(
                    ("[]", "[1, 2, 3]", "['a', 'b']", "[1.0, 2]", "[true, 1, 'x']")
                )
        return random.choice(
            ("{}", "{'n': 1}", "{'s': 'a', 'n': 2.0}", "{1: 'one', 2: 'two'}", "{true: 1}")
        )

    def _any_form(self, kind: str, depth: int) -> str:
        """Forms that yield any type: choice, access, optional."""
        random = self._random
        form = random.randrange(6)
        if form == 0:
            condition, then = self._make("bool", depth), self._make(kind, depth)
            return f"({condition} ? {then} : {self._make(kind, depth)})"
        if form == 1:
            return f"{self._operand('map', depth)}.{random.choice(_KEYS)}"
        if form == 2:
            base, key = self._operand("map", depth), random.choice(_KEYS)
            return f"{base}.?{key}.orValue({self._make(kind, depth)})"
        if form == 3:
            key = self._make("int", depth)
            return f"{self._operand('list', depth)}[?{key}].orValue({self._make(kind, depth)})"
        if form == 4:
            first, second = random.choice(_KEYS), random.choice(_KEYS)
            dot = random.choice((".", ".?"))
            return f"m.?{first}{dot}{second}.orValue({self._make(kind, depth)})"
        holder, key = random.choice((("list", "int"), ("map", "string")))
        return f"{self._operand(holder, depth)}[{self._make(key, depth)}]"

    def _operand(self, kind: str, depth: int) -> str:
        """A part that may stand before a dot or beside an operator.

        Now and then without the parentheses it needs, so that precedence is compared as well.
        """
        text = self._make(kind, depth)
        bare = text.isidentifier() or self._random.random() < 0.25
        return text if bare else f"({text})"

    def _infix(self, left: str, sign: str, right: str, depth: int) -> str:
        return f"{self._operand(left, depth)} {sign} {self._operand(right, depth)}"

    def _int(self, depth: int) -> str:
        random = self._random
        form = random.randrange(8)
        if form < 4:
            return self._infix("int", random.choice("+-*/%"), "int", depth)
        if form == 4:
            return f"-{self._operand('int', depth)}"
        if form == 5:
            return f"size({self._make(random.choice(('string', 'list', 'map')), depth)})"
        if form == 6:
            return f"{self._operand(random.choice(('string', 'list', 'map')), depth)}.size()"
        return f"int({self._make(random.choice(('double', 'string', 'bool', 'int')), depth)})"

    def _double(self, depth: int) -> str:
        random = self._random
        form = random.randrange(6)
        if form < 4:
            return self._infix("double", random.choice("+-*/"), "double", depth)
        if form == 4:
            return f"-{self._operand('double', depth)}"
        return f"double({self._make(random.choice(('int', 'string', 'double')), depth)})"

    def _string(self, depth: int) -> str:
        random = self._random
        form = random.randrange(5)
        if form < 2:
            return self._infix("string", "+", "string", depth)
        if form == 2:
            return f"string({self._printed(depth)})"
        method = random.choice(("lowerAscii", "upperAscii", "trim"))
        return f"{self._operand('string', depth)}.{method}()"

    def _printed(self, depth: int) -> str:
        """What string() gets: never a computed double, as the sign of a NaN varies by platform."""
        if self._random.random() < 0.5:
            return self._leaf("double", strict=True)
        return self._make(self._random.choice(("bool", "string")), depth, strict=True)

    def _bool(self, depth: int) -> str:
        random = self._random
        forms: tuple[Callable[[int], str], ...] = (
            self._logic, self._logic, self._relation, self._relation, self._equality,
            self._membership, self._text_test, self._quantifier, self._quantifier, self._presence,
        )  # fmt: skip
        if random.random() < 0.1:
            return f"!{self._operand('bool', depth)}"
        if random.random() < 0.04:
            return f"bool({self._make(random.choice(('string', 'bool')), depth)})"
        return random.choice(forms)(depth)

    def _logic(self, depth: int) -> str:
        sign = self._random.choice(("&&", "||"))
        terms = [self._operand("bool", depth) for _ in range(self._random.choice((2, 2, 2, 3, 4)))]
        return f" {sign} ".join(terms)

    def _relation(self, depth: int) -> str:
        random = self._random
        kind = random.choice(("int", "int", "double", "string", "bool"))
        other = random.choice(("int", "double")) if kind in ("int", "double") else kind
        return self._infix(kind, random.choice(("<", "<=", ">", ">=")), other, depth)

    def _equality(self, depth: int) -> str:
        kind = self._random.choice(_TYPES)
        other = kind if self._random.random() < 0.6 else self._random.choice(_TYPES)
        return self._infix(kind, self._random.choice(("==", "!=")), other, depth)

    def _membership(self, depth: int) -> str:
        if self._random.random() < 0.6:
            return self._infix(self._random.choice(_TYPES), "in", "list", depth)
        return self._infix(
            self._random.choice(("string", "int", "double", "bool")), "in", "map", depth
        )

    def _text_test(self, depth: int) -> str:
        method = self._random.choice(("contains", "startsWith", "endsWith"))
        return f"{self._operand('string', depth)}.{method}({self._make('string', depth)})"

    def _quantifier(self, depth: int) -> str:
        kind = self._random.choice(("exists", "all", "exists_one"))
        source = self._operand(self._random.choice(("list", "list", "map")), depth)
        return self._with_variable(source, kind, ("bool",), depth)

    def _presence(self, depth: int) -> str:
        base = self._operand("map", depth)
        key = self._random.choice(_KEYS)
        form = self._random.randrange(3)
        if form == 0:
            return f"{base}.?{key}.hasValue()"
        return f"has({base}.{'?' + key + '.' if form == 1 else ''}{self._random.choice(_KEYS)})"

    def _with_variable(self, source: str, kind: str, bodies: tuple[str, ...], depth: int) -> str:
        variable = self._random.choice(VARIABLES)
        self._scope.append(variable)
        parts = [self._make(body, depth) for body in bodies]
        self._scope.pop()
        return f"{source}.{kind}({', '.join((variable, *parts))})"

    def _list(self, depth: int) -> str:
        random = self._random
        form = random.randrange(5)
        if form == 0:
            items = [self._make(random.choice(_TYPES), depth) for _ in range(random.randint(0, 4))]
            return f"[{', '.join(items)}]"
        if form == 1:
            return f"({self._list_only(depth)} + {self._list_only(depth)})"
        if form == 2:
            return self._with_variable(self._list_only(depth), "filter", ("bool",), depth)
        bodies = (random.choice(_TYPES),) if form == 3 else ("bool", random.choice(_TYPES))
        return self._with_variable(self._list_only(depth), "map", bodies, depth)

    def _list_only(self, depth: int) -> str:
        """A part that is a list whatever happens, so that its order is the same everywhere."""
        text = self._make("list", min(depth, 2), strict=True)
        return text if text.isidentifier() else f"({text})"

    def _map(self, depth: int) -> str:
        random = self._random
        keys = random.sample(_KEYS, random.randint(0, 3))
        entries = [f"'{key}': {self._make(random.choice(_TYPES), depth)}" for key in keys]
        return "{" + ", ".join(entries) + "}"

    def _null(self, depth: int) -> str:
        return self._leaf("null", strict=False)
