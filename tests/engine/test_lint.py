"""What lint finds, and what it leaves in peace."""

import pytest

from engine import ToolRegistry, validate
from tests.engine.test_documents import EXAMPLE, GOOD

NOOP = {"type": "noop"}
END = {"type": "end"}


def tool(name="t", **fields):
    return {"type": "tool", "tool": name, **fields}


def codes(nodes, edges, entry=("a",), registry=None, **more):
    document = {
        "format": "treadle/1",
        "key": "x",
        "entry": list(entry),
        "nodes": nodes,
        "edges": [
            {"id": f"{s}-{t}", "from": s, "to": t, **(rest[0] if rest else {})}
            for s, t, *rest in edges
        ],
        **more,
    }
    return [(p.code, p.node or p.edge) for p in validate(document, registry)]


def test_good_documents_have_no_problems():
    assert validate(GOOD) == []
    errors = [(p.code, p.node) for p in validate(EXAMPLE) if p.severity == "error"]
    assert errors == [("starving_join", "merge")], "it joins strictly behind a condition"


def test_unreachable_nodes():
    assert codes({"a": NOOP, "b": NOOP, "c": NOOP}, [("b", "c"), ("c", "b")]) == [
        ("unreachable_node", "b"),
        ("unreachable_node", "c"),
    ]


def test_a_cycle_without_a_way_out():
    cycle = [("a", "b"), ("b", "a")]

    assert codes({"a": NOOP, "b": NOOP}, cycle) == [("endless_cycle", "a")]
    assert codes({"a": NOOP, "b": NOOP, "c": END}, [*cycle, ("b", "c")]) == []
    assert codes({"a": NOOP, "b": NOOP, "c": END}, [*cycle, ("b", "c", {"on": "exhausted"})]) == []
    assert codes({"a": NOOP, "b": {**NOOP, "on_no_route": "end"}}, cycle) == [
        ("endless_cycle", "a")
    ]
    again = [("a", "b"), ("b", "a", {"when": "x"})]
    assert codes({"a": NOOP, "b": {**NOOP, "on_no_route": "end"}}, again) == []


def test_a_node_that_only_leads_to_itself():
    assert codes({"a": NOOP}, [("a", "a")]) == [("endless_cycle", "a")]


def test_a_cycle_with_several_ways_in():
    nodes = {"a": NOOP, "b": NOOP, "c": NOOP, "d": END}
    edges = [("a", "b"), ("a", "c"), ("b", "c"), ("c", "b"), ("c", "d")]

    assert [code for code, _ in codes(nodes, edges)] == ["irreducible_cycle", "ring_of_joins"]
    single = {**nodes, "a": {**NOOP, "route": "first"}, "c": {**NOOP, "route": "first"}}
    assert codes(single, edges) == [], "one token alone cannot get into its own way"


def test_a_strict_join_that_can_starve():
    nodes = {"a": NOOP, "b": NOOP, "c": NOOP, "j": {**NOOP, "join": {"policy": "all"}}}
    always = [("a", "b"), ("a", "c"), ("b", "j"), ("c", "j")]
    sometimes = [("a", "b"), ("a", "c", {"when": "x"}), ("b", "j"), ("c", "j")]

    assert codes(nodes, always) == []
    assert codes(nodes, sometimes) == [("starving_join", "j")]
    first = {**nodes, "a": {**NOOP, "route": "first"}}
    assert codes(first, always) == [("starving_join", "j")]
    default = {**nodes, "j": NOOP}
    assert codes(default, sometimes) == []


def test_conditions_without_else():
    nodes = {"a": NOOP, "b": END, "c": END}

    assert codes(nodes, [("a", "b", {"when": "x"}), ("a", "c", {"when": "y"})]) == [
        ("no_else", "a")
    ]
    assert codes(nodes, [("a", "b", {"when": "x"}), ("a", "c", {"when": "!x"})]) == []
    assert codes(nodes, [("a", "b", {"when": "x > 1"}), ("a", "c", {"when": "!(x > 1)"})]) == []
    assert codes(nodes, [("a", "b", {"when": "x"}), ("a", "c", {"else": True})]) == []
    assert codes(nodes, [("a", "b", {"when": "x"}), ("a", "c")]) == []
    ending = {**nodes, "a": {**NOOP, "on_no_route": "end"}}
    assert codes(ending, [("a", "b", {"when": "x"}), ("a", "c", {"when": "y"})]) == []


def racing(*fork, state=None, **node):
    nodes = {
        "a": {**NOOP, **node},
        "b": {"type": "set", "set": {"x": "1"}},
        "c": {"type": "set", "set": {"x": "2"}},
        "j": NOOP,
    }
    edges = [("a", "b", *fork[:1]), ("a", "c", *fork[1:]), ("b", "j"), ("c", "j")]
    return codes(nodes, edges, **({"state": state} if state else {}))


