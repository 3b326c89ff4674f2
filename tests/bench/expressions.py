"""Our evaluator beside cel-expr-python: the same conditions, with a small state and one of 1 MB.

    python -m tests.bench.expressions [ROUNDS]

cel-expr-python takes the names as a dict for each evaluation, as ours does.
"""

import sys
from typing import Any

from engine import expressions
from tests.vectors.cel import Reference

from .timing import Case, Subject, measure, report, rounds_from

CONDITIONS = (
    "quality_score < quality_threshold",
    "!tests.passed",
    "quality_score < quality_threshold && tries < 3 || tests.passed",
    "state.?retries.orValue(0) < 3",
    "issues.exists(i, i.severity == 'error')",
)
EVALUATIONS = 2_000


def small_state() -> dict[str, Any]:
    """What a review loop carries."""
    return {
        "quality_score": 6.5,
        "quality_threshold": 8.0,
        "tries": 1,
        "tests": {"passed": False, "failed": 2},
        "issues": [{"severity": "warning", "line": n} for n in range(10)],
    }


def large_state() -> dict[str, Any]:
    """The same with 1 MB of source and history beside it."""
    code = ["x = 1  # a line of source\n" * 400 for _ in range(50)]
    history = [{"by": "write", "iter": n, "text": "word " * 40} for n in range(2_500)]
    return {**small_state(), "files": code, "history": history}


def case(title: str, source: str, state: dict[str, Any], peer_evaluations: int) -> Case:
    """One condition on one state, for both evaluators."""
    names = {**state, "state": state}
    ours = expressions.compile(source)
    peer = Reference(list(names)).compile(source)
    expected = peer.eval(data=names).plain_value()
    if ours.evaluate(names) != expected:
        raise AssertionError(f"{source}: {ours.evaluate(names)} is not {expected}")

    def run_ours() -> None:
        for _ in range(EVALUATIONS):
            ours.evaluate(names)

    def run_peer() -> None:
        for _ in range(peer_evaluations):
            peer.eval(data=names).plain_value()

    subjects = [
        Subject("Treadle", EVALUATIONS, run_ours),
        Subject("cel-expr-python", peer_evaluations, run_peer),
    ]
    return Case(f"{title}: {source}", subjects)


def main() -> None:
    """Measure and report."""
    cases = [case("small state", source, small_state(), EVALUATIONS) for source in CONDITIONS]
    cases += [case("1 MB of state", source, large_state(), 20) for source in CONDITIONS]
    measure(cases, rounds_from(sys.argv, 7))
    report("expressions", cases, "evaluation")


if __name__ == "__main__":
    main()
