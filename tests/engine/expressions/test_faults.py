"""What evaluations fail with is found again in what journals keep of it."""

import ast
from pathlib import Path
from typing import Any

import pytest

from engine import expressions
from engine.expressions import ExpressionError, faults
from engine.readable import Readable, readable, readable_count
from engine.said import Grouped, Quoted, Said

FAULTS = [
    "nothing", "state.nothing", "result", "long.x", "long.scora", "n.x", "z.x", "l.x", "t.x",
    "o.?x", "l['a']", "l[9]", "l[-1]", "l[10000000000000000000 - 1]", "long[z]", "long['a b']",
    "empty.x", "n + t", "z + n", "b + n", "l + n", "n + 9223372036854775807", "n / 0", "n % 0",
    "1.5 % 2", "'a' in t", "'a' in n", "l in long", "-t", "!n", "n && b", "n ? 1 : 2",
    "l.all(x, x)", "z.map(x, x)", "n.map(x, x)", "size(n)", "size(z)", "int('x')", "int(1e30)",
    "double('x')", "double(z)", "string(l)", "bool('x')", "bool(n)", "n.contains('a')",
    "t.contains(n)", "n.trim()", "n.hasValue()", "n.orValue(1)", "{l: 1}", "{'a': 1, 'a': 2}",
    "big.map(x, x)", "{1: 2}", "[1.0 / 0.0]", "huge + huge", "huge.trim() + huge.trim()",
    "big + big + l", "m.map(x, m.map(y, m.map(z, 1)))", "long", "t < n", "one[5]",
    "long.score", "l[far]", "empty.?x", "vast.lowerAscii()", "state.?x.y",
]  # fmt: skip
NAMES: dict[str, Any] = {
    "n": 1, "z": None, "b": True, "t": "text", "l": [1, 2], "one": [1], "o": 1.5, "empty": {},
    "long": {f"score{i}": i for i in range(20)}, "big": list(range(10_001)), "m": list(range(100)),
    "huge": "x" * 40_000, "vast": "x" * 70_000, "far": 10**20,
}  # fmt: skip


def fault_of(source: str) -> ExpressionError | None:
    """What the expression fails with where it is evaluated, if it can be read at all."""
    try:
        expression = expressions.compile(source)
    except ExpressionError:
        return None
    try:
        expression.evaluate(NAMES)
    except ExpressionError as error:
        return error
    return None


def template_of(said: Said) -> str:
    return said.plural or said.template


@pytest.mark.parametrize("source", FAULTS)
def test_each_fault_is_found_again(source: str) -> None:
    error = fault_of(source)
    if error is None:
        return
    kept = {key: str(value) for key, value in error.as_dict().items()}
    text = f"{error}\n{error.caret}"

    said = faults.reread(kept, text)

    assert said == text
    assert said is not None
    inner = said.values["message"]
    parts = [inner] if not error.hint else list(inner.values.values())
    assert [template_of(part) for part in parts] == [
        template_of(part) for part in (error.message, error.hint) if part
    ]
    for found, made in zip(parts, (error.message, error.hint), strict=False):
        assert found == made
        assert {gap: str(value) for gap, value in found.values.items()} == {
            gap: str(value) for gap, value in made.values.items()
        }
        for gap, value in made.values.items():
            assert isinstance(found.values[gap], type(value)) or isinstance(value, int)
    assert faults.reread(kept, str(error)) == str(error)


def test_every_sentence_is_one_of_some_fault() -> None:
    """A new one needs a source in FAULTS that fails with it."""
    said = set()
    for source in FAULTS:
        error = fault_of(source)
        if error is not None:
            said |= {error.message.template, error.hint and error.hint.template}
    known = {
        each.sentence if isinstance(each, Readable) else each.template for each in faults.SENTENCES
    }

    assert known - said == set()


def test_the_list_of_sentences_is_whole() -> None:
    """Each name of the module in capitals is a sentence, or a part of one that has some."""
    parts = {"NO_KEYS", "KEYS", "MORE_KEYS", "ITEMS", "THE_VALUE", "WANTED", "TEXT_BEFORE", "TEXT"}
    named = {name: value for name, value in vars(faults).items() if name.isupper()}

    sentences = [
        value
        for name, value in named.items()
        if name[0] != "_" and name not in {*parts, "SENTENCES", "FREE_NAMES", "UNSAID"}
    ]
    assert sentences == list(faults.SENTENCES)


EVALUATING = ("access", "compiler", "expression", "functions", "loops", "operators", "values")


@pytest.mark.parametrize("module", EVALUATING)
def test_what_evaluates_says_nothing_else(module: str) -> None:
    path = Path(faults.__file__).with_name(f"{module}.py")
    calls = [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("say", "counted")
    ]

    # It compiles too: what is no text at all never becomes an expression.
    assert len(calls) == (1 if module == "expression" else 0)


@pytest.mark.parametrize(
    ("message", "hint", "text"),
    [
        ("somebody's words", "", "somebody's words"),
        ("'/' by zero", "somebody's words", "'/' by zero; somebody's words"),
        ("'/' by zero", "", "the division is by zero"),
        ("'/' by zero", None, "'/' by zero"),
        ("'/' by zero" + " " * 2_000, "", "'/' by zero" + " " * 2_000),
        ("a map has no keys of type x\ny", "", "a map has no keys of type x\ny"),
    ],
)
def test_what_is_no_fault_is_none(message: str, hint: Any, text: str) -> None:
    assert faults.reread({"message": message, "hint": hint}, text) is None


def test_gaps_hold_what_they_may_and_nothing_else() -> None:
    inner = readable("({name})")
    outer = readable("{what} {n} times in {where}", what=[inner, Said("it", "it")])

    said = outer.read("(a b) 1,234 times in 'x'")

    assert said is not None
    assert said.values["what"].template == "({name})"
    assert isinstance(said.values["n"], Grouped)
    assert isinstance(said.values["where"], Quoted)
    assert outer.read("it 3 times in x") == "it 3 times in x"
    assert outer.read("they 3 times in x") is None
    assert outer.read("it many times in x") is None


def test_a_number_of_things_is_found_again() -> None:
    items = readable_count("{n} item", "{count} items")

    assert [items.read(text) for text in ("1 item", "2,345 items", "0 items")] == [
        items(1),
        items(2_345),
        items(0),
    ]
    for other in ("items", "2 item", "1 items", "2345 items", "2 items more"):
        assert items.read(other) is None
