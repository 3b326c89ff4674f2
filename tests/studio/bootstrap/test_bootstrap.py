"""`python3 manage.py …` sets itself up: tried on a copy, with small requirements of its own."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

MANAGE = Path(__file__).resolve().parents[3] / "manage.py"

# Stands in for uv: makes a venv without pip, notes what it was asked to install, may dawdle.
FAKE_UV = f"""#!/bin/sh
case "$1" in
  --version) echo "uv 0.0" ;;
  venv) for last; do :; done; exec {sys.executable} -m venv --without-pip "$last" ;;
  pip) for last; do :; done; echo "$last" >> "$UV_ASKED"; sleep "${{UV_SLEEP:-0}}"
       exit "${{UV_CODE:-0}}" ;;
esac
"""
DJANGO = "def execute_from_command_line(argv):\n    import sys\n    print(sys.prefix, *argv[1:])\n"
TESTS = "def main(arguments):\n    print('tests', *arguments)\n    return 7\n"


class Clone:
    """A folder with manage.py, requirements and something that can be run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "clone"
        self.asked = folder / "asked"
        self._write("requirements.txt", "# nothing\n")
        self._write("requirements-dev.txt", "-r requirements.txt\n")
        self._write("django/__init__.py", "")
        self._write("django/core/__init__.py", "")
        self._write("django/core/management/__init__.py", DJANGO)
        self._write("tests/__init__.py", "")
        self._write("tests/run.py", TESTS)
        shutil.copy(MANAGE, self.folder)
        uv = folder / "bin" / "uv"
        uv.parent.mkdir()
        uv.write_text(FAKE_UV)
        uv.chmod(uv.stat().st_mode | stat.S_IXUSR)
        self.environment = {
            "PATH": f"{uv.parent}:/usr/bin:/bin",
            "UV_ASKED": str(self.asked),
            "HOME": os.environ.get("HOME", ""),
        }

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, str(self.folder / "manage.py"), *arguments]

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments),
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )

    def installs(self) -> list[str]:
        if not self.asked.exists():
            return []
        return [Path(line).name for line in self.asked.read_text().split()]


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


def test_the_first_command_makes_the_venv_and_runs_in_it(clone: Clone) -> None:
    done = clone.run("up", "--now")

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(clone.folder / ".venv"), "up", "--now"]
    assert "making .venv" in done.stderr
    assert "installing requirements.txt" in done.stderr


def test_the_second_command_installs_nothing(clone: Clone) -> None:
    clone.run("up")

    done = clone.run("up")

    assert done.stderr == ""
    assert clone.installs() == ["requirements.txt"]


def test_changed_requirements_are_installed_again(clone: Clone) -> None:
    clone.run("up")
    (clone.folder / "requirements.txt").write_text("# something else\n")

    clone.run("up")

    assert clone.installs() == ["requirements.txt", "requirements.txt"]


def test_tests_get_their_own_requirements_once(clone: Clone) -> None:
    done = [clone.run("test", "-k", "join"), clone.run("test"), clone.run("up")]

    assert done[0].stdout.split() == ["tests", "-k", "join"]
    assert done[0].returncode == 7
    assert clone.installs() == ["requirements-dev.txt"]


def test_a_failed_install_is_done_again(clone: Clone) -> None:
    failed = clone.run("up", UV_CODE="3")
    done = clone.run("up")

    assert failed.returncode != 0
    assert "Run it again later" in failed.stderr
    assert done.returncode == 0
    assert clone.installs() == ["requirements.txt", "requirements.txt"]


def test_an_install_that_was_killed_leaves_no_stamp(clone: Clone) -> None:
    process = subprocess.Popen(
        clone.command("up"),
        env={**clone.environment, "UV_SLEEP": "30"},
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 30
    while not clone.installs() and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)

    assert clone.installs() == ["requirements.txt"]
    assert list((clone.folder / ".venv").glob(".stamp-*")) == []


def test_another_folder_can_be_named(clone: Clone) -> None:
    done = clone.run("up", TREADLE_VENV=".other")

    assert done.stdout.split()[0] == str(clone.folder / ".other")
    assert not (clone.folder / ".venv").exists()


def test_a_folder_with_other_files_is_left_alone(clone: Clone) -> None:
    precious = clone.folder / "precious" / "thesis.txt"
    precious.parent.mkdir()
    precious.write_text("years of work")

    done = clone.run("up", TREADLE_VENV="precious")

    assert done.returncode != 0
    assert "holds other files" in done.stderr
    assert precious.read_text() == "years of work"


def test_a_shim_without_uv_behind_it_is_passed_over(clone: Clone) -> None:
    """Without uv it is the standard library's venv, with its own pip."""
    uv = Path(clone.environment["PATH"].split(":")[0]) / "uv"
    uv.write_text("#!/bin/sh\nexit 127\n")

    done = clone.run("up")

    assert done.returncode == 0, done.stderr
    assert "with venv" in done.stderr
    assert (clone.folder / ".venv" / "bin" / "pip").exists()


def test_an_old_python_is_told_what_to_do(clone: Clone, tmp_path: Path) -> None:
    text = (clone.folder / "manage.py").read_text()
    (clone.folder / "manage.py").write_text(text.replace("(3, 11)", "(4, 11)", 1))

    done = clone.run("up")

    assert done.returncode == 1
    assert "run it with a newer one" in done.stderr
    assert not (clone.folder / ".venv").exists()
