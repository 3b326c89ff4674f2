"""What the run of all tests does with tests that failed."""

import subprocess
import sys

from tests.run import deserve_a_second_look


def test_only_a_few_tests_that_depend_on_the_machine_are_looked_at_again() -> None:
    browser = "tests/e2e/test_runs.py::test_a"
    assert deserve_a_second_look([browser])
    assert deserve_a_second_look([browser] * 2 + ["tests/crash/test_slice.py::test_c"])
    assert not deserve_a_second_look(["tests/studio/execution/test_crash.py::test_d"])
    assert not deserve_a_second_look([browser] * 4)
    assert not deserve_a_second_look([])
    assert not deserve_a_second_look([browser, "tests/engine/test_joins.py::test_b"])


def test_the_names_of_failed_tests_are_written_down_by_several_processes(tmp_path) -> None:
    (tmp_path / "test_these.py").write_text(
        "import pytest\n"
        "@pytest.fixture\n"
        "def broken(): raise ValueError('no')\n"
        "def test_good(): pass\n"
        "def test_bad(): assert False\n"
        "def test_not_begun(broken): pass\n"
    )
    path = tmp_path / "failed"
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "tests.failures"]
    command += ["--failures", str(path), "--rootdir", str(tmp_path), "-c", "/dev/null"]
    done = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True)

    assert done.returncode == 1, done.stdout + done.stderr
    names = sorted(name.split("::")[-1] for name in path.read_text().splitlines())
    assert names == ["test_bad", "test_not_begun"]
