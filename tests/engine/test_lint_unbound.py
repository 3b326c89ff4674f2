"""A parameter that nothing gives is said while editing, unless a merged result may give it."""

from typing import Any

from engine import ToolRegistry, validate


def registry() -> ToolRegistry:
    tools = ToolRegistry()

    @tools.tool("make", effect="pure")
    def make() -> dict[str, Any]:
        return {"text": "a"}

    @tools.tool("use", effect="pure")
    def use(text: str) -> None: ...

    return tools


def document(outputs: dict[str, str] | None) -> dict[str, Any]:
    make: dict[str, Any] = {"type": "tool", "tool": "make"}
    if outputs is not None:
        make["outputs"] = outputs
    return {
        "format": "treadle/1",
        "key": "k",
        "entry": ["a"],
        "state": {"schema": {"type": "object", "properties": {}}},
        "nodes": {"a": make, "b": {"type": "tool", "tool": "use"}},
        "edges": [{"id": "e", "from": "a", "to": "b"}],
    }


def codes(outputs: dict[str, str] | None) -> list[str]:
    return [problem.code for problem in validate(document(outputs), registry())]


def test_known_outputs_without_the_key_leave_it_unbound() -> None:
    assert codes({"other": "result.text"}) == ["unbound_input", "unread_key"]


def test_known_outputs_with_the_key_bind_it() -> None:
    assert codes({"text": "result.text"}) == []


def test_a_merged_result_may_bind_it() -> None:
    assert codes(None) == []
