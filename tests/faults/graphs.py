"""Random graphs for real processes: those of the property tests, with effects and without tricks.

Left out is what a crash changes by its meaning: tools that fail by the number of the attempt, since
a lost attempt is one, tools that hang until a timeout, and tools that ask, since nobody answers.
"""

import copy
import random
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from tests.engine.reference import Outcome, Reference
from tests.faults.checking import Expected
from tests.properties.comparing import Case
from tests.properties.drawing import case_of

EFFECTS = ("pure", "pure", "idempotent", "idempotent", "transactional", "once")
ALWAYS = EFFECTS[:4]
"""Effects of tools whose attempts may be counted."""
MOST_NODES = 30
_MARKS = ("over", "forget")
"""What deeds do by more than plain values."""
MOST_STEPS = 60


@lru_cache(maxsize=1000)
def case(seed: int) -> Case | None:
    """The graph of this seed with effects; None: it is one of those that are left out."""
    found = case_of(seed)
    if len(found.document["nodes"]) > MOST_NODES or any(map(_is_tricky, found.deeds.values())):
        return None
    document = copy.deepcopy(found.document)
    document["key"] = document["name"] = f"g{seed}"
    dice = random.Random(seed)
    for spec in document["nodes"].values():
        spec.pop("timeout", None)
        if spec["type"] == "wait":
            spec["for"] = "1s"
        if spec["type"] == "tool":
            spec["tool"] = _with_effect(dice, found, spec)
        if spec["type"] == "map":
            spec["body"].pop("timeout", None)
            spec["body"]["tool"] = f"fault.deed_{dice.choice(ALWAYS)}"
    return Case(document, found.deeds, found.start, found.untimed)


def _with_effect(dice: random.Random, found: Case, spec: dict[str, Any]) -> str:
    # A tool of effect `once` is never tried again by itself, so one that fails would end otherwise;
    # and what it gives has to be JSON, for a person to say it again.
    deed = found.deeds[spec["tool"]]
    sure = getattr(deed, "fails", "never") == "never" and getattr(deed, "do", "") not in _MARKS
    if "retry" in spec:
        # It says how often it may fail, and goes on from that.
        return f"fault.deed_{dice.choice(ALWAYS)}"
    return f"fault.deed_{dice.choice(EFFECTS if sure else EFFECTS[:5])}"


def _is_tricky(deed: Any) -> bool:
    fails, how = getattr(deed, "fails", "never"), getattr(deed, "how", "raises")
    asks = getattr(deed, "do", "") == "asked"
    return asks or fails == "first" or (fails != "never" and how != "raises")


def some(count: int, seed: int = 1) -> list[int]:
    """The first so many seeds from this one on whose graphs can be run."""
    found: list[int] = []
    while len(found) < count:
        if case(seed) is not None and sum(outcome(seed).visits.values()) <= MOST_STEPS:
            found.append(seed)
        seed += 1
    return found


@lru_cache(maxsize=1000)
def outcome(seed: int) -> Outcome:
    """What the reference interpreter says."""
    made = case(seed)
    plain = case_of(seed)
    assert made is not None
    document = copy.deepcopy(made.document)
    # The reference finds its deeds by the names that the graph was drawn with.
    for name, spec in document["nodes"].items():
        for was, now in zip(_tools(plain.document["nodes"][name]), _tools(spec), strict=True):
            now["tool"] = was["tool"]
    return Reference(document, plain.deeds, seed).run(start(seed))


def _tools(spec: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "tool" in spec:
        yield spec
    if "body" in spec:
        yield spec["body"]


def start(seed: int) -> dict[str, Any]:
    """The state with which a run of it begins: it names its graph, so that tools find it."""
    made = case(seed)
    assert made is not None
    return {**made.start, "seed": seed}


def expected(seed: int) -> Expected:
    """What a run of it should come to."""
    told, made = outcome(seed), case(seed)
    assert made is not None
    visits = {n: v for n, v in told.visits.items() if n not in made.untimed}
    return Expected(told.status, told.state, Counter(visits), view=timeless)


def timeless(value: Any) -> Any:
    """A state without how often something was tried, and with errors cut to their codes."""
    if isinstance(value, dict):
        if value.keys() == {"error"} and isinstance(value["error"], dict):
            return {"error": value["error"].get("code")}
        return {key: timeless(item) for key, item in value.items() if not key.endswith("_error")}
    return [timeless(item) for item in value] if isinstance(value, list) else value
