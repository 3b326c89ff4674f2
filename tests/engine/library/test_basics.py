"""The small tools."""

import inspect

import pytest

from engine.library import basics, register_all
from engine.tools import ToolRegistry


def test_words_are_split_lowered_and_kept_whole():
    words = basics.split_words("Don't panic: it's a well-known naïve Test, 42 times!")["words"]

    assert words == ["don't", "panic", "it's", "a", "well-known", "naïve", "test", "times"]


def test_counting():
    assert basics.count_text("One. Two words!\nThree") == {
        "characters": 21, "word_count": 4, "sentences": 2, "lines": 2,
    }  # fmt: skip


def test_top_words_are_ranked_by_number_then_alphabet():
    ranked = basics.top_words(["pear", "apple", "pear", "fig", "kiwi"], limit=2)

    assert ranked == {"top_words": [{"word": "pear", "count": 2}, {"word": "apple", "count": 1}]}


def test_replace():
    assert basics.replace_text("a-b-c", "-", "+") == {"text": "a+b+c"}
    with pytest.raises(ValueError, match="must not be empty"):
        basics.replace_text("a", "")


def test_json_is_read_or_refused_with_the_place():
    assert basics.parse_json('{"a": [1]}') == {"data": {"a": [1]}}
    with pytest.raises(ValueError, match="line 1 column 2"):
        basics.parse_json("{nonsense}")


@pytest.mark.parametrize(
    ("path", "value"),
    [("a.b.1", 20), ("a.b", [10, 20]), ("a.b.7", "none"), ("a.x.y", "none"), ("a.b.-1", "none")],
)
def test_pick(path, value):
    assert basics.pick({"a": {"b": [10, 20]}}, path, "none") == {"value": value}


def test_numbers():
    facts = basics.summarise_numbers([1, 2, 3, 6])

    assert (facts["count"], facts["sum"], facts["mean"], facts["median"]) == (4, 12, 3.0, 2.5)
    with pytest.raises(ValueError, match="nothing to summarise"):
        basics.summarise_numbers([])


def test_linear():
    assert basics.linear(100, 1.01, 5) == 106.0


def test_every_tool_is_registered_pure_and_explained():
    registry = ToolRegistry()
    register_all(registry)

    for name in basics.TOOLS:
        tool = registry.get(name)
        assert str(tool.effect) == "pure"
        assert len(inspect.getdoc(tool.function) or "") > 20
        assert tool.category in ("text", "json", "math")
        assert tool.describe()["schema"]["type"] == "object"
