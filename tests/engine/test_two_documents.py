"""The two documents that the format was made for: a loop with people in it, and a fan-out."""

import pytest

from engine import Graph, Limits, VirtualClock, limits, run, validate
from engine.driving.context import MAX_LOG
from engine.driving.driver import CANCEL_GRACE_S
from engine.limits import HIGHEST
from engine.planning.child_calls import MAX_DEPTH
from engine.testing import FakeTools, play, shuffle
from tests.engine.helpers import graph_of

NOTES = {
    "format": "treadle/1", "key": "release-notes", "name": "Write release notes",
    "entry": ["write"],
    "state": {
        "schema": {"type": "object", "required": ["task"], "properties": {
            "task": {"type": "string"}, "code": {"type": "string"}, "tests": {"type": "object"},
            "review": {"type": "object"}, "history": {"type": "array"},
            "outcome": {"type": "string"}}},
        "defaults": {"history": []}, "reducers": {"history": "append"}},
    "limits": {"max_steps": 200, "max_active": "24h", "max_state_bytes": 1048576,
               "on_step_budget": "pause"},
    "nodes": {
        "write": {"type": "tool", "tool": "text.draft",
                  "inputs": {"task": "task", "feedback": "state.?review.comments.orValue([])"},
                  "outputs": {"code": "result.code",
                              "history": "[{'by':'write','iter':iteration}]"},
                  "retry": {"max_attempts": 4, "initial": "1s", "factor": 2, "max": "30s",
                            "jitter": 0.2, "on": ["ConnectionError", "TimeoutError"]},
                  "timeout": "120s"},
        "test": {"type": "tool", "tool": "ci.run_tests", "inputs": {"code": "code"},
                 "outputs": {"tests": "result"}, "timeout": "10m"},
        "ask": {"type": "human", "title": "Did not converge",
                "assignees": {"group": "maintainers"}, "due": "48h",
                "form": {"type": "object", "required": ["decision"],
                         "properties": {"decision": {"enum": ["ship", "stop", "retry"]}}},
                "outputs": {"review": "{'verdict':answer.decision}"}},
        "ship": {"type": "tool", "tool": "git.merge", "inputs": {"code": "code"},
                 "outputs": {"outcome": "'shipped ' + result.sha"}},
        "stop": {"type": "end", "set": {"outcome": "'stopped'"}}},
    "edges": [
        {"id": "e1", "from": "write", "to": "test"},
        {"id": "e2", "from": "test", "to": "write", "when": "!tests.passed", "max": 5},
        {"id": "e3", "from": "test", "to": "ship", "when": "tests.passed"},
        {"id": "e4", "from": "test", "to": "ask", "on": "exhausted"},
        {"id": "e5", "from": "ask", "to": "ship", "when": "review.verdict == 'ship'"},
        {"id": "e6", "from": "ask", "to": "write", "when": "review.verdict == 'retry'",
         "max": 3, "resets": ["e2"]},
        {"id": "e7", "from": "ask", "to": "stop", "else": True},
        {"id": "e8", "from": "ask", "to": "stop", "on": "timeout"},
        {"id": "e9", "from": "write", "to": "ask", "on": "error"}],
    "layout": {"write": [0, 0], "test": [240, 0], "ask": [480, 200], "ship": [720, 0],
               "stop": [720, 200]},
}  # fmt: skip
RESEARCH = {
    "format": "treadle/1", "key": "research", "entry": ["plan"],
    "state": {"defaults": {"docs": [], "cost": 0}, "reducers": {"docs": "append", "cost": "sum"}},
    "nodes": {
        "plan": {"type": "tool", "tool": "research.plan",
                 "outputs": {"queries": "result.queries", "deep": "result.deep"}},
        "web": {"type": "map", "over": "queries", "as": "q", "max_concurrency": 8,
                "max_items": 500, "on_item_error": "collect", "dispatch": "local",
                "body": {"tool": "web.search", "inputs": {"q": "q"}, "timeout": "20s"},
                "collect": {"docs": "results.map(r, r.docs)", "cost": "results.map(r, r.cost)"}},
        "papers": {"type": "subgraph", "workflow": "paper-search", "version": 4,
                   "in": {"query": "queries[0]"}, "out": {"docs": "state.found"}},
        "merge": {"type": "noop", "join": {"policy": "all_active", "on_conflict": "error"}},
        "write": {"type": "tool", "tool": "text.summarise", "inputs": {"docs": "docs"},
                  "outputs": {"answer": "result.text"}}},
    "edges": [
        {"id": "a", "from": "plan", "to": "web"},
        {"id": "c", "from": "plan", "to": "papers", "when": "deep"},
        {"id": "d", "from": "web", "to": "merge"}, {"id": "f", "from": "papers", "to": "merge"},
        {"id": "g", "from": "merge", "to": "write"}],
}  # fmt: skip


# The loop ----------------------------------------------------------------------------------------


