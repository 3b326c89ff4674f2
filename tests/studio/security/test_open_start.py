"""A studio that others could take over does not start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("setting", "named"),
    [
        ({"TREADLE_DEBUG": "1", "TREADLE_HOST": "0.0.0.0"}, "studio.E001"),
        ({"TREADLE_ALLOWED_HOSTS": "*"}, "studio.E002"),
        ({"TREADLE_SECRET_KEY": "short"}, "studio.E003"),
        ({"TREADLE_PUBLIC_ORIGINS": "*"}, "TREADLE_PUBLIC_ORIGINS='*'"),
        ({"TREADLE_RATE_WRITES": "many"}, "TREADLE_RATE_WRITES='many'"),
    ],
)
def test_sec_open_start(setting: dict[str, str], named: str, tmp_path: Path) -> None:
    """Each bad setting ends the start with its name and an exit code."""
    given = {**os.environ, "TREADLE_DATA_DIR": str(tmp_path), **setting}
    check = (
        "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'studio.settings';"
        "django.setup(); from django.core.management import call_command; call_command('check')"
    )
    refused = subprocess.run(
        [sys.executable, "-c", check], cwd=ROOT, env=given, capture_output=True, text=True
    )

    assert refused.returncode != 0
    assert named in refused.stderr


def test_sec_debug_by_accident(tmp_path: Path) -> None:
    """Without a word about it, nothing is shown to anybody."""
    from studio.setup import env

    given = env.read_all({"TREADLE_DATA_DIR": str(tmp_path)})

    assert given["TREADLE_DEBUG"] is False
    assert given["TREADLE_HOST"] == "127.0.0.1"
    assert "*" not in given["TREADLE_ALLOWED_HOSTS"]
