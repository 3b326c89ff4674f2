"""A slice of `python -m tests.properties` for every push, and tests of the test."""

import importlib

import pytest

from engine import EventKind
from engine.planning import joins
from engine.values import merge
from tests.properties.comparing import Case
from tests.properties.drawing import case_of, faults_of
from tests.properties.shrinking import shrunk

GRAPHS = 240
BATCH = 24


@pytest.mark.parametrize("first", range(0, GRAPHS, BATCH))
def test_random_graphs_end_as_the_reference_says_in_every_schedule(first):
    for seed in range(first, first + BATCH):
        assert not faults_of(case_of(seed), seed, 4), f"python -m tests.properties --seed {seed}"


def noticed(seeds):
    found = 0
    for seed in seeds:
        try:
            found += bool(faults_of(case_of(seed), seed, 3))
        except Exception:
            found += 1
    return found


def test_a_join_that_does_not_wait_is_noticed(monkeypatch):
    impatient = dict.fromkeys(joins._POLICIES, lambda marking, group: True)
    monkeypatch.setattr(joins, "_POLICIES", impatient)

    assert noticed(range(60)) > 10


def test_a_merge_that_takes_the_last_value_is_noticed(monkeypatch):
    def settle(self, key, standing, policy, kind):
        return [kind, key, standing[-1][2][-1]]

    monkeypatch.setattr(merge._Contest, "_settle", settle)

    assert noticed(range(0, 300, 3)) > 2


def test_a_fold_that_forgets_something_is_noticed(monkeypatch):
    replay = importlib.import_module("engine.keeping.replay")
    whole = replay._evolve

    def forgetful(marking, event):
        if event.kind is not EventKind.WARNING and event.data.get("edges") != []:
            whole(marking, event)

    monkeypatch.setattr(replay, "_evolve", forgetful)

    assert noticed(range(0, 100, 5)) > 1


def test_a_case_that_fails_is_made_small():
    case = case_of(107)
    assert len(case.document["nodes"]) > 10

    def has_a_map(smaller: Case) -> bool:
        return any(spec["type"] == "map" for spec in smaller.document["nodes"].values())

    small = shrunk(case, has_a_map)

    assert len(small.document["nodes"]) == 1
    assert has_a_map(small)
