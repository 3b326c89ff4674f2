"""A document for readers without JavaScript."""

from typing import Any

import pytest

from studio.pages.outline import Way, kind_of, outline, tool_of


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


def test_steps_tell_their_group_and_odd_groups_are_passed_over() -> None:
    groups = {"g": {"title": "Intake", "nodes": ["a", 3]}, "h": {"nodes": ["b", "a"]}, "i": 7}
    document = {"nodes": {"a": {}, "b": {}, "c": {}}, "meta": {"groups": groups}}

    assert [step.group for step in outline(document)] == ["Intake", "Group", ""]


def test_an_unfinished_draft_is_shown_as_far_as_it_goes() -> None:
    broken = {"nodes": {"a": None, "b": {"tool": 3}}, "edges": ["?", {"from": "a"}]}

    assert [(step.title, step.tool) for step in outline(broken)] == [("a", ""), ("b", "")]
    assert outline({}) == []


@pytest.mark.parametrize(
    ("node", "words"),
    [
        ({"type": "map", "over": "queries", "as": "q"}, "For each q in queries"),
        ({"type": "map", "over": "queries"}, "For each item in queries"),
        ({"type": "map", "over": 3}, "For each"),
        ({"type": "human", "assignees": {"users": ["ann"], "group": "qa"}}, "Ask ann, qa"),
        ({"type": "human", "assignees": ["ann"]}, "Ask a person"),
        ({"type": "wait", "for": "30s"}, "Wait 30s"),
        ({"type": "wait", "until": "due_at"}, "Wait until due_at"),
        ({"type": "wait", "signal": "payment"}, "Wait for payment"),
        ({"type": "wait", "any": {"paid": {}, "late": {}}}, "Wait for paid or late"),
        ({"type": "wait"}, "Wait"),
        ({"type": "emit", "signal": "payment"}, "Emit payment"),
        ({"type": "end", "terminate": True}, "End the whole run"),
    ],
)
def test_steps_without_a_tool_say_what_they_do(node: dict[str, Any], words: str) -> None:
    assert kind_of(node) == words


def test_a_map_names_the_tool_of_its_body() -> None:
    assert tool_of({"type": "map", "over": "xs", "body": {"tool": "web.search"}}) == "web.search"
    assert tool_of({"type": "map", "body": "web.search"}) == ""
