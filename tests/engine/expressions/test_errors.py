"""What a failing expression says: where, what, and what to do about it."""

from typing import Any

import pytest

from engine import expressions
from engine.expressions import ExpressionError

STATE: dict[str, Any] = {
    "score": 6.5,
    "tries": 2,
    "review": {"verdict": "ship", "ok": None},
    "rows": [{"n": 1}, {"m": 2}],
    "name": "x",
}

ERRORS = [
    # source, position, message, hint
    (
        "scoer < 7",
        0,
        "no key 'scoer' (keys here: score, tries, review, rows, name)",
        "did you mean score?",
    ),
    (
        "attempts < 7",
        0,
        "no key 'attempts' (keys here:",
        "use has(state.attempts) or state.?attempts.",
    ),
    (
        "review.verdct == 'ship'",
        6,
        "no key 'verdct' in review (keys here: verdict, ok)",
        "did you mean",
    ),
    ("review.who", 6, "no key 'who' in review", "use has(review.who) or review.?who.orValue(…)"),
    (
        "state['odd key']",
        5,
        "no key 'odd key' (keys",
        "use 'odd key' in state or state[?'odd key']",
    ),
    ("rows.exists(r, r.n > 5)", 16, "no key 'n' in r (keys here: m)", "use has(r.n)"),
    ("result.n", 0, "there is no 'result' here", "only in outputs of a node"),
    ("review.ok.by", 9, "review.ok is null, so it has no key 'by'", "review.ok != null && …"),
    ("score.x", 5, "score is a double, so it has no key 'x'", ""),
    ("rows.n", 4, "rows is a list, so it has no key 'n'", "rows[0] or rows.map(x, …)"),
    ("rows[2]", 4, "index 2 is outside the list of 2 items", "rows[?2].orValue(…)"),
    ("rows[-1]", 4, "there is no negative index", "rows[size(rows) - 1]"),
    ("rows['a']", 4, "a list index must be an int, not string", ""),
    ("name < 1", 5, "'<' does not work on string and int", "int(…)"),
    ("review.ok < 1", 10, "'<' does not work on null and int", "x != null"),
    ("name + 1", 5, "'+' does not work on string and int", "string(…)"),
    ("score && true", 6, "'&&' needs true or false, not double", "x != 0.0"),
    ("!name", 0, "'!' needs true or false, not string", "x != ''"),
    ("rows ? 1 : 2", 5, "'?' needs true or false, not list", "size(x) > 0"),
    ("-name", 0, "'-' needs a number, not string", ""),
    ("1 / 0", 2, "'/' by zero", "n != 0 && …"),
    ("9223372036854775807 + 1", 20, "integer overflow", "double"),
    ("'a' in name", 4, "'in' does not look into strings", "contains"),
    ("name.contains(1)", 5, "contains() needs a string, not int", ""),
    ("size(1)", 0, "size() needs a string, a list or a map, not int", ""),
    ("int('x')", 0, "int() cannot read 'x'", ""),
    ("name.map(x, x)", 5, "a loop needs a list or a map, not string", ""),
    ("state.?name", 5, "an optional value must be unwrapped", ".orValue(default)"),
    ("name.orValue(1)", 5, "orValue() belongs after an optional access", "a.?b"),
    # Habits from elsewhere.
    ("score > 1 and tries > 1", 10, "unexpected 'and'", "use &&"),
    ("score > 1 or true", 10, "unexpected 'or'", "use ||"),
    ("not true", 0, "'not' is not a word here", "use !"),
    ("True", 0, "'True' is not a word here", "use true"),
    ("name == None", 8, "'None' is not a word here", "use null"),
    ("name is null", 5, "unexpected 'is'", "use =="),
    ("1 if score else 2", 2, "unexpected 'if' (a reserved word)", "condition ? a : b"),
    ("len(rows)", 0, "there is no function 'len'", "use size(x)"),
    ("name.lower()", 5, "there is no function 'lower'", "lowerAscii"),
    ("name.startswith('x')", 5, "there is no function 'startswith'", "startsWith"),
    ("review.get('x', 1)", 7, "there is no function 'get'", "[?key].orValue"),
    ("contains(name, 'x')", 0, "there is no function 'contains'", "write x.contains(…)"),
    ("name.int()", 5, "there is no function 'int'", "write int(x)"),
    ("score = 1", 6, "'=' is not an operator here", "=="),
    ("score === 1", 6, "'===' is not an operator here", "=="),
    ("score & 1", 6, "'&' is not an operator here", "&&"),
    ("tries // 2", 6, "'//' is not an operator here", "drops the fraction"),
    ("review?.ok", 6, "unexpected '?.'", "a.?b"),
    ("state.true", 6, "unexpected 'true'", "['true']"),
    ("has(score)", 4, "has() asks for a key after a dot", "has(state.score)"),
    ("has(review['ok'])", 10, "has() asks for a key after a dot", "'key' in map"),
    ("size(1, 2)", 0, "size() takes 1 argument, not 2", ""),
    ("name.contains()", 5, "contains() takes 1 argument, not 0", ""),
    ("true ? false ? 1 : 2 : 3", 13, "unexpected '?'", "parentheses"),
    ("1u", 1, "unexpected 'u' right after a number", "unsigned"),
    ("'a\\q'", 2, "unknown escape", r"\n"),
    ("", 0, "the expression is empty", "score < 8"),
    ("score <", 7, "the expression ends where a value is expected", ""),
]


