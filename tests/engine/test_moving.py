"""Runs that go on by another version of their graph."""

import copy
import json

import pytest

from engine import Driver, Event, Graph, JournalCorrupt, MemoryJournal, fold, new_run, replay, run
from engine.errors import ValueRefused
from engine.keeping.snapshots import restore, take
from engine.planning.transplant import NoHome
from engine.planning.waits import answered
from engine.steering.forking import fork
from engine.steering.moving import MapRefused, move
from tests.engine.graphs import Builder
from tests.engine.helpers import dump, graph_of, registry_of, state_tools, through_json
from tests.engine.patterns.test_patterns import PATTERNS
from tests.engine.test_snapshots import log, through_text

START = {"p": 1, "q": 0, "r": 2}
PAUSED = {"k": "run.paused", "data": {"reason": "to be moved"}}
RESUMED = {"k": "run.resumed", "data": {}}


def renamed(document):
    """The same graph with other ids for everything, and the map from the old to the new ones."""
    made = copy.deepcopy(document)
    names = {name: f"new {name}" for name in document["nodes"]}
    names |= {edge["id"]: f"way {edge['id']}" for edge in document["edges"]}
    nodes = {names[name]: node for name, node in made["nodes"].items()}
    for node in nodes.values():
        if "cancels" in node:
            node["cancels"] = [names[name] for name in node["cancels"]]
    edges = [
        {
            **edge,
            "id": names[edge["id"]],
            "from": names[edge["from"]],
            "to": names[edge["to"]],
            **({"resets": [names[e] for e in edge["resets"]]} if "resets" in edge else {}),
        }
        for edge in made["edges"]
    ]
    entry = [names[name] for name in document["entry"]]
    return {**made, "nodes": nodes, "edges": edges, "entry": entry, "layout": {}}, names


def events_of(raw):
    return [Event.from_dict({"ts": None, **each}) for each in raw]


def kin_of(*graphs):
    return {graph.hash: graph for graph in graphs}.__getitem__


def moved_after(graph, target, names, told, kin):
    """The journal of a run that was paused after these events, moved, and resumed."""
    journal = MemoryJournal(list(told))
    journal.append(events_of([PAUSED]))
    journal.append([move(graph, journal.events, target, names=names, kin=kin)])
    journal.append(events_of([RESUMED]))
    return journal.events


def ends(graph, registry, journal, kin):
    driver = Driver(graph, registry, journal, folded=fold(graph, journal.events, kin))
    assert driver.advance()
    return driver.result()


def whole(graph, registry, start, **more):
    journal = MemoryJournal()
    created = new_run(graph, start)
    journal.append([created])
    driver = Driver(graph, registry, journal, folded=fold(graph, [created]), **more)
    assert driver.advance()
    return driver.result(), journal.events


def assert_it_moves_at_every_event(graph, target, names, registry, start, seed=None, step=1):
    result, told = whole(graph, registry, start, schedule_seed=seed)
    kin = kin_of(graph, target)
    told = events_of(through_json(told))
    for cut in range(1, len(told), step):
        journal = moved_after(graph, target, names, told[:cut], kin)
        again = ends(target, registry, MemoryJournal(list(journal)), kin)
        assert (again.status, again.state) == (result.status, result.state), cut


@pytest.mark.parametrize("seed", range(30))
def test_a_run_moved_to_the_same_graph_by_other_names_ends_the_same(seed):
    builder = Builder(seed, conflicts=False)
    graph = Graph.from_dict(builder.document(1 + seed % 3))
    document, names = renamed(graph.to_dict())
    registry = state_tools(builder.tools)

    assert_it_moves_at_every_event(graph, Graph.from_dict(document), names, registry, START, seed)


@pytest.mark.parametrize("name", PATTERNS)
def test_every_pattern_is_moved_at_every_event(name):
    nodes, edges, _ = PATTERNS[name]
    graph = graph_of(
        nodes,
        edges,
        "f",
        state={"defaults": {"log": [], "deep": False}, "reducers": {"log": "append"}},
    )
    document, names = renamed(graph.to_dict())
    registry = state_tools({key: log(key) for key in "abcdj"})

    assert_it_moves_at_every_event(graph, Graph.from_dict(document), names, registry, {}, 1)


