"""What the engine says, in German: whole, of every code, and English for whoever keeps it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils.translation import override

from engine import Event, Graph, ToolRegistry, expressions, failing, fold, run
from engine.expressions import faults, words
from engine.graph.schema import refusals
from engine.linting.lint import lint
from engine.readable import Readable
from engine.said import Said, counted, grouped, quoted, say
from engine.telling.explaining import reasons
from studio.actions import documents, pins
from studio.actions.document_text import parse
from studio.actions.errors import ActionError
from studio.sentences import error_told, for_people, in_words, told
from tests.engine.expressions.test_faults import FAULTS, NAMES, fault_of
from tests.engine.helpers import graph_of, registry_of
from tests.engine.test_problem_codes import EXAMPLES, found, registry
from tests.words import catalogues

__all__ = ["registry"]

GERMAN = catalogues.kept("de", "django")
SAME = {"{message}\n{place}", "{problem} in {text}. {form}.", "{problem}.",
        "{refused}: {problem}.", "{one} {other}", "{one}; {other}", "{n} ({names})",
        "{kind}", "{problem}", "{message}; {hint}", "{message}; {hint}.", "{key}: {problem}",
        "limits.{key}: {problem}", "{one}, {other}"}  # fmt: skip
"""Sentences of no words."""


def sentences(text: object) -> Iterator[Said]:
    """A sentence, and those that fill its gaps."""
    if isinstance(text, Said) and text:
        yield text
        for value in text.values.values():
            yield from sentences(value)


def assert_german(text: str) -> None:
    """Every sentence in it is one of the catalogue, and comes out without an open gap."""
    assert isinstance(text, Said), f"{text!r} cannot be said in another language"
    for said in sentences(text):
        message = GERMAN.get(said.template)
        assert message is not None, f"{said.template!r} is no marked text"
        german = catalogues.forms(message)[0]
        assert german != said.template or said.template in SAME, f"{said.template!r} is English"
    with override("de"):
        shown = told(text)
    for gap in re.findall(r"\{\w+\}", shown):
        assert gap in text, f"{shown!r} has an open gap"


@pytest.mark.parametrize("code", sorted(EXAMPLES))
def test_every_problem_is_told_in_german(code: str, registry: ToolRegistry) -> None:
    problems = found(EXAMPLES[code][0], registry)

    for problem in problems:
        assert_german(problem.message)
        if problem.hint:
            assert_german(problem.hint)
        with override("en"):
            assert told(problem.message) == str(problem.message)


MISTAKES = [
    "", "a b", "a ?. b", "a ? b ? c : d : e", "a.1", "a.in", "(", "'x", "'\\q'",
    "\u202e", "\ud800", "x" * 4_001, "1x", "1u", "99999999999999999999", "'\\ud800'", "ä", "“a”",
    "$a", "@", "a = b", "a // b", "and", "a and b", "len(x)", "nothing(x)", "x.size(1)", "size()",
    "x.contains()", "has(a)", "has(a['b'])", "has(1)", "x.map(y)", "x.map(1, 2)", "x.int()",
    "contains(x)", "if", "a while b", "not a", "+".join("1" * 40), "(" * 40, "[1 2]", "{1 2}",
    "[" + "1," * 600 + "]", "-" * 40 + "1", "a 'b'", "while", "undefined(x)", "r'a",
]  # fmt: skip


@pytest.mark.parametrize("source", MISTAKES)
def test_every_mistake_in_an_expression_is_told_in_german(source: str) -> None:
    with pytest.raises(expressions.ExpressionError) as raised:
        expressions.compile(source)

    assert_german(raised.value.said)


@pytest.mark.parametrize("source", FAULTS)
def test_every_fault_of_an_expression_is_told_in_german(source: str) -> None:
    answer = expressions.check(source, NAMES, lambda said: said)
    if answer["ok"]:
        assert source in ("long", "{1: 2}") or "orValue" in source or source == "l in long"
        return

    assert_german(answer["error"]["message"])
    if answer["error"]["hint"]:
        assert_german(answer["error"]["hint"])


@pytest.mark.parametrize("sentence", faults.SENTENCES)
def test_every_sentence_of_faults_is_told_in_german(sentence: Said | Readable) -> None:
    if isinstance(sentence, Said):
        assert_german(sentence)
    else:
        gaps = set(re.findall(r"\{(\w+)\}", sentence.sentence))
        assert_german(sentence(**dict.fromkeys(gaps, "x")))


@pytest.mark.parametrize("source", FAULTS)
def test_a_fault_of_an_expression_in_a_run_is_told_in_german(source: str) -> None:
    error = fault_of(source)
    if error is None:
        return
    why = f"{error}\n{error.caret}"
    message = failing.CONDITION(edge="a-b", why=why)
    kept = {"code": "E_CONDITION", "message": message, "details": error.as_dict()}
    assert kept["message"] == message
    said = failing.reread(kept)
    assert said is not None
    assert_german(said)

    with override("de"):
        shown = error_told(kept)
        assert told(error.said) in shown["message"]
        assert shown["details"]["message"] == told(error.message)
        assert shown["details"]["hint"] == told(error.hint)
    assert shown["message"].endswith(f"\n{error.caret}")


@pytest.mark.parametrize(
    "table",
    [words.CHARACTER_HABITS, words.NAME_HABITS, words.RESERVED_HABITS, words.CALL_HABITS],
)
def test_every_habit_is_answered_in_german(table: dict[str, Said]) -> None:
    for hint in filter(None, table.values()):
        assert_german(hint)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer"}, "x"),
        ({"enum": [1, 2]}, 3),
        ({"const": 1}, 2),
        ({"required": ["a"]}, {}),
        ({"minimum": 1}, 0),
        ({"maximum": 1}, 2),
        ({"exclusiveMinimum": 1}, 1),
        ({"exclusiveMaximum": 1}, 1),
        ({"minLength": 1}, ""),
        ({"maxLength": 1}, "ab"),
        ({"minItems": 1}, []),
        ({"maxItems": 0}, [1]),
        ({"uniqueItems": True}, [1, 1]),
        ({"multipleOf": 2}, 3),
        ({"pattern": "^a"}, "b"),
        ({"additionalProperties": False}, {"x": 1}),
        ({"anyOf": [{"type": "null"}]}, 1),
        (False, 1),
    ],
)
def test_what_does_not_fit_a_schema_is_told_in_german(schema: Any, value: Any) -> None:
    schema = {"properties": {"v": schema}}

    for _, why in refusals(schema, {"v": value}):
        assert_german(why)


TEXTS = [
    '{"a": }', "{a: 1}", '{"a" 1}', '{"a": 1 "b": 2}', '{"a": "x', '{"a": "\\q"}', '{"a": "\\u12"}',
    '{"a": 1} x', '{"a": 1, "a": 2}', '{"a": "\n"}', "[" * 5_000, '{"a": 1,}',
    "a: b: c", "a: 1\na: 2", "a: [1", "a: {b: 1", "a: 'x", "a: &x 1\nb: *x", "a: @x", "a:\n\t- 1",
    "- 1\nb", 'a: "\\q"', "a: !x!y 1", "a: - 1", "[" * 100 + "]" * 100, "--- a\n--- b", "%x\na",
    "a: |x",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_that_cannot_be_read_is_refused_in_german(text: str) -> None:
    with pytest.raises(ActionError) as raised:
        parse(text, "json" if text[0] in "{[" and not text.endswith("]]") else "yaml")

    assert_german(raised.value.message)


@pytest.mark.parametrize(
    "document",
    [
        1,
        {"format": "other"},
        {"format": "treadle/1", "nodes": 1},
        {"format": "treadle/1", "nodes": {}, "edges": 1},
        {"format": "treadle/1", "nodes": {}, "edges": [], "meta": {"x": float("nan")}},
        {"format": "treadle/1", "nodes": {}, "edges": [], "meta": {"__proto__": 1}},
        {"format": "treadle/1", "nodes": {}, "edges": [], "meta": {1: 1}},
        {"format": "treadle/1", "nodes": {}, "edges": [], "meta": {"x": {1}}},
        {"format": "treadle/1", "nodes": {}, "edges": [], "meta": {"x": "y" * 3_000_000}},
        {"format": "treadle/1", "nodes": {}, "edges": [], "meta": {"pins": {"a": "y" * 70_000}}},
    ],
)
def test_what_is_no_draft_is_refused_in_german(document: Any) -> None:
    with pytest.raises(ActionError) as raised:
        documents.checked_draft(document)

    assert_german(raised.value.message)
    for detail in raised.value.details:
        assert_german(detail["message"])


def title(name: str) -> str:
    return f"The {name} step"


def waiting_graph() -> Graph:
    """One step for each kind of thing to wait for, each with a title."""
    human = {
        "type": "human",
        "form": {},
        "assignees": {"users": ["ada"], "group": "g"},
        "due": "1h",
    }
    nodes: dict[str, Any] = {
        "start": {"type": "noop"},
        "ask": human,
        "anybody": {"type": "human", "form": {}},
        "time": {"type": "wait", "for": "1h"},
        "news": {"type": "wait", "signal": "news", "key": "'k'"},
        "more": {"type": "wait", "signal": "more"},
        "join": {"type": "noop", "join": {"policy": "all"}},
        "fails": {
            "type": "tool",
            "tool": "fails",
            "retry": {"max_attempts": 2, "initial": "1ms", "on": ["Exception"]},
        },
        "items": {"type": "map", "over": "[1, 2]", "body": {"tool": "one"}, "lock": "l"},
        "other": {"type": "tool", "tool": "one", "lock": "l"},
    }
    named = {name: {**node, "title": title(name)} for name, node in nodes.items()}
    edges = [("start", name) for name in nodes if name not in ("start", "join")]
    return graph_of(named, [*edges, ("other", "join"), ("time", "join")], entry=["start"])


def told_of(graph: Graph) -> list[Any]:
    """The reasons after each event of a run."""

    def fails(state: Any) -> None:
        raise ValueError("broken")

    tools = registry_of({"one": lambda: None, "fails": fails})
    events = [Event.from_dict(raw) for raw in run(graph, {}, registry=tools).events]
    found = []
    for end in range(1, len(events) + 1):
        found += reasons(fold(graph, events[:end]).marking, events[:end])
    return found


def test_what_a_run_waits_for_is_told_in_german() -> None:
    told_reasons = told_of(waiting_graph())

    kinds = {reason["what"] for reason in told_reasons}
    assert kinds >= {"attempt", "items", "retry", "lock", "timer", "signal", "human", "join"}
    for reason in told_reasons:
        assert_german(reason["text"])


@pytest.mark.parametrize("language", ["en", "de"])
def test_people_are_told_of_steps_by_their_titles(language: str) -> None:
    for reason in told_of(waiting_graph()):
        with override(language):
            shown = told(reason["text"], by_title=True)
        node = reason["node"]
        if node is not None:
            # What a tool raised need not speak of its step.
            assert title(node) in shown or reason["what"] == "failed"
            assert f"'{node}'" not in shown
        with override("en"):
            assert told(reason["text"]) == str(reason["text"])


def test_a_step_in_an_error_is_called_by_its_title() -> None:
    graph = graph_of({"a": {"type": "noop", "title": "First"}, "b": "one"},
                     [("a", "b", {"when": "false"})])  # fmt: skip

    (why,) = [reason for reason in told_of(graph) if reason["what"] == "failed"][-1:]

    assert why["text"].startswith("The run has failed: no edge of node 'a' matched")
    with override("de"):
        german = told(why["text"], by_title=True)
    assert german.startswith("Der Lauf ist fehlgeschlagen: keine Kante des Schritts „First“ passte")
    assert german.endswith("Er geht weiter, wenn er wiederholt wird.")


FAILURES = [each for each in vars(failing).values() if isinstance(each, failing.Failure)]


@pytest.mark.parametrize("sentence", FAILURES, ids=lambda each: each.sentence[:40])
def test_every_failure_is_told_in_german(sentence: failing.Failure) -> None:
    gaps = set(re.findall(r"\{(\w+)\}", sentence.sentence))

    assert_german(say(sentence.sentence, **dict.fromkeys(gaps, "x")))


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("en", "“Score it” took longer than its timeout of 0.5 s"),
        ("de", "„Score it“ hat länger gebraucht als die erlaubte Zeit von 0.5 s"),
    ],
)
def test_an_error_of_a_journal_is_told_to_people(language: str, message: str) -> None:
    kept = "'score' took longer than its timeout of 0.5 s"
    error = {"code": "E_TIMEOUT", "message": kept, "node": "score", "details": {}}
    names = failing.Names(step={"score": "Score it"}.__getitem__)

    with override(language):
        assert error_told(error, names) == {**error, "message": message}
        raised = {**error, "code": "E_TOOL"}
        assert error_told(raised, names) == raised


@pytest.mark.parametrize(
    "why",
    [
        failing.NOT_OF_STARTER,
        failing.STARTER_IS_OFF,
        failing.CANNOT_OPEN(problem="This is no sealed text: set the value anew."),
    ],
)
def test_why_a_secret_was_refused_is_told_in_german(why: Said) -> None:
    message = failing.SECRET_REFUSED(name="mail", why=why)

    said = failing.reread({"code": "E_SECRET", "message": message})

    assert said == message
    assert said is not None
    assert said.values["why"].template == why.template
    assert_german(said)


def test_what_a_tool_said_is_left_as_it_is() -> None:
    graph = graph_of({"a": {"type": "tool", "tool": "fails", "title": "First"}}, [])

    def fails(state: Any) -> None:
        raise KeyError("a")

    tools = registry_of({"fails": fails})
    events = [Event.from_dict(raw) for raw in run(graph, {}, registry=tools).events]
    (why,) = reasons(fold(graph, events).marking, events)

    with override("en"):
        assert "KeyError: 'a'" in told(why["text"], by_title=True)


def test_names_and_numbers_are_written_as_the_language_does() -> None:
    said = say("{n} characters; at most {most}", n=grouped(12_345), most=quoted("x"))

    with override("de"):
        assert told(said) == "12.345 Zeichen; höchstens „x“"
        assert told("plain {n}") == "plain {n}"
        assert told(counted("{n} item", "{count} items", 2, count=grouped(2))) == "2 Elemente"
    with override(None):
        assert told(said) == "12,345 characters; at most 'x'"


def test_a_value_is_never_a_sentence_of_its_own() -> None:
    with override("de"):
        assert told(say("no node {name}", name="{name}")) == "kein Knoten {name}"


def test_the_words_of_problems_leave_everything_else_alone() -> None:
    problem = {"code": "c", "message": say("no node {name}", name="a"), "hint": "", "node": None}

    with override("de"):
        assert in_words([problem]) == [
            {"code": "c", "message": "kein Knoten a", "hint": "", "node": None}
        ]


def test_pins_are_refused_in_german() -> None:
    document = {"meta": {"pins": {"a": "y" * pins.MAX_BYTES}}}

    with pytest.raises(ActionError) as raised:
        pins.check_pins(document)

    assert_german(raised.value.message)
    assert_german(raised.value.details[0]["hint"])


TITLED = {
    "a": {"type": "set", "set": {"n": "1"}, "title": "First"},
    "b": {"type": "set", "set": {"n": "2"}, "title": "Second"},
    "c": {"type": "noop"},
}


def test_problems_name_steps_by_their_titles_to_people_alone() -> None:
    edges = [("a", "b", {"when": "x > 1"}), ("c", "a"), ("c", "b")]
    graph = graph_of(TITLED, edges, entry="c", state={"schema": {"properties": {"n": {}}}})
    problems = {(each.code, each.edge): each.message for each in lint(graph)}

    unread, racing = problems["unwritten_key", "a-b"], problems["racing_writes", None]

    with for_people(), override("en"):
        assert told(unread).startswith("the condition of edge “First → Second” reads “x”, which")
        assert told(racing) == "“First” and “Second” run beside each other and both write “n”"
    with for_people(), override("de"):
        assert "Kante „First → Second“" in told(unread)
        assert told(racing).startswith("„First“ und „Second“ ")
    with override("en"):
        assert (
            told(unread)
            == str(unread)
            == ("the condition of edge 'a-b' reads 'x', which nobody writes")
        )


def test_a_sentence_that_names_no_step_is_the_same_for_people() -> None:
    with for_people(), override("en"):
        assert told(say("no node {name}", name=quoted("a"))) == "no node 'a'"
