"""The helpers for texts, data, tables, hashes and time."""

import asyncio
import hmac
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine import Graph, ToolContext, ToolRegistry, run
from engine.library import ambient, hashes, lists, moments, register_all, tables, texts, yamltext
from tests.engine.helpers import graph_of

DOCS = Path(__file__).parents[3] / "docs" / "tool-library.md"
PEOPLE = [
    {"name": "Bo", "age": 30, "at": {"city": "Oslo"}},
    {"name": "Al", "age": 25, "at": {"city": "Rome"}},
    {"name": "Cy", "at": {"city": "Oslo"}},
]


CTX = ToolContext("run", "node", 1, 1, None, lambda event: None, {"shared": "a key"}.__getitem__)


def library():
    registry = ToolRegistry()
    register_all(registry)
    return registry


@pytest.fixture(scope="module")
def call():
    registry = library()

    def made(name, *args, **inputs):
        tool = registry.get(name)
        return tool.function(*args, **({"ctx": CTX} if tool.takes_ctx else {}), **inputs)

    return made


@pytest.mark.parametrize(
    ("name", "inputs", "expected"),
    [
        ("text.fill", ["Hi {name}", {"name": "Ann"}], {"text": "Hi Ann"}),
        (
            "text.fill",
            ["{a.0.b} {{x}} {t}{n}", {"a": [{"b": 1}], "t": True, "n": None}],
            {"text": "1 {x} true"},
        ),
        ("text.split", ["a, b,,c"], {"parts": ["a", "b", "c"]}),
        ("text.split", ["a,,b", ",", True], {"parts": ["a", "", "b"]}),
        ("text.join", [["a", 1, 2.5], "-"], {"text": "a-1-2.5"}),
        ("text.trim", ["  a "], {"text": "a"}),
        ("text.trim", ["--a-", "-"], {"text": "a"}),
        ("text.case", ["Ab", "upper"], {"text": "AB"}),
        ("text.between", ["f(a) g(b) h(", "(", ")"], {"found": "a", "all": ["a", "b"]}),
        ("text.between", ["none", "<", ">"], {"found": None, "all": []}),
        ("json.dump", [{"b": 1, "a": "é"}, 0, True], {"text": '{"a": "é", "b": 1}'}),
        (
            "json.merge",
            [{"a": {"x": 1}, "b": [1]}, {"a": {"y": 2}, "b": [2]}],
            {"data": {"a": {"x": 1, "y": 2}, "b": [2]}},
        ),
        ("json.merge", [{"a": {"x": 1}}, {"a": {"y": 2}}, False], {"data": {"a": {"y": 2}}}),
        ("list.sort", [[3, 1, 2]], {"items": [1, 2, 3]}),
        ("list.sort", [[3, None, 1], "", True], {"items": [3, 1, None]}),
        ("list.filter", [PEOPLE, "at.city", "==", "Rome"], {"items": [PEOPLE[1]]}),
        ("list.filter", [PEOPLE, "age", ">=", 30], {"items": [PEOPLE[0]]}),
        ("list.filter", [PEOPLE, "age", "!=", 30], {"items": PEOPLE[1:]}),
        ("list.filter", [PEOPLE, "age", "exists"], {"items": PEOPLE[:2]}),
        ("list.filter", [["ab", "c", 1], "", "contains", "a"], {"items": ["ab"]}),
        ("list.filter", [[1, True, 1.0], "", "==", 1], {"items": [1, 1.0]}),
        ("list.unique", [[1, 1.0, True, "1", [1], [1]]], {"items": [1, True, "1", [1]]}),
        ("list.unique", [PEOPLE, "at.city"], {"items": PEOPLE[:2]}),
        (
            "csv.parse",
            ['a,b\r\n1,"x,\ny"\r\n'],
            {"rows": [{"a": "1", "b": "x,\ny"}], "columns": ["a", "b"]},
        ),
        ("csv.parse", ["\ufeffa;b", False, ";"], {"rows": [["a", "b"]], "columns": []}),
        ("csv.parse", [""], {"rows": [], "columns": []}),
        (
            "csv.write",
            [[{"a": 1, "b": None}, {"a": True, "c": "x,y"}]],
            {"text": 'a,b,c\r\n1,,\r\ntrue,,"x,y"\r\n'},
        ),
        ("csv.write", [[[1, -2.5]], ["x", "y"], ";"], {"text": "x;y\r\n1;-2.5\r\n"}),
        (
            "yaml.parse",
            ["a: [1, 2.5, no, 12:30, 2026-01-01, ~, true, 007]"],
            {"data": {"a": [1, 2.5, "no", "12:30", "2026-01-01", None, True, "007"]}},
        ),
        (
            "yaml.parse",
            ["a: &x {k: 1}\nb: *x\nc: {<<: *x, l: 2}"],
            {"data": {"a": {"k": 1}, "b": {"k": 1}, "c": {"k": 1, "l": 2}}},
        ),
        ("hash.digest", ["abc", "md5"], {"digest": "900150983cd24fb0d6963f7d28e17f72"}),
        ("hash.digest", ["abc", "sha1"], {"digest": "a9993e364706816aba3e25717850c26c9cd0d89d"}),
        (
            "time.shift",
            ["2026-03-01T00:00:00Z", "1d", "earlier"],
            {"moment": "2026-02-28T00:00:00+00:00"},
        ),
        ("time.shift", ["2026-03-01T00:00:00", "90m"], {"moment": "2026-03-01T01:30:00+00:00"}),
        (
            "time.between",
            ["2026-01-02", "2026-01-01T12:00:00+00:00"],
            {"seconds": -43200.0, "hours": -12.0, "days": -0.5},
        ),
        (
            "time.format",
            ["2026-07-01T12:00:00Z", "%d.%m.%Y %H:%M 100%%", "Europe/Berlin"],
            {"text": "01.07.2026 14:00 100%"},
        ),
    ],
)
def test_what_they_give(call, name, inputs, expected):
    given = call(name, *inputs)

    assert given == expected
    assert [type(v) for v in given.values()] == [type(v) for v in expected.values()]


