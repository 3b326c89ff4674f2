"""Random graphs: the result equals the reference's, whatever the order things happen in."""

import asyncio
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Graph, RunStatus, arun, fold, run
from tests.engine.graphs import Builder, random_dag
from tests.engine.helpers import registry_of, state_tools
from tests.engine.reference import Reference

SCHEDULES = (None, 1, 2, 3)
MAX_NODES = 60


def start_of(seed):
    return {"p": seed % 3, "q": (seed // 3) % 3, "r": (seed // 9) % 3}


def assert_like_reference(document, tools, seed):
    graph, registry = Graph.from_dict(document), state_tools(tools)
    expected = Reference(document, tools, seed).run(start_of(seed))

    for schedule in SCHEDULES:
        result = run(graph, start_of(seed), registry=registry, schedule_seed=schedule)

        assert result.status == expected.status, (seed, schedule, result.error)
        if expected.status == "completed":
            assert result.state == expected.state, (seed, schedule)
            assert result.activations == expected.visits, (seed, schedule)
            assert fold(graph, result.events).state == expected.state, (seed, schedule)


@given(seed=st.integers(0, 10**9), depth=st.integers(1, 4))
@settings(max_examples=150, deadline=None)
def test_well_formed_graphs(seed, depth):
    builder = Builder(seed, conflicts=seed % 3 == 0)
    document = builder.document(depth)
    if len(document["nodes"]) <= MAX_NODES:
        assert_like_reference(document, builder.tools, seed)


@given(seed=st.integers(0, 10**9))
@settings(max_examples=150, deadline=None)
def test_arbitrary_acyclic_graphs(seed):
    assert_like_reference(*random_dag(seed), seed)


@pytest.mark.parametrize("seed", range(12))
def test_async_tools_of_random_duration_give_the_same_result(seed):
    builder = Builder(seed, conflicts=False, failures=False)
    document = builder.document(3)
    dice = random.Random(seed)

    def slowly(work):
        async def tool(state):
            for _ in range(dice.randrange(4)):
                await asyncio.sleep(0)
            return work(state)

        return tool

    registry = registry_of({name: slowly(work) for name, work in builder.tools.items()})
    result = asyncio.run(arun(Graph.from_dict(document), start_of(seed), registry=registry))
    expected = Reference(document, builder.tools, seed).run(start_of(seed))

    assert result.status == RunStatus.COMPLETED
    assert result.state == expected.state


def test_the_comparison_notices_a_join_that_does_not_wait(monkeypatch):
    """The test of the test: with joins that fire at once, results depend on timing."""
    from engine.planning import joins

    impatient = dict.fromkeys(joins._POLICIES, lambda marking, group: True)
    monkeypatch.setattr(joins, "_POLICIES", impatient)

    noticed = 0
    for seed in range(40):
        document, tools = random_dag(seed)
        try:
            assert_like_reference(document, tools, seed)
        except AssertionError:
            noticed += 1

    assert noticed > 10
