"""Sentences are texts like any other, and know what they were made from."""

import copy
import pickle

from engine import validate
from engine.said import UNSAID, Said, counted, grouped, listed, quoted, say, say_as


def test_a_sentence_is_a_text_that_knows_its_gaps() -> None:
    said = say("no node {name}", name=quoted("it's"))

    assert said == 'no node "it\'s"'
    assert said.template == "no node {name}"
    assert said.values["name"].inside == "it's"


def test_braces_of_a_sentence_without_values_are_braces() -> None:
    assert say('write "body": {"tool": …}') == 'write "body": {"tool": …}'


def test_values_are_never_read_as_sentences() -> None:
    assert say("no node {name}", name="{name.__class__}") == "no node {name.__class__}"


def test_a_count_takes_its_form() -> None:
    one, many = "{n} edge of {all}", "{n} edges of {all}"

    assert counted(one, many, 1, all=3) == "1 edge of 3"
    assert counted(one, many, 2, all=3) == "2 edges of 3"
    assert counted(one, many, 2, all=3).plural == many


def test_a_name_that_is_cut_has_no_closing_quote() -> None:
    assert quoted("abcdef", 5) == "'abcd"
    assert quoted("abcdef", 5).inside == "abcd…"
    assert quoted("").inside == ""
    assert quoted("'", 1).inside == "…"


def test_names_stand_one_after_the_other() -> None:
    assert listed(["a", "b", "c"]) == "'a', 'b', 'c'"
    assert listed([]) == ""


def test_thousands_are_set_apart() -> None:
    assert grouped(12345) == "12,345"
    assert grouped(12345).number == 12345


def test_english_may_be_worded_on_its_own() -> None:
    said = say_as("of the type {kind}", "an int", kind="int")

    assert (said, said.template) == ("an int", "of the type {kind}")


def test_a_sentence_survives_copies_and_processes() -> None:
    said = counted("{n} edge", "{n} edges", 2)

    for other in (pickle.loads(pickle.dumps(said)), copy.deepcopy(said)):
        assert isinstance(other, Said)
        assert (other, other.template, other.plural) == (said, said.template, said.plural)
        assert dict(other.values) == {"n": 2}


def test_what_is_kept_of_it_is_plain_text() -> None:
    said = say("no node {name}", name="a")

    assert type(str(said)) is str
    assert type(f"{said}") is str
    assert not UNSAID


def test_problems_as_json_are_plain_english_unless_somebody_asks() -> None:
    problem = validate({"format": "treadle/1", "entry": ["a"], "nodes": {}, "edges": []})[0]

    told = problem.as_dict()

    assert type(told["message"]) is str
    assert type(told["hint"]) is str
    assert problem.as_dict(lambda said: said.template.upper())["message"] == told["message"].upper()
