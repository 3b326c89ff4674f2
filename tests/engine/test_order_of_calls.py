"""What becomes ready together begins in the order of edges, entries and items."""

import asyncio

import pytest

from engine import arun
from tests.engine.helpers import graph_of, registry_of

NAMES = ["c", "a", "d", "b"]


@pytest.fixture
def began():
    return []


def tools(began, effect):
    def tool(name):
        async def call():
            began.append(name)
            await asyncio.sleep(0)
            return {}

        return call

    return registry_of({name: tool(name) for name in NAMES}, effect)


@pytest.mark.parametrize("effect", ["pure", "idempotent"])
async def test_entries_begin_in_order(began, effect):
    """They are the first calls that a driver makes on its loop."""
    graph = graph_of({name: name for name in NAMES}, [], NAMES)

    await arun(graph, registry=tools(began, effect))

    assert began == NAMES


@pytest.mark.parametrize("effect", ["pure", "idempotent"])
async def test_branches_begin_in_the_order_of_their_edges(began, effect):
    fork = {"fork": {"type": "noop"}, **{name: name for name in sorted(NAMES)}}
    graph = graph_of(fork, [("fork", name) for name in NAMES], "fork")

    await arun(graph, registry=tools(began, effect))

    assert began == NAMES


@pytest.mark.parametrize("effect", ["pure", "idempotent"])
async def test_items_begin_in_the_order_of_their_list(began, effect):
    async def note(item):
        began.append(item)
        await asyncio.sleep(0)

    graph = graph_of({"m": {"type": "map", "over": "xs", "body": {"tool": "note"}}}, [], "m")

    await arun(graph, {"xs": NAMES}, registry=registry_of({"note": note}, effect))

    assert began == NAMES
