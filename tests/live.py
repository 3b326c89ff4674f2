"""A real studio in a process of its own, driven from outside as a user's programs do."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
START_TIMEOUT_S = 120


class LiveStudio:
    """`manage.py up` with a data folder of its own. `token` is the administrator's."""

    def __init__(self, data_dir: Path, **environment: str) -> None:
        self.data_dir = data_dir
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.token = ""
        self.log = data_dir.parent / f"{data_dir.name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in _CLEARED},
            "DJANGO_SETTINGS_MODULE": "studio.settings",
            "PYTHONPATH": str(ROOT),
            "TREADLE_DATA_DIR": str(data_dir),
            "TREADLE_HOST": "127.0.0.1",
            "TREADLE_PORT": str(self.port),
            "TREADLE_LOG_LEVEL": "INFO",
            **environment,
        }

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def served_by(self) -> list[str]:
        """The management command that serves it."""
        return ["up"]

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "django", *self.served_by()],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait_until_ready()
        if not self.token:
            self.token = self.command("treadle", "token", "--user", "admin", "--create", "--json")[
                "token"
            ]

    def stop(self) -> float:
        """Stop with SIGTERM. Returns the seconds it took; kills and fails after 10 s."""
        if self._process is None or self._process.poll() is not None:
            return 0.0
        began = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"still alive 10 s after SIGTERM, see {self.log}") from None
        return time.monotonic() - began

    def kill(self) -> None:
        """Pull the plug: SIGKILL to the whole process group."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(10)

    def restart(self) -> None:
        self.stop()
        self.start()

    def command(self, *arguments: str, may_fail: bool = False) -> Any:
        """The JSON that a management command prints; it ends with 0 unless it `may_fail`."""
        done = subprocess.run(
            [sys.executable, "-m", "django", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert may_fail or done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """One API call with the token. Returns (status, decoded body)."""
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                **{name.replace("_", "-"): value for name, value in headers.items()},
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=90) as answer:
                return answer.status, _decode(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, _decode(error.read())

    def sign_in_path(self, username: str = "admin") -> str:
        """A fresh one-time sign-in path, as printed by `up`."""
        path: str = self.command("treadle", "sign-in", "--user", username, "--json")["path"]
        return path

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            assert self._process is not None
            if self._process.poll() is not None:
                raise AssertionError(f"the studio ended at start:\n{self.log.read_text()}")
            try:
                with urllib.request.urlopen(self.url + "/healthz", timeout=1):
                    return
            except OSError:
                time.sleep(0.05)
        self.kill()
        raise AssertionError(f"not ready after {START_TIMEOUT_S} s:\n{self.log.read_text()}")


_CLEARED = {"DATABASE_URL", "TREADLE_TEST_DATABASE", "TREADLE_CHANNEL_URL", "TREADLE_TOOLS"}


def _decode(body: bytes) -> Any:
    return json.loads(body) if body else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
