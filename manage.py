#!/usr/bin/env python3
"""Treadle's front door: `python3 manage.py up` and `python3 manage.py test` on a clean clone.

Makes `.venv` beside itself when it is absent or stale, installs the pinned requirements, and runs
the command in there. Standard library only. `TREADLE_VENV` names another folder.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / os.environ.get("TREADLE_VENV", ".venv")
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
VERSION = "{}.{}.{}".format(*sys.version_info[:3])


def main():
    if sys.version_info < (3, 11):  # noqa: UP036 - this file alone meets older ones
        sys.exit(f"Treadle needs Python 3.11 or later, this is {VERSION}: run it with a newer one.")
    testing = sys.argv[1:2] == ["test"]
    files = ["requirements.txt", "requirements-dev.txt"][: 2 if testing else 1]
    fresh = all(_is_stamped(name) for name in files)
    if not fresh or Path(sys.prefix).resolve() != VENV.resolve():
        if not fresh:
            _set_up(files)
        _hand_over()
    _run(testing)


def _stamp(name):
    text = b"".join((HERE / file).read_bytes() for file in ("requirements.txt", name))
    return f"{VERSION} {hashlib.sha256(text).hexdigest()}"


def _is_stamped(name):
    file = VENV / f".stamp-{name}"
    return PYTHON.exists() and file.exists() and file.read_text() == _stamp(name)


def _set_up(files):
    uv = _uv()
    if PYTHON.exists() and not _same_python():
        _say(f"removing {VENV.name}: it was made for another Python")
        shutil.rmtree(VENV)
    if not PYTHON.exists():
        _say(f"making {VENV.name} for Python {VERSION} with {'uv' if uv else 'venv'}")
        _make_venv(uv)
    # Without stamps until it is done: an install that was cut is done again.
    for stamp in VENV.glob(".stamp-*"):
        stamp.unlink()
    _say(f"installing {files[-1]}")
    install = [uv, "pip", "install", "--python", str(PYTHON), "--compile-bytecode"]
    pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check"]
    _call([*(install if uv else pip), "--quiet", "--require-hashes", "-r", str(HERE / files[-1])])
    for name in files:
        draft = VENV / f".draft-{name}"
        draft.write_text(_stamp(name))
        draft.replace(VENV / f".stamp-{name}")


def _uv():
    """The path of a uv that works: a version manager may leave a shim without one behind it."""
    uv = shutil.which("uv")
    if uv and subprocess.run([uv, "--version"], capture_output=True, check=False).returncode == 0:
        return uv
    return None


def _same_python():
    asked = subprocess.run(
        [str(PYTHON), "-c", "import sys; print('{}.{}.{}'.format(*sys.version_info[:3]))"],
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.strip() == VERSION


def _make_venv(uv):
    if VENV.exists() and any(VENV.iterdir()) and not (VENV / "pyvenv.cfg").exists():
        sys.exit(f"treadle: {VENV} holds other files: name another folder in TREADLE_VENV.")
    shutil.rmtree(VENV, ignore_errors=True)
    if uv:
        _call([uv, "venv", "--quiet", "--python", sys.executable, str(VENV)])
        return
    try:
        import ensurepip  # noqa: F401 - venv needs it, and Debian packs both apart
        import venv  # noqa: F401
    except ImportError:
        sys.exit(
            "treadle: this Python cannot make virtual environments. Install them "
            "(Debian, Ubuntu: apt-get install python3-venv) or install uv, then run this again."
        )
    _call([sys.executable, "-m", "venv", str(VENV)])


def _call(command):
    try:
        code = subprocess.run(command, check=False).returncode
    except KeyboardInterrupt:
        sys.exit(130)
    if code:
        sys.exit(f"treadle: `{' '.join(map(str, command))}` failed, see above. Run it again later.")


def _hand_over():
    command = [str(PYTHON), str(HERE / "manage.py"), *sys.argv[1:]]
    if os.name == "nt":
        sys.exit(subprocess.run(command, check=False).returncode)
    os.execv(str(PYTHON), command)


def _run(testing):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
    if testing:
        from tests.run import main as run_tests

        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        os.chdir(HERE)
        sys.exit(run_tests(sys.argv[2:]))
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


def _say(text):
    print(f"treadle: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
