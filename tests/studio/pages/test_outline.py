"""A document for readers without JavaScript."""

from studio.pages.outline import Way, outline


def test_steps_tell_their_tool_and_their_ways() -> None:
    document = {
        "entry": ["a"],
        "nodes": {
            "a": {"type": "tool", "tool": "x.y"},
            "b": {"type": "end", "title": "The end"},
        },
        "edges": [
            {"from": "a", "to": "a", "when": "n < 3", "max": 5},
            {"from": "a", "to": "b", "else": True},
            {"from": "a", "to": "b", "on": "error"},
        ],
    }

    first, last = outline(document)

    assert (first.title, first.tool, first.entry) == ("a", "x.y", True)
    assert first.ways == (
        Way("a", "ok", "n < 3", False, 5),
        Way("The end", "ok", "", True, None),
        Way("The end", "error", "", False, None),
    )
    assert (last.title, last.tool, last.kind, last.ways) == ("The end", "", "End", ())


def test_an_unfinished_draft_is_shown_as_far_as_it_goes() -> None:
    broken = {"nodes": {"a": None, "b": {"tool": 3}}, "edges": ["?", {"from": "a"}]}

    assert [(step.title, step.tool) for step in outline(broken)] == [("a", ""), ("b", "")]
    assert outline({}) == []
