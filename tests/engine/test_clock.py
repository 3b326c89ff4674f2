"""The virtual clock."""

import asyncio

from engine import SystemClock, VirtualClock


def test_time_jumps_from_alarm_to_alarm():
    clock = VirtualClock(100.0)
    seen = []

    async def sleeper(name, seconds):
        await clock.sleep(seconds)
        seen.append((name, clock.now()))

    async def main():
        await asyncio.gather(sleeper("b", 60), sleeper("a", 5), sleeper("c", 3600))

    asyncio.run(main())

    assert seen == [("a", 105.0), ("b", 160.0), ("c", 3700.0)]


def test_time_waits_while_the_loop_is_busy():
    clock = VirtualClock(0.0)
    seen = []

    async def busy():
        for _ in range(3):
            await asyncio.sleep(0)
        seen.append(("busy", clock.now()))

    async def main():
        await asyncio.gather(clock.sleep(10), busy())

    asyncio.run(main())

    assert seen == [("busy", 0.0)]
    assert clock.now() == 10.0


def test_a_timer_can_be_called_off():
    clock = VirtualClock(0.0)
    rung = []

    async def main():
        clock.call_later(5, lambda: rung.append(1)).cancel()
        await clock.sleep(10)

    asyncio.run(main())

    assert rung == []


def test_the_system_clock_is_the_real_one():
    import time

    async def main():
        done = asyncio.Event()
        SystemClock().call_later(0.001, done.set)
        await done.wait()

    asyncio.run(main())
    assert abs(SystemClock().now() - time.time()) < 5


def test_time_does_not_jump_over_work_that_takes_many_turns():
    clock = VirtualClock()

    async def work():
        for _ in range(50):
            await asyncio.sleep(0)
        return clock.now()

    async def go():
        began, rang = clock.now(), []
        clock.call_later(60, lambda: rang.append(clock.now()))
        assert await work() == began
        while not rang:
            await asyncio.sleep(0)
        return rang[0] - began

    assert asyncio.run(go()) == 60


def test_time_goes_on_although_something_turns_for_ever():
    clock = VirtualClock()

    async def spin():
        while True:
            await asyncio.sleep(0)

    async def go():
        spinning = asyncio.ensure_future(spin())
        began = clock.now()
        await clock.sleep(5)
        spinning.cancel()
        return clock.now() - began

    assert asyncio.run(go()) == 5


def test_several_clocks_share_a_loop():
    async def go():
        clocks = [VirtualClock(), VirtualClock(), VirtualClock()]
        began = [clock.now() for clock in clocks]
        await asyncio.gather(*(clock.sleep(7) for clock in clocks))
        return [clock.now() - start for clock, start in zip(clocks, began, strict=True)]

    assert asyncio.run(go()) == [7, 7, 7]
