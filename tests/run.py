"""Run the tests: everything on SQLite, then the studio's again on PostgreSQL where it answers.

Without arguments the tests run in several processes beside each other, since most of them wait for
servers and browsers most of the time; `TREADLE_TEST_PROCESSES` says in how many. Arguments go to
pytest as they are, in one pass on SQLite: `python3 manage.py test tests/engine -k join`.

A browser, or a process that is stopped and killed, beside others on a busy machine is now and then
too late for a test. So when tests ran side by side, no more than three failed and all of them are
of that kind, those run once more, alone, and are named if they pass then. Everything else that
fails has failed.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests import services

SECOND_LOOKS = 3
OF_THAT_KIND = ("tests/e2e/", "tests/crash/", "tests/chaos/")


def main(arguments: list[str]) -> int:
    absent = list(services.missing())
    if absent and services.required():
        for service in absent:
            print(f"{service.name} is required and absent: {service.hint}", file=sys.stderr)
        return 1
    if absent:
        print("left out, absent here: " + ", ".join(service.name for service in absent))
    if arguments:
        return _run(arguments)
    side_by_side = _side_by_side()
    code = _run(["tests", *side_by_side])
    if code == 0 and not any(service.mark == "postgres" for service in absent):
        code = _run(
            ["tests/studio", "-m", "not browser", *side_by_side], TREADLE_TEST_DATABASE="postgresql"
        )
    return code


def _run(arguments: list[str], **environment: str) -> int:
    """One pass, with a second look at the few that failed beside others."""
    if "-n" not in arguments:
        return _pytest(arguments, **environment)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "failed"
        told = [*arguments, "-p", "tests.failures", "--failures", str(path)]
        code = _pytest(told, **environment)
        failed = path.read_text().splitlines() if path.exists() else []
    if code == 0 or not deserve_a_second_look(failed):
        return code
    print(f"once more, alone: {len(failed)} test(s)", flush=True)
    code = _pytest(failed, **environment)
    if code == 0:
        print("passed only alone: " + ", ".join(failed), flush=True)
    return code


def deserve_a_second_look(failed: list[str]) -> bool:
    return 0 < len(failed) <= SECOND_LOOKS and all(map(_is_of_that_kind, failed))


def _is_of_that_kind(name: str) -> bool:
    return name.startswith(OF_THAT_KIND)


def _side_by_side() -> list[str]:
    """Whole files go to a process, slow folders first: a file's tests share its server."""
    processes = int(os.environ.get("TREADLE_TEST_PROCESSES") or (os.cpu_count() or 1) + 1)
    if processes < 2:
        return []
    return ["-n", str(processes), "--dist", "loadfile", "--no-loadscope-reorder"]


def _pytest(arguments: list[str], **environment: str) -> int:
    database = environment.get("TREADLE_TEST_DATABASE", "sqlite")
    print(f"pytest {' '.join(arguments)} ({database})", flush=True)
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    return subprocess.run(command, env={**os.environ, **environment}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
