"""Hostile texts: each is a clear finding or status, soon, and the parent lives on."""

import time

import pytest

from engine.library.review import inspection, limits, ruff
from engine.library.review.sources import read
from engine.library.review.worker import Pool, WorkerDied, WorkerTimeout
from tests.engine.library.rounds import review

DEEP = {
    "parentheses": "(" * 5000 + ")" * 5000,
    "attributes": "a" + ".b" * 9_000,
    "attributes on a long line": "a" + ".b" * 20_000,
    "not": "not " * 4_900 + "x",
    "minus": "-" * 19_000 + "1",
    "plus": "(\n" + "\n+".join(["a"] * 50_000) + "\n)",
    "elif": "if a:\n    pass\n" + "elif b:\n    pass\n" * 10_000,
    "indentation": "".join(" " * i + "if x:\n" for i in range(150)) + " " * 150 + "pass\n",
    "unions": "x: " + "|".join(["int"] * 4_000) + "\n",
}


@pytest.mark.parametrize("name", DEEP)
def test_deep_nesting_is_a_status_within_a_second_of_this_process(name):
    started = time.process_time()
    state = review(code=DEEP[name], quality_threshold=10)

    assert time.process_time() - started < 1
    assert state["report"]["files"][0]["status"] == "too_deep"
    assert state["quality_score"] == 0
    assert state["report"]["issues"][0]["rule"] == "TR900"


def test_nul_bytes_are_one_finding_at_their_place():
    state = review(files={"a.py": b"x = 1\ny = 2\0\0\n"}, quality_threshold=10)

    (issue,) = state["report"]["issues"]
    assert (issue["line"], issue["column"], issue["message"]) == (
        2,
        6,
        "the text contains NUL bytes",
    )
    assert state["quality_score"] == 0


def test_a_megabyte_on_one_line_is_refused_at_once():
    started = time.process_time()
    state = review(code="x = [" + "1," * 500_000 + "]")

    assert time.process_time() - started < 1
    assert state["stop_reason"] == "nothing_to_review"
    assert state["report"]["skipped"][0]["reason"] == "too_big"


def test_a_line_too_long_is_linted_only():
    state = review(code="import os\nx = '" + "y" * 30_000 + "'\n", quality_threshold=10)

    assert state["report"]["files"][0]["status"] == "long_line"
    assert {i["rule"] for i in state["report"]["issues"]} == {"F401", "TR902"}
    assert state["passes"] == []


def test_many_statements_on_long_lines_stay_linear():
    started = time.process_time()
    review(code=("x=1;" * 4_000 + "\n") * 20, max_passes=0)

    assert time.process_time() - started < 5


def test_too_many_digits_are_an_error_and_not_newer_syntax():
    state = review(code="x = " + "9" * 10_000 + "\n")

    assert state["report"]["files"][0]["status"] == "syntax"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ("x = 1".encode("utf-16"), "undecodable"),
        (b"x = '\xe9'\n", "undecodable"),
        (b"# coding: nonsense\nx = 1\n", "undecodable"),
        (b"x = (\n", "syntax"),
        (b"return 1\n", "syntax"),
        (b"yield 1\n", "syntax"),
        (b"print 'python 2'\n", "syntax"),
    ],
)
def test_files_that_cannot_run_score_0(data, status):
    state = review(files={"bad.py": data, "good.py": b"x = 1\n"})

    scores = {one["path"]: (one["status"], one["score"]) for one in state["report"]["files"]}
    assert scores == {"bad.py": (status, 0.0), "good.py": ("ok", 10.0)}


def test_lone_surrogates_are_undecodable():
    state = review(code="x = '\ud800'\n")

    assert state["report"]["files"][0]["status"] == "undecodable"