def test_two_parallel_nodes_that_write_one_plain_key():
    assert racing() == [("racing_writes", "b")]
    assert racing({"when": "p"}, {"when": "q"})[-1] == ("racing_writes", "b")
    assert racing({"when": "p"}, {"else": True}) == []
    assert racing({"when": "p"}, {"when": "!p"}) == []
    assert racing(route="first") == []
    assert racing(state={"reducers": {"x": "max"}}) == []
    assert racing(state={"on_conflict": {"x": "last"}}) == []


def test_writers_one_after_the_other_do_not_race():
    nodes = {"a": {"type": "set", "set": {"x": "1"}}, "b": {"type": "set", "set": {"x": "2"}}}

    assert codes(nodes, [("a", "b")]) == []


def needs(code, limit=5):
    """A tool."""
    return {"code": code, "limit": limit}


@pytest.fixture
def registry():
    registry = ToolRegistry()
    registry.register("t", needs)
    registry.register("any", lambda **options: None)
    return registry


SCHEMA = {"schema": {"properties": {"n": {}}}}


def test_unknown_tools_and_inputs(registry):
    assert codes({"a": tool("zz")}, [], registry=registry) == [("unknown_tool", "a")]
    given = {"a": tool(inputs={"code": "n", "speed": "n"})}
    assert codes(given, [], registry=registry) == [("unknown_input", "a")]
    assert codes({"a": tool("any", inputs={"speed": "n"})}, [], registry=registry) == []


def test_required_parameters_that_nothing_gives(registry):
    assert codes({"a": tool()}, [], registry=registry, state=SCHEMA) == [("unbound_input", "a")]
    assert codes({"a": tool(inputs={"code": "n"})}, [], registry=registry, state=SCHEMA) == []
    assert codes({"a": tool()}, [], registry=registry) == [], "the start may give it"
    written = {"s": {"type": "set", "set": {"code": "1"}}, "a": tool()}
    assert codes(written, [("s", "a")], ["s"], registry=registry, state=SCHEMA) == []


def test_a_timeout_that_cannot_end_its_thread(registry):
    async def waits():
        return None

    registry.register("waits", waits)
    given = {"inputs": {"code": "n"}, "timeout": "5s"}
    assert codes({"a": tool(**given)}, [], registry=registry) == [("soft_timeout", "a")]
    quiet = {"inputs": {"code": "n"}, "idle_timeout": "5s"}
    assert codes({"a": tool(**quiet)}, [], registry=registry) == [("soft_timeout", "a")]
    killed = {"a": tool(**given, isolation="process")}
    assert codes(killed, [], registry=registry) == []
    assert codes({"a": tool("waits", timeout="5s")}, [], registry=registry) == []
    assert codes({"a": tool(**given)}, []) == [], "without the tools nobody knows"


def test_an_idle_timeout_that_never_comes(registry):
    both = {"inputs": {"code": "n"}, "isolation": "process", "timeout": "5s"}
    unused = {"a": tool(**both, idle_timeout="10s")}
    assert codes(unused, [], registry=registry) == [("idle_timeout_unused", "a")]
    assert codes({"a": tool(**both, idle_timeout="1s")}, [], registry=registry) == []


def test_a_transactional_tool_where_no_transaction_can_be_shared(registry):
    async def waits():
        return None

    registry.register("waits", waits)
    registry.register("books", lambda: None, effect="transactional")
    elsewhere = {"a": tool("books", isolation="process")}
    assert codes(elsewhere, [], registry=registry) == [("not_transactional", "a")]
    on_the_loop = {"a": tool("waits", effect="transactional")}
    assert codes(on_the_loop, [], registry=registry) == [("not_transactional", "a")]
    assert codes({"a": tool("books")}, [], registry=registry) == []
    both = {"a": tool(effect="transactional", isolation="process")}
    assert codes(both, []) == [("bad_value", "a")]


def test_a_tool_that_acts_once_and_is_tried_again(registry):
    given = {"inputs": {"code": "n"}, "effect": "once"}
    again = {"a": tool(**given, retry={"max_attempts": 2})}
    assert codes(again, [], registry=registry) == [("once_with_retries", "a")]
    assert codes({"a": tool(**given)}, [], registry=registry) == []


def test_keys_that_are_read_and_never_written():
    end = {"type": "end", "set": {"out": "m"}}
    edges = [("a", "b", {"when": "scoer > 1"}), ("a", "c", {"else": True})]

    assert codes({"a": NOOP, "b": end, "c": END}, edges, state=SCHEMA) == [
        ("unwritten_key", "a-b"),
        ("unwritten_key", "b"),
    ]


def test_a_read_is_only_unwritten_when_the_writes_are_known(registry):
    nodes = {"a": tool(inputs={"code": "n"}), "b": {"type": "end", "set": {"out": "code"}}}
    assert codes(nodes, [("a", "b")], registry=registry, state=SCHEMA) == []
    known = {**nodes, "a": tool(inputs={"code": "n"}, outputs={"n": "result.code"})}
    assert codes(known, [("a", "b")], registry=registry, state=SCHEMA) == [("unwritten_key", "b")]


