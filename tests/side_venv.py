"""An environment beside the project's own, for what must not be installed into that one."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SideVenv:
    """A folder with a virtual environment, and the file that says what is in it."""

    folder: Path
    requirements: Path
    made_by: str
    """The command that makes it, for whoever asks before it is there."""

    def program(self, name: str) -> str:
        """A program of it. Raises FileNotFoundError while it is not made."""
        windows = os.name == "nt"
        found = self.folder / ("Scripts" if windows else "bin") / (name + ".exe" * windows)
        if not found.exists():
            raise FileNotFoundError(f"{found}: run {self.made_by}, which makes it")
        return str(found)

    def make(self) -> None:
        """Make and fill it, unless that was done for the present requirements."""
        stamp = self.folder / ".stamp"
        wanted = f"{sys.version}\n{self.requirements.read_text(encoding='utf-8')}"
        if stamp.exists() and stamp.read_text() == wanted:
            return
        if not (self.folder / "pyvenv.cfg").exists():
            subprocess.run([*_maker(), str(self.folder)], check=True)
        subprocess.run([*self._installer(), "-r", str(self.requirements)], check=True)
        stamp.write_text(wanted)

    def _installer(self) -> list[str]:
        uv = shutil.which("uv")
        python = self.program("python")
        if uv:
            return [uv, "pip", "install", "--quiet", "--python", python]
        return [python, "-m", "pip", "install", "--quiet"]


def _maker() -> list[str]:
    uv = shutil.which("uv")
    return [uv, "venv", "--python", sys.executable] if uv else [sys.executable, "-m", "venv"]
