"""Documents of any size, in the shapes that are hard on whoever checks them."""

import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

Document = dict[str, Any]


def chain(nodes: int) -> Document:
    """One step after the other."""
    names = [f"n{number}" for number in range(nodes)]
    return _document(names, list(pairwise(names)))


def one_key(nodes: int) -> Document:
    """A chain in which every step writes the same key."""
    document = chain(nodes)
    for node in document["nodes"].values():
        node["outputs"] = {"n": "result"}
    return document


def fan(nodes: int) -> Document:
    """A fork to all steps, and a strict join of them."""
    names = [f"w{number}" for number in range(nodes - 2)]
    ways = [("start", name) for name in names] + [(name, "join") for name in names]
    return _document(["start", *names, "join"], ways, strict={"join"})


def diamonds(nodes: int) -> Document:
    """Forks and strict joins of two, one behind the other."""
    names, ways, joins = [], [], set()
    for at in range(nodes // 4):
        fork, left, right, join = (f"{part}{at}" for part in "flrj")
        names += [fork, left, right, join]
        ways += [(fork, left), (fork, right), (left, join), (right, join), (join, f"f{at + 1}")]
        joins.add(join)
    return _document(names, ways[:-1], strict=joins)


def nested_joins(nodes: int) -> Document:
    """Strict joins around each other: behind every fork the next one, and a step beside it."""
    depth = nodes // 3
    names = [f"{part}{at}" for at in range(depth) for part in "fsj"]
    ways = [(f"f{at}", f"s{at}") for at in range(depth)]
    ways += [(f"s{at}", f"j{at}") for at in range(depth)]
    ways += [(f"f{at}", f"f{at + 1}") for at in range(depth - 1)]
    ways += [(f"j{at + 1}", f"j{at}") for at in range(depth - 1)]
    return _document(names, ways, strict={f"j{at}" for at in range(depth)})


def nested_races(nodes: int) -> Document:
    """Races around each other."""
    document = nested_joins(nodes)
    for node in document["nodes"].values():
        if "join" in node:
            node["join"] = {"policy": "first"}
    return document


def side_leaves(nodes: int) -> Document:
    """A long loop with a branch at each step that ends by itself."""
    names, ways = _loop(nodes // 2)
    leaves = [f"side-{name}" for name in names]
    ways += [(name, f"side-{name}") for name in names]
    return _looping([*names, *leaves], ways, names)


def many_exits(nodes: int) -> Document:
    """A long loop that a branch leaves at each step, all of them for one join."""
    names, ways = _loop(nodes // 2)
    leaves = [f"side-{name}" for name in names]
    ways += [(name, f"side-{name}") for name in names]
    ways += [(leaf, "after") for leaf in leaves]
    return _looping([*names, *leaves, "after"], ways, names)


def nested_loops(nodes: int) -> Document:
    """Loops around each other, with a side leaf at each step."""
    names, ways = _loop(nodes // 2)
    leaves = [f"side-{name}" for name in names]
    document = _document([*names, *leaves], [(name, f"side-{name}") for name in names] + ways)
    middle = len(names) // 2
    for at in range(middle, len(names)):
        back = {"from": names[at], "to": names[len(names) - 1 - at], "when": f"n < {at}", "max": 3}
        document["edges"].append({"id": f"back{at}", **back})
    return document


def tangle(nodes: int) -> Document:
    """Edges at random, every tenth of them back, and strict joins."""
    dice = random.Random(nodes)
    names = [f"n{number}" for number in range(nodes)]
    ways = [(names[dice.randrange(max(0, at - 50), at)], names[at]) for at in range(1, nodes)]
    for _ in range(nodes // 2):
        one, other = sorted(dice.sample(range(nodes), 2))
        ways.append((names[one], names[other]))
    document = _document(names, ways, strict=set(names))
    for at in range(nodes // 10):
        one, other = sorted(dice.sample(range(nodes), 2))
        back = {"from": names[other], "to": names[one], "when": f"n > {at}", "max": 3}
        document["edges"].append({"id": f"back{at}", **back})
    for name in names:
        document["nodes"][name]["outputs"] = {f"k{dice.randrange(50)}": "result"}
    return document


SHAPES: dict[str, Callable[[int], Document]] = {
    "chain": chain,
    "chain that writes one key": one_key,
    "fan": fan,
    "diamonds in a row": diamonds,
    "side leaves in a loop": side_leaves,
    "a loop with many exits": many_exits,
    "nested loops with side leaves": nested_loops,
    "nested strict joins": nested_joins,
    "nested races": nested_races,
    "edges at random": tangle,
}


def _document(
    names: list[str], ways: list[tuple[str, str]], strict: set[str] | None = None
) -> Document:
    nodes: dict[str, Any] = {name: {"type": "tool", "tool": "bump"} for name in names}
    for name in strict or ():
        nodes[name]["join"] = {"policy": "all"}
    edges = [{"id": f"e{at}", "from": a, "to": b} for at, (a, b) in enumerate(ways)]
    document = {"format": "treadle/1", "key": "shape", "entry": [names[0]], "nodes": nodes}
    return {**document, "edges": edges}


def _loop(length: int) -> tuple[list[str], list[tuple[str, str]]]:
    """A chain that `_looping` closes."""
    names = [f"n{number}" for number in range(length)]
    return names, list(pairwise(names))


def _looping(names: list[str], ways: list[tuple[str, str]], loop: list[str]) -> Document:
    document = _document([*names, "done"], ways)
    last, first = loop[-1], loop[0]
    document["edges"] += [
        {"id": "back", "from": last, "to": first, "when": "n < 3", "max": 5},
        {"id": "out", "from": last, "to": "done", "else": True},
    ]
    return document