@pytest.mark.parametrize(("source", "position", "message", "hint"), ERRORS)
def test_it_says_where_what_and_what_to_do(
    source: str, position: int, message: str, hint: str
) -> None:
    with pytest.raises(ExpressionError) as caught:
        expressions.compile(source).evaluate(STATE)

    error = caught.value
    assert error.position == position
    assert message in error.message
    assert hint in error.hint


def test_a_missing_key_reads_as_the_contract_says() -> None:
    with pytest.raises(ExpressionError) as caught:
        expressions.compile("attempts > 3").evaluate({"score": 1, "tries": 2})

    assert str(caught.value) == (
        "no key 'attempts' (keys here: score, tries); "
        "use has(state.attempts) or state.?attempts.orValue(…)"
    )


def test_the_caret_stands_under_the_place() -> None:
    with pytest.raises(ExpressionError) as caught:
        expressions.compile("score > 1 &&\ttries < nme").evaluate(STATE)

    assert caught.value.caret == "score > 1 && tries < nme\n                     ^"


def test_the_caret_counts_wide_letters_as_two_columns() -> None:
    with pytest.raises(ExpressionError) as caught:
        expressions.compile("'日本' == nme").evaluate(STATE)

    assert caught.value.caret == "'日本' == nme\n          ^"


def test_the_caret_of_a_long_source_shows_what_is_near() -> None:
    with pytest.raises(ExpressionError) as caught:
        expressions.compile("1 == 1 && " * 25 + "nme" + " && 1 == 1" * 6).evaluate(STATE)

    first, second = caught.value.caret.split("\n")
    assert first.index("nme") == second.index("^")
    assert len(first) <= 120


def test_a_message_shows_no_letter_that_reverses_the_text() -> None:
    with pytest.raises(ExpressionError) as caught:
        expressions.compile("m.x").evaluate({"m": {"\u202eevil": 1}})

    assert "\u202e" not in str(caught.value)


def test_many_keys_are_cut_and_counted() -> None:
    with pytest.raises(ExpressionError, match="k11, … 988 more"):
        expressions.compile("nope").evaluate({f"k{n}": n for n in range(1_000)})


def test_an_error_of_an_expression_that_is_no_string_says_so() -> None:
    with pytest.raises(ExpressionError, match="an expression is a string, not int"):
        expressions.compile(5)  # type: ignore[arg-type]


def test_check_gives_the_value() -> None:
    assert expressions.check("score > 6", STATE) == {"ok": True, "value": True}


def test_check_gives_the_error_in_the_form_of_the_api() -> None:
    found = expressions.check("score >", STATE)

    assert found == {
        "ok": False,
        "error": {
            "position": 7,
            "message": "the expression ends where a value is expected",
            "hint": "",
        },
    }


@pytest.mark.parametrize("source", ["1.0 / 0.0", "[0.0 / 0.0]", "{1: 2}", "{'a': [1e400]}"])
def test_check_refuses_values_the_state_cannot_hold(source: str) -> None:
    found = expressions.check(source, STATE)

    assert found["ok"] is False
    assert found["error"]["hint"] == "the state holds JSON"


def test_check_refuses_python_objects() -> None:
    found = expressions.check("thing", {"thing": object()})

    assert found["error"]["message"] == "the value is a Python object"
