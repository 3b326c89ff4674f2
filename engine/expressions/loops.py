"""exists, all, exists_one, filter and map. Every round pays for the parts of its body."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from engine.said import UNSAID, grouped

from . import faults
from .access import Names, Run
from .errors import Exhausted, Fault, Sentences
from .limits import MAX_LIST
from .operators import describe_condition
from .values import FAULT_COST, Frame, Optional, burn, describe_optional, is_list, is_map, type_name


@dataclass(frozen=True, slots=True)
class LoopParts:
    """What a compiled loop is made of."""

    at: int
    source: Run
    slot: int
    """Where the frame keeps the loop variable."""
    weight: int
    """Gas per round."""
    body: Run
    condition: Run | None
    """The filter of a three-argument map."""


def compile_loop(kind: str, parts: LoopParts) -> Run:
    """The closure of a loop of that kind."""
    return _MAKERS[kind](parts)


def _items(value: Any, at: int) -> Iterable[Any]:
    """What a loop runs over: items of a list, keys of a map in insertion order."""
    if not (is_list(value) or is_map(value)):
        raise Fault(at, _describe_source, value)
    if len(value) > MAX_LIST:
        message = faults.LONG_LOOP(n=grouped(len(value)), most=grouped(MAX_LIST))
        raise Exhausted(at, message, faults.IN_A_TOOL)
    return value  # type: ignore[no-any-return]


def _describe_source(value: Any) -> Sentences:
    if isinstance(value, Optional):
        return describe_optional()
    kind = type_name(value)
    hint = faults.TEST_FIRST(test="x != null && …") if kind == "null" else UNSAID
    return faults.LOOP_OVER(kind=kind), hint


def _truth(value: Any, kind: str, at: int) -> bool:
    if value is True or value is False:
        return bool(value)
    raise Fault(at, describe_condition, f"{kind}()", value)


def _quantifier(kind: str, decides: bool) -> Callable[[LoopParts], Run]:
    """`exists` (decided by true) and `all` (decided by false); faults of other items yield."""

    def make(parts: LoopParts) -> Run:
        at, slot, weight, source, body = (
            parts.at,
            parts.slot,
            parts.weight,
            parts.source,
            parts.body,
        )

        def run(names: Names, frame: Frame) -> bool:
            fault: Fault | None = None
            for item in _items(source(names, frame), at):
                burn(frame, weight, at)
                frame[slot] = item
                try:
                    if _truth(body(names, frame), kind, at) is decides:
                        return decides
                except Fault as raised:
                    burn(frame, FAULT_COST, at)
                    fault = fault or raised
            if fault is not None:
                raise fault
            return not decides

        return run

    return make


def _exists_one(parts: LoopParts) -> Run:
    at, slot, weight, source, body = parts.at, parts.slot, parts.weight, parts.source, parts.body

    def run(names: Names, frame: Frame) -> bool:
        found = 0
        for item in _items(source(names, frame), at):
            burn(frame, weight, at)
            frame[slot] = item
            found += _truth(body(names, frame), "exists_one", at)
        return found == 1

    return run


def _filter(parts: LoopParts) -> Run:
    at, slot, weight, source, body = parts.at, parts.slot, parts.weight, parts.source, parts.body

    def run(names: Names, frame: Frame) -> list[Any]:
        kept = []
        for item in _items(source(names, frame), at):
            burn(frame, weight, at)
            frame[slot] = item
            if _truth(body(names, frame), "filter", at):
                kept.append(item)
        return kept

    return run


def _map(parts: LoopParts) -> Run:
    at, slot, weight, source, body = parts.at, parts.slot, parts.weight, parts.source, parts.body
    condition = parts.condition

    def run(names: Names, frame: Frame) -> list[Any]:
        made = []
        for item in _items(source(names, frame), at):
            burn(frame, weight, at)
            frame[slot] = item
            if condition is None or _truth(condition(names, frame), "map", at):
                made.append(body(names, frame))
        return made

    return run


_MAKERS: Final[dict[str, Callable[[LoopParts], Run]]] = {
    "exists": _quantifier("exists", True),
    "all": _quantifier("all", False),
    "exists_one": _exists_one,
    "filter": _filter,
    "map": _map,
}
