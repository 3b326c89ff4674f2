"""Run the tests: everything on SQLite, then the studio's again on PostgreSQL where it answers.

Arguments go to pytest, in one pass on SQLite: `python3 manage.py test tests/engine -k join`.
"""

import os
import subprocess
import sys

from tests import services


def main(arguments: list[str]) -> int:
    absent = list(services.missing())
    if absent and services.required():
        for service in absent:
            print(f"{service.name} is required and absent: {service.hint}", file=sys.stderr)
        return 1
    if absent:
        print("left out, absent here: " + ", ".join(service.name for service in absent))
    if arguments:
        return _pytest(arguments)
    code = _pytest(["tests"])
    if code == 0 and not any(service.mark == "postgres" for service in absent):
        code = _pytest(["tests/studio", "-m", "not browser"], TREADLE_TEST_DATABASE="postgresql")
    return code


def _pytest(arguments: list[str], **environment: str) -> int:
    database = environment.get("TREADLE_TEST_DATABASE", "sqlite")
    print(f"pytest {' '.join(arguments)} ({database})", flush=True)
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    return subprocess.run(command, env={**os.environ, **environment}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
