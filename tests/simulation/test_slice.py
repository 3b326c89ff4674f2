"""A slice of `python -m tests.simulation` for every push, and tests of the test."""

from engine.planning import items, locks, planner, retries
from tests.simulation.world import World


async def lived(seeds):
    world = World()
    await world.live(seeds, together=60)
    return world


async def test_what_happens_to_runs_leaves_them_as_the_model_says():
    world = await lived(range(300))

    assert not world.faults, "python -m tests.simulation --runs 1 --seed …"
    assert world.counts["runs"] == 300
    kinds = ("crashes", "pauses", "answers", "signals", "questions of items")
    assert all(world.counts[kind] > 5 for kind in kinds)
    assert world.counts["cancelled"] > 1


async def said_about(seeds):
    world = await lived(seeds)
    return " ".join(what for _, faults in world.faults for what in faults)


async def test_a_lock_that_holds_nobody_back_is_noticed(monkeypatch):
    monkeypatch.setattr(locks, "is_free", lambda activation, held: True)

    assert "hold the lock" in await said_about(range(300))


async def test_a_retry_that_does_not_wait_is_noticed(monkeypatch):
    real = retries.wait_s

    def at_once(*args):
        return None if real(*args) is None else 0.0

    monkeypatch.setattr(retries, "wait_s", at_once)

    assert "before attempt" in await said_about(range(40))


async def test_results_in_the_order_in_which_they_came_are_noticed(monkeypatch):
    monkeypatch.setattr(items, "_results", lambda of, kept: list(kept.results.values()))

    assert "the log is" in await said_about(range(150))


async def test_a_second_call_of_a_tool_that_must_not_be_called_twice_is_noticed(monkeypatch):
    monkeypatch.setattr(planner, "_loss", lambda activation, effect: None)

    assert "must not be" in await said_about(range(400))
