"""Real files: the fixed text compiles, a second review changes nothing, no score falls."""

import sys
import sysconfig
from pathlib import Path

import pytest

from engine.library.review.child.verify import Program, evidence
from tests.engine.library.rounds import fixed, review

STDLIB = Path(sysconfig.get_paths()["stdlib"])
MODULES = ["json/decoder.py", "textwrap.py", "tarfile.py"]


def text_of(module: str) -> str:
    return (STDLIB / module).read_bytes().decode()


@pytest.mark.parametrize("module", MODULES)
def test_fixing_a_real_file(module):
    state = review(files={module: text_of(module)}, quality_threshold=10)

    after = fixed(state)[module]
    scores = [step["score"] for step in state["score_course"]]
    assert state["stop_reason"] == "no_progress"
    assert scores == sorted(scores)
    assert scores[-1] > scores[0]
    compile(after, module, "exec")
    assert state["report"]["remaining"]["auto"] == 0
    assert sum(f["points_lost"] for f in state["report"]["issues"]) == pytest.approx(
        10 - state["quality_score"], abs=0.01
    )

    again = review(files={module: after}, quality_threshold=10)

    assert fixed(again)[module] == after
    assert [fix for one in again["passes"] for fix in one["applied"]] == []


@pytest.mark.parametrize("module", MODULES)
def test_the_first_pass_on_a_real_file_is_proven(module):
    before = text_of(module)

    state = review(files={module: before}, quality_threshold=10, max_passes=1)

    assert state["passes"][0]["group"] == "proven"
    assert evidence(Program(before), Program(fixed(state)[module])) in ("ast", "bytecode")


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the figures are of 3.11's library")
@pytest.mark.parametrize(
    ("module", "score"),
    [
        ("html/entities.py", 10.0),
        ("re/_parser.py", 2.33),
        ("argparse.py", 4.98),
        ("tarfile.py", 5.35),
    ],
)
def test_scores_of_known_files(module, score):
    state = review(files={module: text_of(module)}, max_passes=0)

    assert state["quality_score"] == pytest.approx(score, abs=0.05)


def test_files_together_are_reviewed_as_they_are_alone_but_for_imports():
    files = {module: text_of(module) for module in MODULES[:2]}

    together = fixed(review(files=files, quality_threshold=10))

    for module, text in files.items():
        assert together[module] == fixed(review(files={module: text}, quality_threshold=10))[module]


def test_the_order_files_come_in_does_not_matter():
    files = {module: text_of(module) for module in MODULES[:2]}

    one = review(files=files, quality_threshold=10)
    other = review(files=dict(reversed(files.items())), quality_threshold=10)

    assert one["report"] == other["report"]
