"""Against cel-expr-python: where CEL yields a value, ours yields the same value."""

import os
import sys
import time
from random import Random, SystemRandom

import pytest

from engine import expressions
from engine.expressions import ExpressionError
from tests.vectors.cel import Outcome, Reference, same
from tests.vectors.grammar import DECLARED, NAMES, Grammar

EXPRESSIONS = 24_000


def _ours(source: str) -> Outcome:
    try:
        return Outcome(True, expressions.compile(source).evaluate({**NAMES, "state": NAMES}))
    except ExpressionError as error:
        return Outcome(False, str(error))


def _fuzz(seed: int, count: int) -> tuple[int, int, int, list[str]]:
    """(values, errors of both, accepted by us only, differences)."""
    reference, grammar = Reference(DECLARED), Grammar(Random(seed))
    names = {**NAMES, "state": NAMES}
    values = errors = more = 0
    differences = []
    for _ in range(count):
        source = grammar.expression()
        expected, found = reference.evaluate(source, names), _ours(source)
        if expected.ok:
            values += 1
            if not found.ok or not same(expected.value, found.value):
                differences.append(f"{source}\n  CEL {expected.value!r}\n  ours {found.value!r}")
        elif found.ok:
            more += 1
        else:
            errors += 1
    return values, errors, more, differences


def test_random_expressions_give_the_values_cel_gives(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """At least 20,000 a run, from a new seed each time; TREADLE_FUZZ_SEED repeats one."""
    seed = int(os.environ.get("TREADLE_FUZZ_SEED") or SystemRandom().randrange(2**32))
    count = int(os.environ.get("TREADLE_FUZZ_COUNT") or EXPRESSIONS)
    start = time.perf_counter()

    values, errors, more, differences = _fuzz(seed, count)

    seconds = time.perf_counter() - start
    with capsys.disabled():
        sys.stdout.write(
            f"\ndifferential fuzz, TREADLE_FUZZ_SEED={seed}: {values} values, {errors} errors of "
            f"both, {more} accepted by us only, {seconds:.1f} s\n"
        )
    assert not differences, f"seed {seed}:\n" + "\n".join(differences[:10])
    assert values > count * 0.5, "the grammar makes too few expressions with a value"
    assert more < count * 0.02, "we accept much that CEL refuses; only int with double is meant"


def test_what_we_accept_beyond_cel_is_int_with_double_arithmetic() -> None:
    reference = Reference(DECLARED)

    for source in ("1 + 1.5", "2.5 * 2", "3 / 2.0", "1.0 - 1", "a * x"):
        assert not reference.evaluate(source, NAMES).ok
        assert _ours(source).ok
