"""The benches' own environment: `.venv-bench`, or the folder TREADLE_BENCH_VENV names."""

import os
from pathlib import Path

from tests.side_venv import SideVenv

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = Path(__file__).with_name("requirements.txt")


def folder() -> Path:
    """Where it is."""
    return Path(os.environ.get("TREADLE_BENCH_VENV") or ROOT / ".venv-bench")


def python() -> str:
    """Its interpreter. Raises FileNotFoundError while it is not made."""
    return _venv().program("python")


def make() -> None:
    """Make it and install the peers, unless that was done for the present requirements."""
    _venv().make()


def _venv() -> SideVenv:
    return SideVenv(folder(), REQUIREMENTS, "python -m tests.bench")
