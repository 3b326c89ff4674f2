"""The benches' own environment: `.venv-bench`, or the folder TREADLE_BENCH_VENV names."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = Path(__file__).with_name("requirements.txt")


def folder() -> Path:
    """Where it is."""
    return Path(os.environ.get("TREADLE_BENCH_VENV") or ROOT / ".venv-bench")


def python() -> str:
    """Its interpreter. Raises FileNotFoundError while it is not made."""
    found = folder() / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not found.exists():
        raise FileNotFoundError(f"{found}: run python -m tests.bench, which makes it")
    return str(found)


def make() -> None:
    """Make it and install the peers, unless that was done for the present requirements."""
    stamp = folder() / ".stamp"
    wanted = f"{sys.version}\n{REQUIREMENTS.read_text()}"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    if not (folder() / "pyvenv.cfg").exists():
        subprocess.run([*_maker(), str(folder())], check=True)
    subprocess.run([*_installer(), "-r", str(REQUIREMENTS)], check=True)
    stamp.write_text(wanted)


def _maker() -> list[str]:
    uv = shutil.which("uv")
    return [uv, "venv", "--python", sys.executable] if uv else [sys.executable, "-m", "venv"]


def _installer() -> list[str]:
    uv = shutil.which("uv")
    if uv:
        return [uv, "pip", "install", "--quiet", "--python", python()]
    return [python(), "-m", "pip", "install", "--quiet"]
