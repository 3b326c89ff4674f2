"""What holds for every text and every state."""

import math
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine import expressions
from engine.expressions import ExpressionError
from engine.expressions.lexer import tokens

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=20,
)
PIECES = st.sampled_from(
    [
        "a", "b", "state", "l", "m", "1", "2.5", "'x'", '"y"', "true", "false", "null", "in",
        "has(", "size(", "map(", "exists(", "x", ",", ".", ".?", "[", "[?", "]", "(", ")", "{",
        "}", ":", "?", "+", "-", "*", "/", "%", "!", "&&", "||", "==", "!=", "<", "<=", ">", ">=",
        "orValue(", "item", "and", "or", "if", "é", "\u202e", "\x00", "'''", "r'", "\\",
    ]
)  # fmt: skip


def value_or_error(source: str, names: dict[str, Any]) -> Any:
    try:
        return expressions.compile(source).evaluate(names)
    except ExpressionError as error:
        return error


@given(st.text(max_size=60))
def test_any_text_gives_a_value_or_an_error_inside_it(source: str) -> None:
    found = value_or_error(source, {})

    if isinstance(found, ExpressionError):
        assert 0 <= found.position <= len(source)


@settings(max_examples=500)
@given(st.lists(PIECES, max_size=25), st.sampled_from(["", " "]))
def test_any_soup_of_tokens_gives_a_value_or_an_error(pieces: list[str], between: str) -> None:
    source = between.join(pieces)

    found = value_or_error(source, {"a": 1, "b": None, "l": [1], "m": {"x": 1}})

    if isinstance(found, ExpressionError):
        assert 0 <= found.position <= len(source)
        assert found.caret


@given(JSON)
def test_a_name_gives_its_value_untouched(value: Any) -> None:
    assert expressions.compile("v").evaluate({"v": value}) is value


def _has_nan(value: Any) -> bool:
    if isinstance(value, float):
        return math.isnan(value)
    if isinstance(value, dict):
        value = list(value.values())
    return isinstance(value, list) and any(map(_has_nan, value))


@given(JSON)
def test_a_value_equals_itself_unless_it_holds_a_nan(value: Any) -> None:
    assert expressions.compile("v == v").evaluate({"v": value}) is not _has_nan(value)


@given(JSON, JSON)
def test_equality_is_symmetric_and_not_equal_its_opposite(one: Any, other: Any) -> None:
    names = {"a": one, "b": other}

    equal = expressions.compile("a == b").evaluate(names)

    assert expressions.compile("b == a").evaluate(names) is equal
    assert expressions.compile("a != b").evaluate(names) is not equal


@given(st.lists(JSON, max_size=5), JSON)
def test_membership_is_equality_with_some_item(items: list[Any], value: Any) -> None:
    names = {"l": items, "v": value}

    inside = expressions.compile("v in l").evaluate(names)

    assert inside is expressions.compile("l.exists(x, x == v)").evaluate(names)


@given(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**63), 2**63 - 1))
def test_quotient_and_remainder_make_the_number_again(a: int, b: int) -> None:
    found = value_or_error("(a / b) * b + a % b", {"a": a, "b": b})

    if b == 0 or (a, b) == (-(2**63), -1):
        assert isinstance(found, ExpressionError)
    else:
        assert found == a


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_survives_its_text(value: float) -> None:
    assert expressions.compile("double(string(v)) == v").evaluate({"v": value}) is True


@given(st.integers(-(2**63), 2**63 - 1))
def test_an_int_survives_its_text(value: int) -> None:
    assert expressions.compile("int(string(v)) == v").evaluate({"v": value}) is True


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_a_string_literal_with_escapes_is_the_string(text: str) -> None:
    escaped = "".join(f"\\U{ord(letter):08x}" for letter in text)

    assert expressions.compile(f"'{escaped}'").evaluate({}) == text


@given(st.lists(st.booleans() | st.none(), max_size=6))
def test_exists_and_all_are_or_and_and(items: list[bool | None]) -> None:
    names = {"l": items}
    terms = [("null" if item is None else str(item).lower()) for item in items]

    for loop, sign, empty in (("exists", "||", "false"), ("all", "&&", "true")):
        looped = value_or_error(f"l.{loop}(x, x)", names)
        written = value_or_error(f" {sign} ".join([empty, *terms]), names)
        assert isinstance(looped, ExpressionError) == isinstance(written, ExpressionError)
        assert isinstance(looped, ExpressionError) or looped is written


@given(st.text("ab+-*/%!&|=<>()[]{}.,:?'\" \\r01e\n", max_size=40))
def test_tokens_cover_the_source_in_order(source: str) -> None:
    try:
        found = tokens(source)
    except ExpressionError:
        return

    starts = [token.at for token in found]
    assert starts == sorted(set(starts))
    assert starts[-1] == len(source)