@pytest.mark.parametrize("seed", range(12))
def test_a_moved_run_that_is_cut_at_any_event_goes_on_and_folds_the_same(seed):
    builder = Builder(seed, conflicts=False)
    graph = Graph.from_dict(builder.document(1 + seed % 2))
    document, names = renamed(graph.to_dict())
    target, registry = Graph.from_dict(document), state_tools(builder.tools)
    kin = kin_of(graph, target)
    result, told = whole(graph, registry, START, schedule_seed=seed)
    journal = MemoryJournal(moved_after(graph, target, names, told[: len(told) // 2], kin))
    middle = len(journal.events)
    live = Driver(target, registry, journal, folded=fold(target, journal.events, kin))
    assert live.advance()
    events = through_json(journal.events)

    assert plain(fold(target, events, kin).marking) == plain(live._marking)
    for cut in range(middle - 2, len(events) + 1):
        folded = fold(target, events[:cut], kin)
        kept = restore(target, through_text(take(folded)), kin)
        assert plain(kept.marking) == plain(folded.marking), cut
        if cut >= middle:
            rest = MemoryJournal([Event.from_dict(raw) for raw in events[:cut]])
            again = ends(target, registry, rest, kin)
            assert (again.status, again.state) == (result.status, result.state), cut
    assert replay(target, events, kin).state == result.state
    assert kept.marking.plan.graph is target


def plain(marking):
    return json.loads(json.dumps(dump(marking)))


# What is edited ----------------------------------------------------------------------------------

LINE = {"a": "one", "b": "bad", "c": "one"}
TOOLS = {
    "one": lambda state: {"n": state.get("n", 0) + 1},
    "good": lambda state: {"mended": True},
}


def bad(state):
    raise ValueError("broken")


def failed_at_b():
    graph = graph_of(LINE, [("a", "b"), ("b", "c")])
    registry = state_tools({**TOOLS, "bad": bad})
    result, told = whole(graph, registry, {})
    assert str(result.status) == "failed"
    return graph, registry, told


def test_a_failed_run_goes_on_by_a_version_in_which_its_step_is_mended():
    graph, registry, told = failed_at_b()
    target = graph_of({**LINE, "b": "good", "d": "one"}, [("a", "b"), ("b", "c"), ("c", "d")])
    kin = kin_of(graph, target)

    journal = MemoryJournal([*told, move(graph, told, target), *events_of([RESUMED])])
    result = ends(target, registry, journal, kin)

    assert (str(result.status), result.state) == ("completed", {"n": 3, "mended": True})
    assert fold(target, told, kin).marking.plan.graph is graph, "before the move it is the old one"


@pytest.mark.parametrize("node", [{"type": "noop"}, {"type": "set", "set": {"mended": "true"}}])
def test_a_step_that_failed_may_become_one_of_another_type(node):
    graph, registry, told = failed_at_b()
    target = graph_of({**LINE, "b": node}, [("a", "b"), ("b", "c")])

    journal = MemoryJournal([*told, move(graph, told, target), *events_of([RESUMED])])

    assert str(ends(target, registry, journal, kin_of(graph, target)).status) == "completed"


def test_everything_without_a_home_is_named():
    graph, _, told = failed_at_b()
    target = graph_of({"a": "one", "c": "one"}, [("a", "c")])

    with pytest.raises(NoHome) as refused:
        move(graph, told, target)

    [homeless] = refused.value.found
    assert (homeless.node, homeless.edge) == ("b", None)
    assert homeless.text == "'b' is failed, and the new version has no node 'b'"
    assert str(move(graph, told, target, names={"b": "c"}).kind) == "run.moved"


FORK = graph_of(
    {"a": "one", "left": "log", "right": "slow", "meet": "log", "end": "log"},
    [("a", "left"), ("a", "right"), ("left", "meet"), ("right", "meet"), ("meet", "end")],
    state={"reducers": {"log": "append"}},
)
FORK_TOOLS = state_tools(
    {"one": lambda s: {"n": 1}, "log": lambda s: {"log": ["x"]}, "slow": lambda s: {"log": ["y"]}}
)


def with_a_token_before_the_join():
    _, told = whole(FORK, FORK_TOOLS, {})
    at = next(
        n for n, e in enumerate(told) if (str(e.kind), e.node) == ("attempt.succeeded", "left")
    )
    return [*told[: at + 1], *events_of([PAUSED])]


def changed(**more):
    return Graph.from_dict({**FORK.to_dict(), **more})


def test_a_token_before_a_join_keeps_its_way_in():
    told = with_a_token_before_the_join()
    nodes = {**FORK.to_dict()["nodes"], "more": {"type": "noop"}}
    edges = [
        *FORK.to_dict()["edges"],
        {"id": "x", "from": "a", "to": "more"},
        {"id": "y", "from": "more", "to": "meet"},
    ]
    target = changed(nodes=nodes, edges=edges)

    journal = MemoryJournal([*told, move(FORK, told, target), *events_of([RESUMED])])
    result = ends(target, FORK_TOOLS, journal, kin_of(FORK, target))

    assert (str(result.status), result.state["log"]) == ("completed", ["x", "y", "x", "x"])


def test_a_join_that_is_none_any_more_lets_its_tokens_go():
    told = with_a_token_before_the_join()
    nodes = dict(FORK.to_dict()["nodes"])
    nodes["meet"] = {**nodes["meet"], "join": {"policy": "each"}}
    target = changed(nodes=nodes)

    journal = MemoryJournal([*told, move(FORK, told, target), *events_of([RESUMED])])
    result = ends(target, FORK_TOOLS, journal, kin_of(FORK, target))

    assert str(result.status) == "completed"
    assert [e.node for e in journal.events if str(e.kind) == "join.fired"] == []


def test_a_way_into_a_join_that_is_gone_is_named_and_can_be_mapped():
    told = with_a_token_before_the_join()
    edges = [e for e in FORK.to_dict()["edges"] if e["id"] != "left-meet"]
    edges.append({"id": "other", "from": "left", "to": "meet"})
    target = changed(edges=edges)

    with pytest.raises(NoHome, match="no 'left-meet' leads to 'meet'") as refused:
        move(FORK, told, target)
    assert [(h.node, h.edge) for h in refused.value.found] == [("meet", "left-meet")]
    assert move(FORK, told, target, names={"left-meet": "other"})


def test_branches_that_are_still_to_meet_keep_their_reducers():
    told = with_a_token_before_the_join()
    target = changed(state={"reducers": {"log": "union"}})

    with pytest.raises(NoHome, match="reducer append"):
        move(FORK, told, target)


def test_the_state_has_to_fit_the_new_schema():
    graph, _, told = failed_at_b()
    schema = {"type": "object", "properties": {"n": {"type": "string"}}}
    target = graph_of(LINE, [("a", "b"), ("b", "c")], state={"schema": schema})

    with pytest.raises(ValueRefused, match="n"):
        move(graph, told, target)


@pytest.mark.parametrize(
    ("names", "says"),
    [({"x": "a"}, "no node or edge 'x'"), ({"a": "x"}, "no 'x'"), ({"a": "a-b"}, "no 'a-b'")],
)
def test_a_map_of_nothing_is_refused(names, says):
    graph, _, told = failed_at_b()
    with pytest.raises(MapRefused, match=says):
        move(graph, told, graph, names=names)


def test_what_waits_for_a_person_waits_on_in_the_new_version():
    ask = {
        "type": "human",
        "title": "Well?",
        "form": {"type": "object"},
        "outputs": {"a": "answer.a"},
    }
    graph = graph_of({"a": ask}, [])
    target = graph_of({"b": {**ask, "title": "Well then?"}, "c": "one"}, [("b", "c")], entry="b")
    other = graph_of({"a": "one"}, [])
    kept = MemoryJournal([])
    kept.append([new_run(graph, {}, now=1.0)])
    Driver(graph, registry_of({}), kept, folded=fold(graph, kept.events)).advance()
    told = [*kept.events, *events_of([PAUSED])]

    with pytest.raises(NoHome, match="is waiting as a human node, and 'a' is a tool node"):
        move(graph, told, other)
    event = move(graph, told, target, names={"a": "b"})
    wait = next(e for e in told if str(e.kind) == "wait.opened").data["waits"][0]
    journal = MemoryJournal(
        [*told, event, *events_of([RESUMED]), answered("b", wait | {"act": 1}, {"a": 5})]
    )
    result = ends(target, state_tools(TOOLS), journal, kin_of(graph, target))

    assert (str(result.status), result.state) == ("completed", {"a": 5, "n": 1})


def test_counters_go_along_with_their_edges():
    def looping(limit):
        return graph_of(
            {"a": "one", "out": {"type": "end"}},
            [("a", "a", {"when": "n < 50", "max": limit}), ("a", "out", {"on": "exhausted"})],
        )

    graph, target = looping(10), looping(4)
    registry = state_tools(TOOLS)
    _, told = whole(graph, registry, {})
    done = [n for n, e in enumerate(told) if str(e.kind) == "attempt.succeeded"]
    told = [*told[: done[2] + 1], *events_of([PAUSED])]

    journal = MemoryJournal([*told, move(graph, told, target), *events_of([RESUMED])])
    result = ends(target, registry, journal, kin_of(graph, target))

    assert result.state == {"n": 5}, "three uses were counted before, four are allowed now"


def test_a_journal_whose_other_version_is_not_at_hand_is_not_folded():
    graph, _, told = failed_at_b()
    target = graph_of({**LINE, "b": "good"}, [("a", "b"), ("b", "c")])
    journal = [*told, move(graph, told, target)]

    with pytest.raises(JournalCorrupt, match="another version"):
        fold(target, journal)
    with pytest.raises(JournalCorrupt, match="not at hand"):
        fold(graph, journal)


# Forks onto another version ----------------------------------------------------------------------


def test_a_fork_goes_on_by_another_version():
    graph, registry, told = failed_at_b()
    target = graph_of({**LINE, "b": "good"}, [("a", "b"), ("b", "c")])
    kin = kin_of(graph, target)

    made = fork(graph, told, run="origin", patch={"n": 10}, target=target)
    journal = MemoryJournal([*told, *made])
    result = ends(target, registry, journal, kin)

    assert [str(event.kind) for event in made] == ["run.moved", "run.resumed", "run.forked"]
    assert (str(result.status), result.state) == ("completed", {"n": 11, "mended": True})
    with pytest.raises(NoHome):
        fork(graph, told, run="origin", target=graph_of({"x": "one"}, [], entry="x"))


@pytest.mark.parametrize("seed", range(15))
def test_a_fork_of_any_event_by_other_names_ends_as_its_origin(seed):
    builder = Builder(seed, conflicts=False)
    graph = Graph.from_dict(builder.document(1 + seed % 3))
    document, names = renamed(graph.to_dict())
    target, registry = Graph.from_dict(document), state_tools(builder.tools)
    result = run(graph, START, registry=registry)

    for cut in range(1, len(result.events)):
        told = [Event.from_dict(raw) for raw in result.events[:cut]]
        made = fork(graph, told, run="origin", target=target, names=names)
        journal = MemoryJournal([*told, *made])
        again = ends(target, registry, journal, kin_of(graph, target))
        assert (again.status, again.state) == (result.status, result.state), cut


def test_a_failed_merge_waits_for_a_rule_and_takes_it_from_another_version():
    def graph(**rules):
        nodes = {"f": {"type": "noop"}, "a": "a", "b": "b", "j": {"type": "noop"}, "z": "z"}
        edges = [("f", "a"), ("f", "b"), ("a", "j"), ("b", "j"), ("j", "z")]
        return graph_of(nodes, edges, "f", **rules)

    calls = []

    def tool(name, **gives):
        return lambda: calls.append(name) or gives

    tools = registry_of({"a": tool("a", x=1), "b": tool("b", x=2), "z": tool("z", done=True)})
    plain, ruled = graph(), graph(state={"on_conflict": {"x": "last"}})
    first = run(plain, registry=tools)
    assert (first.status, first.error.code, first.error.node) == ("failed", "E_STATE_CONFLICT", "j")

    def resumed(*events):
        journal = MemoryJournal(events_of(first.events))
        journal.append([*events, *events_of([RESUMED])])
        kin = kin_of(plain, ruled)
        driver = Driver(plain, tools, journal, folded=fold(plain, journal.events, kin))
        assert driver.advance()
        return driver.result()

    again = resumed()
    assert (again.status, again.error) == ("failed", first.error)

    moved = move(plain, events_of(first.events), ruled, kin=kin_of(plain, ruled))
    ended = resumed(moved)
    assert (ended.status, ended.state) == ("completed", {"x": 2, "done": True})
    assert calls == ["a", "b", "z"], "nothing that was done is done again"
