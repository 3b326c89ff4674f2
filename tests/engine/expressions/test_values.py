"""What expressions give: one line per rule of the language."""

from collections import ChainMap
from typing import Any

import pytest

from engine import expressions
from engine.expressions import ExpressionError

STATE: dict[str, Any] = {
    "score": 6.5,
    "threshold": 8.0,
    "tries": 2,
    "name": "héllo",
    "tags": ["a", "b"],
    "tests": {"passed": True, "failed": 0},
    "rows": [{"n": 1, "ok": True}, {"n": 2, "ok": False}],
    "nothing": None,
    "odd key": 7,
}

VALUES = [
    ("score < threshold", True),
    ("score >= threshold || tries == 2", True),
    ("!tests.passed", False),
    ("tests['passed']", True),
    ("state['odd key']", 7),
    ("state.tries + 1", 3),
    ("has(tests.passed) && !has(tests.skipped)", True),
    ("state.?maybe.orValue(0)", 0),
    ("state.?tests.passed.orValue(false)", True),
    ("state.?maybe.?deeper.orValue('none')", "none"),
    ("tags[?5].orValue('x')", "x"),
    ("tags[?1].orValue('x')", "b"),
    ("tests[?'skipped'].hasValue()", False),
    ("has(state.?maybe.deeper)", False),
    ("'a' in tags", True),
    ("'passed' in tests", True),
    ("3 in [1, 2.0, 3.0]", True),
    ("1 in [true]", False),
    ("rows.exists(r, r.n == 2)", True),
    ("rows.all(r, r.ok)", False),
    ("rows.exists_one(r, r.ok)", True),
    ("rows.filter(r, r.ok).map(r, r.n)", [1]),
    ("rows.map(r, !r.ok, r.n * 10)", [20]),
    ("rows.map(r, rows.map(s, r.n * s.n))", [[1, 2], [2, 4]]),
    ("tests.map(k, k)", ["passed", "failed"]),
    ("tags.map(state, state)", ["a", "b"]),
    ("size(tags) + name.size()", 7),
    ("name.contains('ll') && name.startsWith('h') && name.endsWith('o')", True),
    ("'ÀbC'.lowerAscii() + 'ß'.upperAscii()", "Àbcß"),
    ("'\\u00a0 a\\t'.trim()", "a"),
    ("tries > 1 ? 'many' : 'few'", "many"),
    ("tries > 5 ? 1 : tries > 1 ? 2 : 3", 2),
    ("[1] + [2, 3,]", [1, 2, 3]),
    ("{'by': 'write', 'n': tries,}", {"by": "write", "n": 2}),
    ("-7 / 2", -3),
    ("-7 % 3", -1),
    ("7 % -3", 1),
    ("tries / 4.0", 0.5),
    ("2 * 3 + 4 % 3", 7),
    ("1 == 1.0 && 1 != true && null == null", True),
    ("[1, {'a': 2}] == [1.0, {'a': 2.0}]", True),
    ("0.0 / 0.0 == 0.0 / 0.0", False),
    ("1 / 0 == 1 || true", True),
    ("false && 1 / 0 == 1", False),
    ("[0, 1].exists(x, 1 / x > 0)", True),
    ("-9223372036854775808", -(2**63)),
    ("9223372036854775807 - 1", 2**63 - 2),
    ("9007199254740993 == 9007199254740992.0", True),
    ("0x1F + 017", 48),
    (".5 + 1e1", 10.5),
    ("int('12') + int(2.9) + int(true)", 15),
    ("double('2.5') + double(' 1e1 ')", 12.5),
    ("string(1.0) + string(2) + string(true) + string(0.5)", "12true0.5"),
    (
        "string(1000000.0) + ' ' + string(0.00001) + ' ' + string(123456.789)",
        "1e+06 1e-05 123456.789",
    ),
    ("bool('t') && !bool('False')", True),
    (r"'\x41\101\u00e9\n\''", "AAé\n'"),
    (r"r'\n' + '''a'b''' + \"\"\"a\"b\"\"\"".replace('\\"', '"'), "\\na'ba\"b"),
    ("'a' < 'b' && 'é' > 'z' && false < true", True),
    ("nothing == null ? 'empty' : 'full'", "empty"),
    ("[[1, 2], [3]][0][1]", 2),
    ("state.if == 1 || true", True),
]


@pytest.mark.parametrize(("source", "value"), VALUES)
def test_it_gives_the_value_of_the_language(source: str, value: Any) -> None:
    found = expressions.compile(source).evaluate(STATE)

    assert found == value
    assert type(found) is type(value)


def test_names_may_be_any_mapping() -> None:
    names = ChainMap({"result": {"n": 1}}, {"state": STATE}, STATE)

    found = expressions.compile("result.n + tries + state.tries").evaluate(names)

    assert found == 5


def test_the_state_is_the_names_unless_they_have_one_of_their_own() -> None:
    whole = expressions.compile("state.a")

    assert whole.evaluate({"a": 1}) == 1
    assert whole.evaluate({"a": 1, "state": {"a": 2}}) == 2


def test_it_tells_which_names_paths_and_state_keys_it_reads() -> None:
    source = "tests.passed && rows.exists(r, r.n > limit) && state['odd key'] > 1 && has(result.x)"

    expression = expressions.compile(source)

    assert expression.names == {"tests", "rows", "limit", "state", "result"}
    assert ("tests", "passed") in expression.references
    assert ("state", "odd key") in expression.references
    assert ("result", "x") in expression.references
    assert expression.state_keys == {"tests", "rows", "limit", "odd key"}


def test_a_loop_variable_hides_a_name_only_inside_its_loop() -> None:
    expression = expressions.compile("tags.exists(tries, tries == 'a') && tries == 2")

    assert expression.evaluate(STATE) is True
    assert expression.names == {"tags", "tries"}


def test_the_same_source_is_compiled_once() -> None:
    assert expressions.compile("1 + 1") is expressions.compile("1 + 1")


def test_evaluation_leaves_the_state_as_it_was() -> None:
    state = {"l": [1, 2], "m": {"a": 1}}

    expressions.compile("(l + [3]).map(x, x + size(m))").evaluate(state)

    assert state == {"l": [1, 2], "m": {"a": 1}}


def test_true_and_one_cannot_be_keys_of_one_map() -> None:
    with pytest.raises(ExpressionError, match="twice"):
        expressions.compile("{1: 'a', true: 'b'}").evaluate({})
