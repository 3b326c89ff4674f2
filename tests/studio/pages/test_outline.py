"""A document for readers without JavaScript."""

from studio.pages.outline import Step, Way, outline


def test_steps_tell_their_tool_and_their_ways() -> None:
    document = {
        "entry": ["a"],
        "nodes": {"a": {"type": "tool", "tool": "x.y"}, "b": {"type": "end"}},
        "edges": [
            {"from": "a", "to": "a", "when": "n < 3", "max": 5},
            {"from": "a", "to": "b", "else": True},
        ],
    }

    first, last = outline(document)

    assert first == Step("a", "x.y", True, (Way("a", "n < 3", False, 5), Way("b", "", True, None)))
    assert (last.tool, last.entry, last.ways) == ("", False, ())


def test_an_unfinished_draft_is_shown_as_far_as_it_goes() -> None:
    broken = {"nodes": {"a": None, "b": {"tool": 3}}, "edges": ["?", {"from": "a"}]}

    assert [(step.id, step.tool) for step in outline(broken)] == [("a", ""), ("b", "")]
    assert outline({}) == []
