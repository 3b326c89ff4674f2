"""The registry, and how a node's tool gets its arguments."""

import functools
import json
from dataclasses import dataclass
from typing import Any

import pytest

import engine
from engine import Effect, Tool, ToolNotFound, ToolRefused, ToolRegistry, run
from tests.engine.helpers import graph_of, registry_of


def sample(code: str, limit: int = 5, *, strict: bool = False, ctx=None, state=None) -> dict:
    """Score some code.

    More about it.
    """
    return {}


def test_the_decorator_registers_and_gives_the_function_back():
    registry = ToolRegistry()

    @registry.tool("review.score", effect="pure")
    def score():
        """Give a score."""
        return 5

    tool = registry.get("review.score")
    assert score() == 5
    assert (tool.effect, tool.category, tool.summary) == (Effect.PURE, "review", "Give a score.")


def test_the_decorator_works_without_arguments_too():
    registry = ToolRegistry()

    @registry.tool
    def score():
        return 5

    assert score() == 5
    assert registry.names() == ["score"]


def test_a_decorator_that_is_given_no_name_says_what_it_takes():
    with pytest.raises(ToolRefused, match="a tool's name is 1 to 200 printable characters: 7"):
        ToolRegistry().tool(7)(print)


def test_the_module_level_decorator_uses_the_default_registry():
    @engine.tool
    def plain_for_test():
        return 1

    @engine.tool("named.for_test", effect="once")
    def other():
        return 1

    assert engine.default_registry.get("plain_for_test").effect is Effect.IDEMPOTENT
    assert "named.for_test" in engine.default_registry
    for name in ("plain_for_test", "named.for_test"):
        del engine.default_registry._tools[name]


def test_the_signature_becomes_a_schema_without_ctx_and_state():
    tool = Tool("x", sample)

    assert tool.schema["properties"] == {
        "code": {"type": "string"},
        "limit": {"default": 5, "type": "integer"},
        "strict": {"default": False, "type": "boolean"},
    }
    assert tool.schema["required"] == ["code"]
    assert (tool.takes_ctx, tool.takes_state, tool.is_async) == (True, True, False)
    assert [(p.name, p.required) for p in tool.params] == [
        ("code", True),
        ("limit", False),
        ("strict", False),
    ]


def test_annotations_that_have_no_schema_take_anything():
    def odd(a: object, b: "NotDefined", _c, json: ToolRegistry, *args, **more):  # noqa: F821
        return None

    schema = Tool("odd", odd).schema

    assert set(schema["properties"]) == {"a", "b", "_c", "json"}
    assert schema["additionalProperties"] is True


def test_describe_is_json():
    described = json.loads(json.dumps(Tool("review.x", sample, "once").describe()))

    assert (described["effect"], described["summary"]) == ("once", "Score some code.")
    assert described["doc"] == "Score some code.\n\nMore about it."
    assert len(described["source_hash"]) == 64


@dataclass
class Score:
    value: float
    why: str


@pytest.mark.parametrize(
    ("hint", "told"),
    [
        (list[int], {"items": {"type": "integer"}, "type": "array"}),
        (None, None),
        (Any, None),
        (object(), None),
        ("Nowhere", None),
    ],
)
def test_what_a_tool_gives_back_is_told_as_far_as_its_annotation_says(hint, told):
    def tool(state):
        return None

    tool.__annotations__["return"] = hint

    assert Tool("t", tool).describe()["returns"] == told


def test_a_typed_result_has_its_keys():
    def tool() -> Score: ...

    assert list(Tool("t", tool).returns["properties"]) == ["value", "why"]


def test_async_tools_are_recognised_in_all_their_forms():
    async def plain(x):
        return x

    class Callable:
        async def __call__(self, x):
            return x

    assert Tool("a", plain).is_async
    assert Tool("b", functools.partial(plain, 1)).is_async
    assert Tool("c", Callable()).is_async
    assert not Tool("d", len).is_async


@pytest.mark.parametrize(
    ("name", "function", "effect"),
    [
        ("", len, None),
        ("x" * 300, len, None),
        ("a\nb", len, None),
        (5, len, None),
        ("x", 5, None),
        ("x", len, "sometimes"),
    ],
)
def test_what_cannot_be_a_tool_is_refused(name, function, effect):
    with pytest.raises(ToolRefused):
        ToolRegistry().register(name, function, effect=effect)


def test_a_transactional_tool_cannot_be_async():
    async def tool():
        return None

    with pytest.raises(ToolRefused, match="make it a plain def"):
        ToolRegistry().register("t", tool, effect="transactional")
    assert str(ToolRegistry().register("t", len, effect="transactional").effect) == "transactional"


def test_a_name_belongs_to_one_function():
    registry = ToolRegistry()
    registry.register("x", sample)
    registry.register("x", sample)

    with pytest.raises(ToolRefused, match="registered already"):
        registry.register("x", len)


def test_an_unknown_tool_is_said_with_names_that_are_alike():
    registry = registry_of({"review.score": len})

    with pytest.raises(ToolNotFound, match=r"did you mean 'review\.score'"):
        registry.get("review.scor")
    assert registry.names() == ["review.score"]
    assert [tool.name for tool in registry] == ["review.score"]
    assert (len(registry), "review.score" in registry, "x" in registry) == (1, True, False)


# Binding ----------------------------------------------------------------------------------------