def tools(passes_at=1):
    """Tools of the loop whose tests pass at that round."""
    rounds = iter(range(1, 100))
    return FakeTools(
        {
            "text.draft": {"code": "x = 1"},
            "ci.run_tests": lambda code: {"passed": next(rounds) >= passes_at},
            "git.merge": {"sha": "abc"},
        }
    )


def played(fakes, **answers):
    clock = VirtualClock()
    result = play(
        Graph.from_dict(NOTES), {"task": "notes"}, registry=fakes, answers=answers, clock=clock
    )
    assert (result.status, result.error) == ("completed", None)
    return result


def test_both_documents_have_no_problems():
    assert [p.code for p in validate(NOTES)] == []
    assert [p.code for p in validate(RESEARCH)] == []
    assert Graph.from_dict(NOTES).to_dict() == NOTES


@pytest.mark.parametrize("rounds", [1, 3, 6])
def test_it_goes_round_until_the_tests_pass(rounds):
    result = played(tools(passes_at=rounds))

    assert result.state["outcome"] == "shipped abc"
    assert result.state["history"] == [
        {"by": "write", "iter": at} for at in range(1, rounds + 1)
    ]  # fmt: skip


@pytest.mark.parametrize(("decision", "outcome"), [("ship", "shipped abc"), ("stop", "stopped")])
def test_after_five_rounds_more_a_person_decides(decision, outcome):
    result = played(tools(passes_at=99), ask={"decision": decision})

    assert (result.state["outcome"], result.activations["write"]) == (outcome, 6)


def test_who_says_retry_gives_the_loop_its_rounds_again():
    result = played(tools(passes_at=9), ask={"decision": "retry"})

    assert (result.state["outcome"], result.activations["ask"]) == ("shipped abc", 1)
    assert result.activations["write"] == 9


def test_nobody_decides_within_two_days():
    assert played(tools(passes_at=99)).state["outcome"] == "stopped"


def test_a_writer_that_is_away_too_often_asks_a_person():
    fakes = tools()
    fakes.answer("text.draft", {"code": "x"}, fails=4)

    result = played(fakes, ask={"decision": "stop"})

    assert result.state["outcome"] == "stopped"
    assert len(fakes.calls_of("text.draft")) == 4
    assert fakes.calls_of("ci.run_tests") == []


# The fan-out -------------------------------------------------------------------------------------

SEARCH = graph_of(
    {"s": {"type": "set", "set": {"found": "['paper on ' + query]"}}}, [], "s", key="paper-search"
)


@pytest.mark.parametrize("deep", [True, False])
def test_the_join_waits_for_what_was_started_and_the_order_is_that_of_the_edges(deep):
    fakes = FakeTools()
    fakes.answer("research.plan", {"queries": ["a", "b"], "deep": deep}, effect="pure")
    fakes.answer("web.search", lambda q: {"docs": f"page on {q}", "cost": 2}, effect="pure")
    fakes.answer("text.summarise", lambda docs: {"text": " / ".join(docs)}, effect="pure")
    graph, workflows = Graph.from_dict(RESEARCH), {"paper-search": {4: SEARCH}}

    result = play(graph, {}, registry=fakes, answers={}, workflows=workflows)

    pages = "page on a / page on b"
    assert result.state["answer"] == (f"{pages} / paper on a" if deep else pages)
    assert result.state["cost"] == 4
    assert result.activations.get("papers", 0) == deep
    report = shuffle(graph, {}, registry=fakes, workflows=workflows, schedules=40)
    assert report.ok, report.differences


# Limits ------------------------------------------------------------------------------------------


def test_the_limits_of_a_document_that_says_nothing():
    assert Graph.from_dict(RESEARCH).limits == Limits() == Limits(
        max_steps=1_000, max_active_s=24 * 3_600, max_parallel=32, max_items=10_000,
        max_state_bytes=2**20, on_step_budget="pause", no_progress=3,
    )  # fmt: skip
    assert HIGHEST["max_state_bytes"] == 8 * 2**20
    assert (CANCEL_GRACE_S, MAX_LOG, MAX_DEPTH) == (30, 10 * 2**20, 10)


@pytest.mark.parametrize("node", ["item", "outputs"])
def test_a_value_that_is_too_large_is_refused_before_it_is_kept(node, monkeypatch):
    assert limits.MAX_VALUE_BYTES == 64 * 2**20
    monkeypatch.setattr(limits, "MAX_VALUE_BYTES", 2**20)
    nodes = {
        "item": {"type": "map", "over": "[1]", "body": {"tool": "t"}, "collect": {"n": "done"}},
        "outputs": {"type": "tool", "tool": "t", "outputs": {"n": "1"}},
    }
    fakes = FakeTools({"t": "x" * (2**20 + 1)})

    result = run(graph_of({"a": nodes[node]}, []), registry=fakes)

    assert (result.status, result.error.code, result.error.node) == ("failed", "E_OUTPUT", "a")
    assert "at most 1 MiB are taken" in result.error.message
