"""A set of numbers as spans is the same set."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.keeping.numbers import Numbers

NUMBERS = st.lists(st.integers(0, 60))


@settings(deadline=None)
@given(NUMBERS, NUMBERS)
def test_it_holds_what_a_set_holds(before: list[int], after: list[int]) -> None:
    first = Numbers()
    for number in before:
        first.add(number)

    second = Numbers(first.spans())
    for number in after:
        second.add(number)

    held = {*before, *after}
    assert [number for number in range(62) if number in second] == sorted(held)
    spans = second.spans()
    assert {number for low, high in spans for number in range(low, high + 1)} == held
    assert all(one[1] + 1 < other[0] for one, other in pairwise(spans))