def test_one_bad_file_does_not_cost_the_others(monkeypatch):
    """A file that crashes the linter is isolated by halving the batch."""
    sources = [read(f"f{n}.py", f"import os\nx = {n}\n") for n in range(5)]
    honest = ruff._Batch.run

    def crashing(batch, chunk):
        if any(source.path == "f3.py" for source in chunk):
            return "crash", [ruff.Lint() for _ in chunk], 0
        return honest(batch, chunk)

    monkeypatch.setattr(ruff._Batch, "run", crashing)

    lints = ruff.lint(sources)

    assert [found.status for found in lints] == ["ok", "ok", "ok", "crash", "ok"]
    assert [len(found.diagnostics) for found in lints] == [1, 1, 1, 0, 1]


def test_the_linter_really_crashes_on_a_deep_chain_and_is_seen_to():
    (found,) = ruff.lint([read("a.py", "a" + ".b" * 100_000)])

    assert found.status == "crash"


def test_a_file_the_linter_crashes_on_is_not_scored(monkeypatch):
    inspection.forget_everything()
    monkeypatch.setattr(
        ruff._Batch, "run", lambda batch, chunk: ("crash", [ruff.Lint() for _ in chunk], 0)
    )

    state = review(code="unlikely_to_be_cached = 1\n")

    assert state["report"]["files"][0]["status"] == "analyzer_crash"
    assert state["stop_reason"] == "nothing_to_review"
    assert state["quality_ok"] is False


def test_the_return_rules_are_left_out_when_they_take_too_long(monkeypatch):
    honest = ruff._Batch.run

    def slow_with_returns(batch, chunk):
        if any(code.startswith("RET") for code in batch.codes):
            return "timeout", [ruff.Lint() for _ in chunk], 0
        return honest(batch, chunk)

    monkeypatch.setattr(ruff._Batch, "run", slow_with_returns)
    text = "import os\n\n\ndef _f(x):\n    if x:\n        return 1\n    else:\n        return 2\n"

    (found,) = ruff.lint([read("a.py", text)])

    assert found.status == "ok"
    assert [d.rule for d in found.diagnostics] == ["F401"]
    assert any("RET5" in note for note in found.notes)


def test_a_linter_that_takes_too_long_is_killed(monkeypatch):
    monkeypatch.setattr(limits, "RUFF_SECONDS", 0.01)

    (found,) = ruff.lint([read("a.py", "x = [1, 2 ]\n" * 40_000)])

    assert found.status == "timeout"


def test_a_batch_that_is_out_of_time_is_not_begun(monkeypatch):
    monkeypatch.setattr(limits, "LINT_SECONDS", -1.0)

    lints = ruff.lint([read("a.py", "import os\n"), read("b.py", "import os\n")])

    assert [found.status for found in lints] == ["timeout", "timeout"]


def test_a_worker_out_of_memory_costs_one_file(monkeypatch):
    monkeypatch.setattr(limits, "CHILD_MEMORY_BYTES", 48 * 1024 * 1024)
    hungry = "x = [" + "1,\n" * 150_000 + "]\n"
    texts = {"a.py": "x = 1\n", "b.py": hungry, "c.py": "y = 2\n"}
    monkeypatch.setattr(inspection, "pool", Pool())
    inspection.forget_everything()

    measures = inspection.measure_all([read(path, text) for path, text in texts.items()])

    inspection.pool.close()
    assert measures["a.py"].status == measures["c.py"].status == "ok"
    assert measures["b.py"].status in ("too_deep", "analyzer_crash")


def test_a_worker_that_takes_too_long_is_killed():
    pool = Pool()

    with pytest.raises(WorkerTimeout):
        pool.ask({"do": "measure", "texts": ["x = 1\n" * 80_000]}, timeout_s=0.05)

    assert pool.ask({"do": "measure", "texts": ["x = 1\n"]})[0]["status"] == "ok"
    pool.close()


def test_a_worker_that_died_while_idle_is_replaced():
    pool = Pool()
    pool.ask({"do": "measure", "texts": ["x = 1\n"]})
    pool._idle[0].kill()

    assert pool.ask({"do": "measure", "texts": ["x = 1\n"]})[0]["status"] == "ok"
    pool.close()


def test_a_worker_that_cannot_answer_is_an_error_and_not_a_hang():
    pool = Pool()

    with pytest.raises(WorkerDied):
        pool.ask({"do": "something else"})

    pool.close()