def test_errors_come_before_warnings():
    found = codes({"a": NOOP, "b": END, "c": END}, [("a", "b", {"when": "x"})])

    assert found == [("unreachable_node", "c"), ("no_else", "a")]


STRICT = {**NOOP, "join": {"policy": "all"}}


def strict(edges, **nodes):
    """What lint says of a strict join `j` behind the fork `a`, one of whose branches is plain."""
    base = {"a": NOOP, "plain": NOOP, "j": STRICT, **dict.fromkeys("bcdx", NOOP)}
    used = {end for edge in edges for end in edge[:2]} | {"plain", "j", "a"}
    kept = {name: spec for name, spec in {**base, **nodes}.items() if name in used}
    return [
        code
        for code, _ in codes(kept, [("a", "plain"), ("plain", "j"), *edges])
        if code == "starving_join"
    ]


def test_a_strict_join_may_stand_behind_choices_and_loops_that_all_lead_to_it():
    choice = [("a", "b"), ("b", "c", {"when": "x"}), ("b", "d", {"else": True}), ("c", "x")]
    assert strict([*choice, ("d", "x"), ("x", "j")]) == []
    assert strict([*choice, ("x", "j")]) == ["starving_join"], "d ends"
    again = [("a", "b"), ("b", "c"), ("c", "b", {"when": "x"}), ("c", "j", {"else": True})]
    assert strict(again) == []
    assert strict([("a", "b"), ("b", "c", {"when": "x"}), ("b", "d", {"when": "y"}),
                   ("c", "x"), ("d", "x"), ("x", "j")]) == []  # fmt: skip


def test_a_strict_join_does_not_stand_behind_a_branch_that_may_end():
    ending = {**NOOP, "on_no_route": "end"}
    assert strict([("a", "b"), ("b", "j", {"when": "x"})], b=ending) == ["starving_join"]
    assert strict([("a", "b"), ("b", "j", {"when": "x"})]) == [], "without a way the run fails"
    lenient = {"type": "tool", "tool": "t", "on_error": "end_branch"}
    assert strict([("a", "b"), ("b", "j")], b=lenient) == ["starving_join"]
    failing = {"type": "tool", "tool": "t"}
    rescue = [("a", "b"), ("b", "c", {"on": "error"}), ("c", "j")]
    assert strict(rescue, b=failing) == ["starving_join"]


def region(edges, nodes="abcdj", **more):
    found = codes({**dict.fromkeys(nodes, NOOP), **more}, edges)
    return [name for code, name in found if code == "open_region"]


def test_a_loop_that_goes_round_while_a_branch_still_runs_outside_of_it():
    go_on = [("b", "a", {"when": "x"}), ("b", "d", {"else": True}), ("d", "j")]

    assert region([("a", "b"), ("a", "c"), *go_on, ("c", "j")]) == ["b-a"]
    assert region([("a", "b"), ("a", "c"), *go_on]) == [], "a branch that ends by itself"
    assert region([("a", "b"), ("a", "c", {"when": "y"}), *go_on, ("c", "j")]) == []
    first = {"a": {**NOOP, "route": "first"}}
    assert region([("a", "b"), ("a", "c"), *go_on, ("c", "j")], **first) == []
    each = {"j": {**NOOP, "join": "each"}}
    assert region([("a", "b"), ("a", "c"), *go_on, ("c", "j")], **each) == []


def test_a_loop_whose_branches_meet_before_it_goes_round():
    inside = [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d"), ("d", "a", {"when": "x"})]
    assert region([*inside, ("d", "j", {"else": True})]) == []
    both = [("a", "b"), ("a", "c"), ("b", "a", {"when": "x"}), ("c", "a", {"when": "x"})]
    assert region([*both, ("b", "j", {"else": True}), ("c", "j", {"else": True})], "abcj") == []


def test_a_key_is_unread_only_where_all_reads_are_known(registry):
    write = {"type": "set", "set": {"lost": "1"}}
    assert codes({"a": write}, [], state=SCHEMA) == [("unread_key", "a")]
    assert codes({"a": write}, []) == [], "everything may be a result"
    assert codes({"a": {**END, "set": {"lost": "1"}}}, [], state=SCHEMA) == []
    reading = {"a": write, "b": END}
    assert codes(reading, [("a", "b", {"when": "lost > 0"})], state=SCHEMA) == [("no_else", "a")]
    any_key = {"a": write, "b": {"type": "set", "set": {"n": "size(state)"}}}
    assert codes(any_key, [("a", "b")], state=SCHEMA) == []
    takes_all = {"a": write, "b": tool("any", outputs={"n": "1"})}
    assert codes(takes_all, [("a", "b")], registry=registry, state=SCHEMA) == []
    by_name = {"a": {"type": "set", "set": {"code": "1"}}, "b": tool(outputs={"n": "1"})}
    assert codes(by_name, [("a", "b")], registry=registry, state=SCHEMA) == []
