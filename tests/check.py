"""Everything that reads the code without running its tests, one step after another.

Each step is a command you can run by itself; the first line of a failure names it.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

BIN = Path(sys.executable).parent

STEPS = (
    ("ruff check", [str(BIN / "ruff"), "check", "."]),
    ("ruff format", [str(BIN / "ruff"), "format", "--check", "."]),
    ("types", [str(BIN / "mypy"), "engine", "studio"]),
    ("import floors", [str(BIN / "lint-imports")]),
    (
        "migrations",
        [sys.executable, "-m", "django", "makemigrations", "--check", "--dry-run"],
    ),
    ("deployment check", [sys.executable, "-m", "django", "check", "--tag", "security"]),
)


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="treadle-check-") as folder:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "studio.settings",
            "TREADLE_DATA_DIR": folder,
            "PYTHONPATH": os.getcwd(),
        }
        failed = [name for name, command in STEPS if not _step(name, command, environment)]
    if failed:
        print("failed: " + ", ".join(failed))
    return 1 if failed else 0


def _step(name: str, command: list[str], environment: dict[str, str]) -> bool:
    print(f"== {name}", flush=True)
    return subprocess.run(command, env=environment, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
