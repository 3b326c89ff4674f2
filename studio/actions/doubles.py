"""Numbers on their way through a browser, which has doubles only.

It writes 1.0 as 1, which divides as another number does, and rounds what is longer than 53 bits,
such as the ids of many services. What it sends back untouched is to stay what it was.
"""

import re
from collections.abc import Iterator
from typing import Any, TypeGuard

EXACT = 2**53
"""Every whole number up to here is a double."""

# Whole ones that are written as doubles, or as powers of ten, and those with more than 53 bits.
_UNTOLD = re.compile(r"[0-9](?:\.0(?![0-9])|[eE]|[0-9]{15})")


def may_change(text: str) -> bool:
    """Whether a browser may not give back a number of this JSON as it is: few documents have one.

    A quick look, since drafts of thousands of steps are saved every few seconds: what stands in a
    string may look like one.
    """
    return _UNTOLD.search(text) is not None


def kept(former: Any, sent: Any) -> Any:
    """`sent` with the numbers of `former` where a browser could not tell them apart.

    They are looked for at their place; long ones, which are hardly there twice, at any place: with
    a step that was renamed its pin moves, too.
    """
    return _kept(former, sent, _long_ones(former))


def _kept(former: Any, sent: Any, long: dict[float, int]) -> Any:
    if isinstance(sent, dict):
        there = former if isinstance(former, dict) else {}
        return {key: _kept(there.get(key), value, long) for key, value in sent.items()}
    if isinstance(sent, list):
        items = former if isinstance(former, list) else []
        rest = [None] * (len(sent) - len(items))
        return [_kept(old, new, long) for old, new in zip([*items, *rest], sent, strict=False)]
    if not _is_number(sent):
        return sent
    seen = _double(sent)
    if _is_number(former) and _double(former) == seen:
        return former
    return long.get(seen, sent)


def _long_ones(value: Any) -> dict[float, int]:
    """Whole numbers that no double is, by what a browser makes of them; twins are left out."""
    found: dict[float, int] = {}
    twins = set()
    for number in _numbers(value):
        if isinstance(number, int) and abs(number) > EXACT:
            double = _double(number)
            if found.setdefault(double, number) != number:
                twins.add(double)
    return {double: number for double, number in found.items() if double not in twins}


def _numbers(value: Any) -> Iterator[int | float]:
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _numbers(part)
    elif _is_number(value):
        yield value


def _is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _double(number: int | float) -> float:
    try:
        return float(number)
    except OverflowError:
        return float("inf")