def call(function, state=None, **node):
    """What the run of a single node made of the state."""
    graph = graph_of({"a": {"type": "tool", "tool": "t", **node}}, [])
    return run(graph, state or {}, registry=registry_of({"t": function}), run_id="r7")


def test_parameters_bind_inputs_then_state_keys_then_defaults():
    def tool(a, b, c=3):
        return {"got": [a, b, c]}

    result = call(tool, {"a": 1, "b": 2}, inputs={"a": "b * 10"})

    assert result.state["got"] == [20, 2, 3]


def test_positional_only_keyword_only_and_variable_parameters():
    def tool(a, /, b, *rest, c, **more):
        return {"got": [a, b, c, more], "rest": list(rest)}

    result = call(tool, {"a": 1, "b": 2, "c": 3}, inputs={"extra": "a + b"})

    assert result.state["got"] == [1, 2, 3, {"extra": 3}]


def test_a_missing_parameter_names_the_keys_that_are_there():
    result = call(lambda code: None, {"cod": 1})

    assert (result.status, result.error.code, result.error.node) == ("failed", "E_INPUT", "a")
    assert "'code'" in result.error.message
    assert "cod" in result.error.message


def test_an_input_that_cannot_be_evaluated_fails_the_node():
    result = call(lambda x: None, {"a": 1}, inputs={"x": "missing + 1"})

    assert (result.error.code, result.error.details["key"]) == ("E_EXPRESSION", "x")


def test_ctx_says_where_the_tool_is():
    seen = []

    def tool(ctx):
        seen.append((ctx.run_id, ctx.node, ctx.attempt, ctx.idempotency_key, ctx.cancelled))

    call(tool)

    assert seen == [("r7", "a", 1, "r7:1", False)]


def test_arguments_are_private_copies():
    def tool(items):
        items.append("mine")

    assert call(tool, {"items": ["yours"]}).state == {"items": ["yours"]}


def test_builtin_functions_can_be_tools():
    result = call(len, {"obj": [1, 2, 3]}, outputs={"n": "result"})

    assert result.state["n"] == 3


# Results ----------------------------------------------------------------------------------------


def test_a_dict_is_merged_and_anything_else_is_stored_under_the_node():
    assert call(lambda: {"x": 1, "y": [2]}).state == {"x": 1, "y": [2]}
    assert call(lambda: 7).state == {"a": 7}
    assert call(lambda: None).state == {}


def test_outputs_map_the_result():
    result = call(
        lambda: {"value": 5, "other": 6},
        {"k": 1},
        outputs={"x": "result.value + k", "n": "iteration", "whole": "result"},
    )

    assert result.state == {"k": 1, "x": 6, "n": 1, "whole": {"value": 5, "other": 6}}


def test_an_output_that_cannot_be_evaluated_fails_the_node():
    result = call(lambda: {"a": 1}, outputs={"x": "result.b"})

    assert (result.error.code, result.error.details["key"]) == ("E_EXPRESSION", "x")


def test_python_values_become_json():
    import datetime
    import enum

    class Colour(enum.Enum):
        RED = "red"

    class Name(str):
        pass

    when = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
    result = call(lambda: {"t": (1, 2), "d": when, "c": Colour.RED, "n": Name("x"), "f": 1.5})

    assert result.state == {
        "t": [1, 2],
        "d": "2026-01-02T03:04:05+00:00",
        "c": "red",
        "n": "x",
        "f": 1.5,
    }
    assert type(result.state["n"]) is str


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (float("nan"), "r.x[1]"),
        (float("inf"), "r.x[1]"),
        (object(), "r.x[1]"),
        ({1: 2}, "r.x[1].1"),
        ({1, 2}, "r.x[1]"),
        (b"bytes", "r.x[1]"),
        (2**2000, "r.x[1]"),
        ({"__proto__": 1}, "r.x[1].__proto__"),
    ],
)
def test_what_is_not_json_is_an_error_that_names_the_path(value, path):
    result = call(lambda: {"r": {"x": [0, value]}})

    assert (result.status, result.error.code) == ("failed", "E_OUTPUT")
    assert result.error.details["path"] == path


def test_values_that_contain_themselves_are_refused():
    loop = []
    loop.append(loop)

    assert call(lambda: {"x": loop}).error.code == "E_OUTPUT"


def test_text_that_databases_refuse_is_mended_with_a_warning():
    result = call(lambda: {"x": "a\x00b\ud800c", "y": "fine é\U0001f600"})

    assert result.state == {"x": "a\ufffdb\ufffdc", "y": "fine é\U0001f600"}
    warnings = [e for e in result.events if e["k"] == "warning"]
    assert [w["data"]["code"] for w in warnings] == ["text_mended"]
    json.dumps(result.events).encode("utf-8")


def test_what_a_tool_keeps_of_its_result_does_not_reach_the_state():
    kept = {"list": [1]}
    graph = graph_of({"a": "give", "b": "spoil"}, [("a", "b")])

    def give():
        return kept

    def spoil():
        kept["list"].append(2)

    result = run(graph, {}, registry=registry_of({"give": give, "spoil": spoil}))

    assert result.state == {"list": [1]}


def test_a_plain_function_may_give_a_coroutine():
    async def later():
        return {"x": 1}

    assert call(lambda: later()).state == {"x": 1}
