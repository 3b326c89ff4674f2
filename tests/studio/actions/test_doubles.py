"""The quick look finds every number that a browser may not give back as it was."""

from hypothesis import example, given
from hypothesis import strategies as st

from studio.actions import doubles
from studio.journal import codec

NUMBER = st.integers(-(10**300), 10**300) | st.floats(allow_nan=False, allow_infinity=False)


def given_back(number: int | float) -> int | float:
    """What comes of it by way of JavaScript: a double, and a whole one is written without dot."""
    double = float(number)
    return int(double) if double.is_integer() and abs(double) < 1e21 else double


@given(NUMBER)
@example(1.0)
@example(-0.0)
@example(2**53 + 1)
@example(1e20)
def test_no_number_is_overlooked(number: int | float) -> None:
    back = given_back(number)

    if (type(back), back) != (type(number), number):
        assert doubles.may_change(codec.encode({"a": [number, "x"]}))
    kept = doubles.kept({"a": number}, {"a": back})["a"]
    assert (type(kept), kept) == (type(number), number)


def test_most_documents_hold_none() -> None:
    assert not doubles.may_change(codec.encode({"a": [1, -20, 0.5, 1.05, True, None, "v1.2"]}))