def test_sorting_objects_keeps_those_without_the_key_last(call):
    names = [p["name"] for p in call("list.sort", PEOPLE, "age")["items"]]

    assert names == ["Al", "Bo", "Cy"]


def test_groups_come_in_the_order_of_their_first_item(call):
    groups = call("list.group", PEOPLE, "at.city")["groups"]

    assert [(g["key"], g["count"], [p["name"] for p in g["items"]]) for g in groups] == [
        ("Oslo", 2, ["Bo", "Cy"]),
        ("Rome", 1, ["Al"]),
    ]


BOMB = "a0: &a0 [x]\n" + "\n".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)
)


@pytest.mark.parametrize(
    ("name", "inputs", "said"),
    [
        ("text.fill", ["{name.__class__}", {"name": "x"}], "nothing is known for {name.__class__}"),
        ("text.fill", ["{missing}", {"b": 1, "a": 2}], "there is: a, b"),
        ("text.fill", ["{a", {}], "write {{"),
        ("text.fill", ["a}", {}], "write }}"),
        ("text.fill", ["{a!r:>9999999999}", {"a": 1}], "nothing is known"),
        ("text.fill", ["{a}", {"a": [1]}], "only texts and numbers"),
        ("text.split", ["a", ""], "must not be empty"),
        ("text.split", ["," * 50_000], "more than 50,000"),
        ("text.join", [[{}]], "only texts and numbers"),
        ("text.case", ["a", "__class__"], "lower, upper or title"),
        ("text.between", ["a", "", ")"], "must not be empty"),
        ("json.dump", [1, 99], "from 0 to 8"),
        ("list.sort", [[1, "a"]], "number and text"),
        ("list.sort", [[True, False]], "true or false"),
        ("list.filter", [[1], "", "~", 1], "test is one of"),
        ("csv.parse", ["a,a\n1,2"], "more than once"),
        ("csv.parse", ["a,b\n1"], "row 2 has 1 values"),
        ("csv.parse", ['a,b\n"1"x,2'], "not CSV.*line 2"),
        ("csv.parse", ["a", True, "::"], "one character"),
        ("csv.write", [[{"a": [1]}]], "a cell holds"),
        ("csv.write", [[[1], {"a": 1}]], "row 1 is neither"),
        ("yaml.parse", [BOMB], "more than 100,000 values"),
        ("yaml.parse", ["a: &a [*a]"], "inside its own anchor"),
        ("yaml.parse", ["[" * 100], "deeper than 64"),
        ("yaml.parse", ["a: !!python/object/apply:os.system [id]"], "tag .* is refused"),
        ("yaml.parse", ["a: ["], "not YAML"),
        ("yaml.parse", ["1: a"], "key 1 is not a text"),
        ("yaml.parse", ["x" * 300_000], "more than 262,144"),
        ("hash.digest", ["a", "shake_128"], "algorithm is one of"),
        ("hash.sign", ["a", ""], "key must not be empty"),
        ("time.shift", ["yesterday", "1d"], "is no moment"),
        ("time.shift", [None, "1d"], "is no moment"),
        ("time.shift", ["2026-01-01", "1 day"], "expected a duration"),
        ("time.shift", ["9999-12-31", "7d"], "outside the years"),
        ("time.shift", ["2026-01-01", 1e300], "outside the years"),
        ("time.format", ["2026-01-01", "%Q"], "known are"),
        ("time.format", ["2026-01-01", "%"], "known are"),
        ("time.format", ["2026-01-01", "%Y", "../../etc/passwd"], "no time zone"),
        ("time.format", ["9999-12-31T23:00:00Z", "%Y", "Asia/Tokyo"], "outside the years"),
    ],
)
def test_what_they_refuse(call, name, inputs, said):
    with pytest.raises(ValueError, match=said):
        call(name, *inputs)


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-x", "@SUM(A1)", "\t=1", "\r=1", "  =1", "-1+2"])
def test_cells_that_a_spreadsheet_would_compute_are_written_as_text(text):
    written = tables.write_csv([[text]])["text"]

    assert tables.parse_csv(written, header=False)["rows"] == [[f"'{text}"]]


