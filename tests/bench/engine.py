"""The engine in memory beside LangGraph, Burr and the demo: the same work in each.

Loops, fan-outs, maps, a chain that is compiled and run, a state that is carried along, and the
check of a large graph.

    .venv-bench/bin/python -m tests.bench.engine [ROUNDS]

A step is one activation of a node. Treadle and LangGraph isolate parallel branches and check every
write; Burr copies the state per step; the demo does neither.
"""

import sys
from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module
from types import ModuleType

from .peers import treadle, with_demo
from .shapes import SHAPES
from .timing import Case, Subject, measure, report, rounds_from, skip

STEPS = 1_000
WIDTHS = (100, 1_000, 10_000)
MAPS = (1_000, 10_000)
CHAIN = 1_000
CARRIED = (0, 100_000, 1_000_000)
"""Characters in a key that no step touches."""
LARGE = 10_000
"""Nodes of the graph that is read, planned and linted."""
SLOW_ROUNDS = 2
"""Rounds of what takes seconds."""
BURR_AT_MOST = 1_000
"""Branches: beyond, Burr's threads take minutes."""


def peer(module: str, package: str) -> ModuleType | None:
    """The peer's module, or None (said aloud) when its package is not installed here."""
    try:
        return import_module(f"tests.bench.peers.{module}")
    except ModuleNotFoundError as error:
        skip(package, f"{error.name} is not installed; see tests/bench/requirements.txt")
        return None


def subjects(
    units: int, made: Iterable[tuple[str, Callable[[], Callable[[], None]]]]
) -> list[Subject]:
    """Subjects from names and makers of work."""
    return [Subject(name, units, make()) for name, make in made]


def loop_case(langgraph: ModuleType | None, burr: ModuleType | None) -> Case:
    """1,000 steps of counting under one condition."""
    made: list[tuple[str, Callable[[], Callable[[], None]]]] = [
        ("Treadle, sync tools, run()", lambda: treadle.loop_sync(STEPS)),
        ("Treadle, async tools, arun()", lambda: treadle.loop_async(STEPS)),
    ]
    if langgraph:
        made.append(("LangGraph, sync, invoke()", lambda: langgraph.loop_sync(STEPS)))
        made.append(("LangGraph, async, ainvoke()", lambda: langgraph.loop_async(STEPS)))
    if burr:
        made.append(("Burr, sync, run()", lambda: burr.loop_sync(STEPS)))
        made.append(("Burr, async, arun()", lambda: burr.loop_async(STEPS)))
    if with_demo.folder():
        made.append(("the demo, sync tools", lambda: with_demo.loop_async(STEPS)))
    else:
        skip("the demo", "TREADLE_BENCH_DEMO names no folder")
    return Case(f"loop of {STEPS:,} steps", subjects(STEPS, made))


def fan_case(width: int, langgraph: ModuleType | None, burr: ModuleType | None) -> Case:
    """`width` parallel nodes between a start and a join."""
    made: list[tuple[str, Callable[[], Callable[[], None]]]] = [
        ("Treadle, sync tools, run()", lambda: treadle.fan_sync(width)),
        ("Treadle, async tools, arun()", lambda: treadle.fan_async(width)),
    ]
    if langgraph:
        made.append(("LangGraph, sync, invoke()", lambda: langgraph.fan_sync(width)))
        made.append(("LangGraph, async, ainvoke()", lambda: langgraph.fan_async(width)))
    if burr and width <= BURR_AT_MOST:
        made.append(("Burr, MapStates on 32 threads", lambda: burr.fan_sync(width)))
    return Case(f"fan-out of {width:,} and join", subjects(width + 2, made), _rounds(width))


def map_case(width: int, langgraph: ModuleType | None) -> Case:
    """`width` items of a list, each given to one tool: a map node, and Send."""
    made: list[tuple[str, Callable[[], Callable[[], None]]]] = [
        ("Treadle, sync tools, run()", lambda: treadle.map_sync(width)),
        ("Treadle, async tools, arun()", lambda: treadle.map_async(width)),
        ("Treadle, sync tools in threads, run()", lambda: treadle.map_sync(width, "idempotent")),
    ]
    if langgraph:
        made.append(("LangGraph, Send, sync, invoke()", lambda: langgraph.map_sync(width)))
        made.append(("LangGraph, Send, async, ainvoke()", lambda: langgraph.map_async(width)))
    return Case(f"map over {width:,} items", subjects(width, made), _rounds(width), "item")


def chain_case(langgraph: ModuleType | None, burr: ModuleType | None) -> Case:
    """A chain of 1,000 nodes, read or built, checked and run once."""
    made: list[tuple[str, Callable[[], Callable[[], None]]]] = [
        ("Treadle, sync tools, run()", lambda: treadle.chain_sync(CHAIN))
    ]
    if langgraph:
        made.append(("LangGraph, sync, invoke()", lambda: langgraph.chain_sync(CHAIN)))
    if burr:
        made.append(("Burr, sync, run()", lambda: burr.chain_sync(CHAIN)))
    name = f"chain of {CHAIN:,} nodes, compiled and run"
    return Case(name, subjects(CHAIN, made), SLOW_ROUNDS, "node")


def carried_case(size: int, langgraph: ModuleType | None, burr: ModuleType | None) -> Case:
    """The loop of 1,000 steps with a value in the state that no step touches."""
    made: list[tuple[str, Callable[[], Callable[[], None]]]] = [
        ("Treadle, sync tools, run()", lambda: treadle.loop_sync(STEPS, size))
    ]
    if langgraph:
        made.append(("LangGraph, sync, invoke()", lambda: langgraph.loop_sync(STEPS, size)))
    if burr:
        made.append(("Burr, sync, run()", lambda: burr.loop_sync(STEPS, size)))
    return Case(f"loop of {STEPS:,} steps beside {size:,} bytes", subjects(STEPS, made))


def check_case() -> Case:
    """10,000 nodes with forks, joins, loops and conditions, and in shapes that are hard on lint."""
    made: list[tuple[str, Callable[[], Callable[[], None]]]] = [
        ("Treadle, read, plan and lint", lambda: treadle.checked(LARGE))
    ]
    for name, make in SHAPES.items():
        made.append((f"Treadle, {name}", partial(treadle.linted, make, LARGE)))
    return Case(f"graph of {LARGE:,} nodes", subjects(LARGE, made), SLOW_ROUNDS, "node")


def _rounds(width: int) -> int | None:
    return SLOW_ROUNDS if width > 1_000 else None


def main() -> None:
    """Measure and report."""
    langgraph, burr = peer("with_langgraph", "langgraph"), peer("with_burr", "apache-burr")
    cases = [
        loop_case(langgraph, burr),
        *(fan_case(width, langgraph, burr) for width in WIDTHS),
        *(map_case(width, langgraph) for width in MAPS),
        chain_case(langgraph, burr),
        *(carried_case(size, langgraph, burr) for size in CARRIED),
        check_case(),
    ]
    measure(cases, rounds_from(sys.argv, 5))
    report("engine", cases, "step")


if __name__ == "__main__":
    main()
