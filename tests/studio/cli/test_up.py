"""`manage.py up` as a process: what it refuses, what it prints, how it stops."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.live import ROOT, LiveStudio

SLOW_FLOW: dict[str, Any] = {
    "format": "treadle/1",
    "key": "slow",
    "entry": ["a"],
    "nodes": {"a": {"type": "tool", "tool": "trial.ledger"}},
    "edges": [],
}


def up(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Start it with settings that it should refuse."""
    unset = ("DATABASE_URL", "TREADLE_")
    own = {name: value for name, value in os.environ.items() if not name.startswith(unset)}
    return subprocess.run(
        [sys.executable, "-m", "django", "up"],
        cwd=ROOT,
        env={
            **own,
            "DJANGO_SETTINGS_MODULE": "studio.settings",
            "TREADLE_DATA_DIR": str(folder / "data"),
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({"TREADLE_DEBUG": "1", "TREADLE_HOST": "0.0.0.0"}, "studio.E001"),
        ({"TREADLE_ALLOWED_HOSTS": "*"}, "studio.E002"),
        ({"TREADLE_SECRET_KEY": "short"}, "studio.E003"),
        ({"TREADLE_PORT": "80000"}, "TREADLE_PORT='80000'"),
        ({"DATABASE_URL": "mysql://host/name"}, "DATABASE_URL="),
        ({"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}, "database cannot be used"),
        ({"TREADLE_TOOLS": "no_such_tools"}, "TREADLE_TOOLS='no_such_tools': there is no module"),
        ({"TREADLE_LOG_LEVEL": "LOUD"}, "TREADLE_LOG_LEVEL='LOUD': write DEBUG"),
        ({"TREADLE_DATA_DIR": "/dev/null"}, "TREADLE_DATA_DIR='/dev/null'"),
        ({"TREADLE_DATA_DIR": "/proc/none"}, "TREADLE_DATA_DIR='/proc/none'"),
        (
            {"TREADLE_DATA_DIR": "/dev/null", "TREADLE_SECRET_KEY": "k" * 50},
            "TREADLE_DATA_DIR='/dev/null'",
        ),
    ],
)
def test_bad_settings_are_refused_by_name(
    tmp_path: Path, environment: dict[str, str], reason: str
) -> None:
    done = up(tmp_path, **{"TREADLE_PORT": _free_port(), **environment})

    assert done.returncode != 0
    assert reason in done.stderr
    assert "Traceback" not in done.stderr


def test_a_tool_module_that_breaks_is_named_below_its_traceback(tmp_path: Path) -> None:
    (tmp_path / "broken_tools.py").write_text("import no_such_thing\n")

    done = up(
        tmp_path,
        TREADLE_PORT=_free_port(),
        TREADLE_TOOLS="broken_tools",
        PYTHONPATH=str(tmp_path),
    )

    assert done.returncode != 0
    assert 'broken_tools.py", line 1' in done.stderr
    assert (
        done.stderr.splitlines()[-1] == "TREADLE_TOOLS names broken_tools: mend it, or unname it."
    )


def test_a_taken_port_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()

        done = up(tmp_path, TREADLE_PORT=str(other.getsockname()[1]))

    assert done.returncode != 0
    assert "TREADLE_PORT" in done.stderr
    assert not (tmp_path / "data" / "treadle.sqlite3").exists()


def test_the_first_start_prints_a_way_in(own_studio: LiveStudio) -> None:
    said = own_studio.log.read_text()

    assert f"Treadle is at {own_studio.url}/" in said
    assert re.search(rf"{own_studio.url}/sign-in/\S+", said)


def test_files_of_the_data_folder_are_private(own_studio: LiveStudio) -> None:
    modes = {
        path.name: oct(path.stat().st_mode & 0o777)
        for path in (own_studio.data_dir, *own_studio.data_dir.glob("*.sqlite3"))
    }

    assert modes == {"data": "0o700", "treadle.sqlite3": "0o600"}


def test_the_shipped_workflows_are_there(own_studio: LiveStudio) -> None:
    status, answer = own_studio.call("GET", "/api/v1/workflows")

    assert status == 200
    assert {"code-review", "code-review-demo"} <= {item["key"] for item in answer["items"]}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly(own_studio: LiveStudio, number: signal.Signals) -> None:
    process = own_studio._process
    assert process is not None

    began = time.monotonic()
    os.kill(process.pid, number)
    code = process.wait(10)

    assert time.monotonic() - began < 5
    assert code == 0
    assert "Traceback" not in own_studio.log.read_text()


def test_a_busy_tool_does_not_hold_up_the_stop(tmp_path: Path) -> None:
    """The run is handed back and ends after the next start."""
    ledger = tmp_path / "ledger"
    ledger.touch()
    studio = LiveStudio(
        tmp_path / "data",
        TREADLE_TOOLS="tests.studio.tools",
        TRIAL_LEDGER=str(ledger),
        TRIAL_SLOW_S="60",
    )
    studio.start()
    try:
        run_id = _start(studio)
        _until(lambda: ledger.read_text())
        took = studio.stop()
        studio.environment["TRIAL_SLOW_S"] = "0"
        studio.start()
        _until(lambda: studio.call("GET", f"/api/v1/runs/{run_id}")[1]["status"] == "completed")
    finally:
        studio.kill()

    assert took < 5
    assert len(ledger.read_text().splitlines()) == 2


def _start(studio: LiveStudio) -> str:
    status, workflow = studio.call("POST", "/api/v1/workflows", {"document": SLOW_FLOW})
    assert status == 201, workflow
    body = {"workflow": workflow["id"], "draft": True, "state": {"n": 0}}
    status, run = studio.call("POST", "/api/v1/runs", body)
    assert status == 201, run
    return str(run["id"])


def _until(condition: Any, timeout: float = 30) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])