@pytest.mark.parametrize("text", ["-5", "+4.5", "a=b", "me@example.org", ""])
def test_other_cells_are_left_alone(text):
    written = tables.write_csv([[text, "x"]])["text"]

    assert tables.parse_csv(written, header=False)["rows"] == [[text, "x"]]


def test_a_yaml_bomb_is_refused_before_it_grows():
    began = time.perf_counter()
    with pytest.raises(ValueError):
        yamltext.parse_yaml(BOMB)

    assert time.perf_counter() - began < 1


def test_signatures_are_checked_with_the_same_work(monkeypatch):
    compared = []
    real = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", lambda a, b: compared.append((a, b)) or real(a, b))
    signature = hashes.sign("body", "key", ctx=CTX)["signature"]

    assert signature == hmac.new(b"key", b"body", "sha256").hexdigest()
    assert hashes.verify("body", "key", f" {signature.upper()}\n", ctx=CTX) == {"valid": True}
    for wrong in ("", "é", signature[:-1], "0" * 64):
        assert hashes.verify("body", "key", wrong, ctx=CTX) == {"valid": False}
    assert len(compared) == 5


def test_a_key_may_be_a_secret():
    with_key = hashes.sign("body", "a key", ctx=CTX)

    assert hashes.sign("body", secret="shared", ctx=CTX) == with_key
    assert hashes.verify("body", "", with_key["signature"], secret="shared", ctx=CTX)["valid"]
    with pytest.raises(ValueError, match="either a key or"):
        hashes.sign("body", "a key", secret="shared", ctx=CTX)


def test_now_is_now():
    assert abs(datetime.fromisoformat(ambient.now()["now"]) - datetime.now(UTC)) < timedelta(
        seconds=5
    )


def test_an_id_is_the_same_for_every_attempt_and_another_for_every_visit():
    graph = graph_of(
        {
            "a": {"type": "tool", "tool": "id.make", "outputs": {"a": "result.id"}},
            "b": {
                "type": "tool",
                "tool": "id.make",
                "inputs": {"prefix": "'o-'"},
                "outputs": {"b": "result.id"},
            },
        },
        [("a", "b")],
    )
    one, again, other = (run(graph, registry=library(), run_id=r).state for r in ("x", "x", "y"))

    assert one == again
    assert len({one["a"], one["b"], other["a"], other["b"]}) == 4
    assert re.fullmatch("[0-9a-f]{20}", one["a"])
    assert one["b"].startswith("o-")


def test_sleeping_waits_on_the_loop_and_is_bounded():
    async def two():
        began = time.perf_counter()
        await asyncio.gather(ambient.sleep("50ms"), ambient.sleep(0.05))
        return time.perf_counter() - began

    assert 0.04 < asyncio.run(two()) < 1
    with pytest.raises(ValueError, match="one hour"):
        asyncio.run(ambient.sleep("2h"))


def test_every_tool_says_what_it_does_and_is_in_the_docs():
    listed = DOCS.read_text(encoding="utf-8")
    for tool in library():
        described = tool.describe()
        assert described["schema"]["type"] == "object"
        assert len(tool.summary) > 20, tool.name
        if tool.category != "review":
            assert f"| `{tool.name}` | {tool.summary} | {tool.effect} |" in listed, (
                f"add to docs/tool-library.md:\n| `{tool.name}` | {tool.summary} | {tool.effect} |"
            )


def test_forms_offer_the_choices():
    schema = library().get("list.filter").describe()["schema"]["properties"]

    assert schema["test"]["enum"][:2] == ["==", "!="]
    assert schema["by"]["type"] == "string"


def test_they_work_in_a_workflow():
    graph = Graph.from_dict(
        {
            "format": "treadle/1",
            "key": "report",
            "entry": ["read"],
            "nodes": {
                "read": {"type": "tool", "tool": "csv.parse", "inputs": {"text": "table"}},
                "sort": {
                    "type": "tool",
                    "tool": "list.sort",
                    "inputs": {"items": "rows", "by": "'name'"},
                },
                "fill": {
                    "type": "tool",
                    "tool": "text.fill",
                    "inputs": {"template": "'{items.0.name} is first'", "values": "state"},
                },
            },
            "edges": [
                {"id": "1", "from": "read", "to": "sort"},
                {"id": "2", "from": "sort", "to": "fill"},
            ],
        }
    )

    result = run(graph, {"table": "name\nZoe\nAnn"}, registry=library())

    assert result.state["text"] == "Ann is first"


def test_families_share_no_name():
    families = (texts, lists, tables, yamltext, hashes, moments, ambient)
    names = [name for family in families for name in family.TOOLS]

    assert len(names) == len(set(names))
