"""Random graphs of any shape: one in which lint finds no error runs to an end that can be meant."""

import random
from collections import Counter

import pytest

from engine import Graph, run, validate
from engine.errors import Code
from tests.engine.helpers import state_tools

GRAPHS = 1_500
MEANT = {None, Code.NO_ROUTE, Code.LOOP_EXHAUSTED, Code.NO_PROGRESS, Code.STEP_BUDGET,
         Code.STATE_CONFLICT}  # fmt: skip


def wild(seed):
    """A document of random edges, conditions, policies and routes; no tool in it fails."""
    dice = random.Random(seed)
    names = [f"n{at}" for at in range(dice.randint(3, 9))]
    nodes, edges = {}, []
    for name in names:
        nodes[name] = {"type": "tool", "tool": "log"}
        if dice.random() < 0.25:
            nodes[name]["route"] = "first"
        if dice.random() < 0.25:
            nodes[name]["on_no_route"] = "end"
        policy = dice.choice([None, None, "all", "each", "first"])
        if policy:
            nodes[name]["join"] = {"policy": policy}
    for at, target in enumerate(names[1:], 1):
        for source in dice.sample(range(at), min(at, dice.randint(1, 2))):
            edges.append((names[source], target))
    for _ in range(dice.choice([0, 1, 1, 2, 3])):
        one, other = sorted(dice.choices(range(len(names)), k=2))
        edges.append((names[other], names[one]))
    dice.shuffle(edges)
    made = [_edge(dice, at, *ends) for at, ends in enumerate(edges)]
    document = {"format": "treadle/1", "key": "wild", "entry": ["n0"], "nodes": nodes,
                "edges": made, "state": {"reducers": {"log": "append"}}}  # fmt: skip
    return document, {key: dice.randrange(3) for key in "pq"}


def _edge(dice, at, source, target):
    edge = {"id": f"e{at}", "from": source, "to": target}
    kind = dice.random()
    if kind < 0.3:
        edge["when"] = f"{dice.choice('pq')} < {dice.randrange(3)}"
    elif kind < 0.4:
        edge["else"] = True
    elif kind < 0.45:
        edge["max"] = dice.randint(1, 3)
    elif kind < 0.5:
        edge["on"] = "exhausted"
    return edge


@pytest.mark.parametrize("first", range(0, GRAPHS, 300))
def test_a_graph_without_errors_runs_to_an_end_that_can_be_meant(first):
    registry = state_tools({"log": lambda state: {"log": [1]}})
    sound = Counter()
    for seed in range(first, first + 300):
        document, start = wild(seed)
        if any(problem.severity == "error" for problem in validate(document)):
            continue
        graph = Graph.from_dict(document)
        for schedule in (None, 1, 2):
            limits = {"max_steps": 300}
            result = run(graph, start, registry=registry, schedule_seed=schedule, limits=limits)
            code = result.error and result.error.code
            sound[code] += 1
            assert code in MEANT, (seed, result.error)

    assert sum(sound.values()) > 300
    assert sound[None] > 150
