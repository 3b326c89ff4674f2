"""The request threads: one for a burst of short requests, more for slow ones, nothing lost."""

import asyncio
import contextvars
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from studio.http import threads as module
from studio.http.threads import RequestThreads

MOST = 4


@pytest.fixture
def threads() -> Iterator[RequestThreads]:
    made = RequestThreads(MOST, "trial")
    yield made
    made.close()


def here(_: int = 0) -> str:
    return threading.current_thread().name


async def test_one_thread_answers_what_comes_one_after_the_other(
    threads: RequestThreads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 30)

    names = {await threads.run(contextvars.Context(), here) for _ in range(200)}

    assert names == {"trial_0"}


async def test_slow_work_wakes_more_threads_up_to_the_most(threads: RequestThreads) -> None:
    met = threading.Barrier(MOST)
    running: Counter[str] = Counter()

    def wait_for_the_others() -> str:
        running[here()] += 1
        met.wait(20)
        return here()

    work = [threads.run(contextvars.Context(), wait_for_the_others) for _ in range(2 * MOST)]
    names = await asyncio.wait_for(asyncio.gather(*work), 30)

    assert set(names) == {f"trial_{number}" for number in range(MOST)}


async def test_what_stands_behind_slow_work_is_answered_soon(threads: RequestThreads) -> None:
    release = threading.Event()
    slow = asyncio.ensure_future(threads.run(contextvars.Context(), lambda: release.wait(20)))
    await asyncio.sleep(0)

    other = await asyncio.wait_for(threads.run(contextvars.Context(), here), 5)
    release.set()

    assert other == "trial_1"
    assert await slow


async def test_nothing_is_lost_or_mixed_up(threads: RequestThreads) -> None:
    """Work of all lengths, from many tasks, with pauses in which every thread falls asleep."""
    dice = random.Random(7)

    def answer(number: int, pause_s: float) -> int:
        if pause_s:
            time.sleep(pause_s)
        return number

    async def ask(first: int) -> None:
        for number in range(first, first + 100):
            pause_s = dice.choice((0, 0, 0, 0, 0.0005, 0.004))
            got = await threads.run(contextvars.Context(), lambda n=number, p=pause_s: answer(n, p))
            assert got == number
            if dice.random() < 0.05:
                await asyncio.sleep(0.005)

    await asyncio.wait_for(asyncio.gather(*(ask(1000 * task) for task in range(12))), 60)


async def test_errors_and_contexts_arrive(threads: RequestThreads) -> None:
    word: contextvars.ContextVar[str] = contextvars.ContextVar("word", default="none")
    context = contextvars.Context()
    context.run(word.set, "mine")

    with pytest.raises(KeyError):
        await threads.run(contextvars.Context(), lambda: {}["missing"])

    assert await threads.run(context, word.get) == "mine"
    assert await threads.run(contextvars.Context(), word.get) == "none"


async def test_who_gives_up_disturbs_nobody(threads: RequestThreads) -> None:
    release = threading.Event()
    gone = asyncio.ensure_future(threads.run(contextvars.Context(), lambda: release.wait(20)))
    await asyncio.sleep(0.01)
    gone.cancel()
    release.set()

    assert await asyncio.wait_for(threads.run(contextvars.Context(), here), 5)


def test_they_serve_one_loop_after_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 30)
    made = RequestThreads(MOST, "trial")
    names = {asyncio.run(made.run(contextvars.Context(), here)) for _ in range(3)}
    made.close()

    assert names == {"trial_0"}
    assert not [each for each in threading.enumerate() if each.name.startswith("trial")]
