"""JSON Lines, TOML, INI and YAML as texts, and texts by the name of their file."""

import json

import pytest

from engine import ToolRegistry
from engine.library import datatexts, register_all, yamltext
from engine.library.datatexts import TOOLS, parse_file

TABLE = "name,age\nBo,30\n"


def test_json_lines_go_both_ways():
    rows = [{"a": "é\n"}, [1, None], "x", 2.5, True]
    text = datatexts.write_lines(rows)["text"]

    assert text.count("\n") == 5
    assert datatexts.parse_lines(text) == {"rows": rows}
    assert datatexts.parse_lines("\ufeff1\r\n\r\n2")["rows"] == [1, 2]


def test_toml_becomes_json():
    text = 'title = "x"\nat = 2026-11-27T10:00:00Z\nday = 2026-11-27\n[a.b]\nc = [1, {d = 2.5}]\n'

    data = datatexts.parse_toml(text)["data"]

    assert data == {
        "title": "x",
        "at": "2026-11-27T10:00:00+00:00",
        "day": "2026-11-27",
        "a": {"b": {"c": [1, {"d": 2.5}]}},
    }
    json.dumps(data)


def test_ini_is_read_and_nothing_expanded():
    text = "[Main]\nKey = %(home)s\nempty\n; note\n[other]\na: b\n c\n"

    assert datatexts.parse_ini(text)["data"] == {
        "Main": {"Key": "%(home)s", "empty": None},
        "other": {"a": "b\nc"},
    }


def test_yaml_goes_both_ways():
    data = {"b": [1, "yes", {"x": None}], "a": "2026-11-27", "text": "two\nlines", "é": True}
    text = datatexts.write_yaml(data)["text"]

    assert yamltext.parse_yaml(text)["data"] == data
    assert text.index("b:") < text.index("a:")


@pytest.mark.parametrize(
    ("name", "text", "kind", "data"),
    [
        ("people.csv", TABLE, "csv", [{"name": "Bo", "age": "30"}]),
        ("people.TSV", "a\tb\n1\t2\n", "csv", [{"a": "1", "b": "2"}]),
        ("a/b.json", '{"x": 1}', "json", {"x": 1}),
        ("log.jsonl", "1\n2", "jsonl", [1, 2]),
        ("x.yml", "a: [1]", "yaml", {"a": [1]}),
        ("x.toml", "a = 1", "toml", {"a": 1}),
        ("x.ini", "[a]\nb=1", "ini", {"a": {"b": "1"}}),
        ("notes.txt", "plain", "text", "plain"),
        ("Makefile", "all:", "text", "all:"),
        ("/etc/passwd", "the text that was given", "text", "the text that was given"),
    ],
)
def test_a_file_is_read_by_its_name(name, text, kind, data):
    assert parse_file(name, text) == {"kind": kind, "data": data}


@pytest.mark.parametrize(
    ("read", "text", "said"),
    [
        (datatexts.parse_lines, "1\n{", "line 2 is not JSON"),
        (datatexts.parse_lines, "1\n" * 50_001, "more than 50,000 lines"),
        (datatexts.parse_lines, "[" * 100_000, "line 1 is not JSON"),
        (datatexts.parse_lines, "x" * 1_048_577, "1,048,576 characters"),
        (datatexts.parse_toml, "a = ", "this is not TOML"),
        (datatexts.parse_toml, "a = 1\na = 2", "this is not TOML"),
        (datatexts.parse_toml, "a = " + "[" * 20_000, "TOML"),
        (datatexts.parse_toml, "a = " + "[" * 100 + "]" * 100, "nested deeper"),
        (datatexts.parse_ini, "no section", "this is not INI"),
        (datatexts.parse_ini, "[a]\nb=1\nb=2", "this is not INI"),
        (lambda text: parse_file("x.json", text), "{", "this is not JSON"),
        (lambda text: parse_file("x.yaml", text), "a: !!python/object:os.system x", "refused"),
    ],
)
def test_bad_texts_say_what_is_wrong(read, text, said):
    with pytest.raises(ValueError, match=said):
        read(text)


def test_all_of_them_are_registered_as_pure():
    registry = ToolRegistry()
    register_all(registry)

    assert {str(registry.get(name).effect) for name in TOOLS} == {"pure"}
