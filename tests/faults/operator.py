"""A person who decides calls of unknown outcome, by the API, knowing from the ledger what was done.

Waits until nobody can be at it any more: a call whose process still lives may be done yet.
"""

import json
import os
import random
import signal
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db import InterfaceError, OperationalError, connections
from django.test import Client

from studio.accounts import tokens
from studio.journal.raw_connection import Unavailable
from tests.faults import ledger

LOOK_S = 0.3
_CLOCK_S = 2.0
"""`btime` is cut to whole seconds, and the kernel's clock is not quite the wall's."""


class Operator:
    """Decides as `user` may."""

    def __init__(self, user: User, dice: random.Random) -> None:
        _, token = tokens.create(user=user, name="operator")
        self._client = Client(SERVER_NAME="localhost", headers={"Authorization": f"Bearer {token}"})
        self._dice = dice

    def decide_all(self) -> None:
        """Decide what can be decided now."""
        for brief in self._ask("GET", "/api/v1/outcomes?limit=100")["items"]:
            item = self._ask("GET", f"/api/v1/outcomes/{brief['id']}")
            said = self._decision(item)
            if said is not None:
                if said["choice"] == "retry":
                    ledger.note("retried", run=item["run"], act=_activation(item))
                self._ask("POST", f"/api/v1/outcomes/{item['id']}/decide", said)

    def _decision(self, item: dict[str, Any]) -> dict[str, Any] | None:
        """What to say of a call; None: that is not sure yet."""
        if item["late"] and not item["late_result"]["ok"]:
            error = item["late_result"]["error"]
            assert error["code"] == "E_NOT_CALLED", "tools of effect once do not fail here"
            return {"choice": "retry"}
        if lives(item["worker"]["pid"], since=_began(item)):
            return {"choice": "adopt"} if item["late"] else None
        done = [line for line in _calls(item) if line["what"] == "done"]
        if not done:
            return {"choice": "retry"}
        if item["late"] and self._dice.random() < 0.5:
            return {"choice": "adopt"}
        return {"choice": "done", "output": done[-1]["gave"], "note": "the ledger has it"}

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        content = b"" if body is None else json.dumps(body).encode()
        answer = self._client.generic(method, path, content, content_type="application/json")
        if answer.status_code == 503:
            raise Unavailable(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.content)
        return answer.json()


def decide(seed: int) -> None:
    """Decide until SIGTERM."""
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    operator: Operator | None = None
    while not told.wait(LOOK_S):
        try:
            if operator is None:
                user = User.objects.get(username="tester")
                operator = Operator(user, random.Random(seed))
            operator.decide_all()
        except (OperationalError, InterfaceError, Unavailable):
            connections.close_all()


def _calls(item: dict[str, Any]) -> list[ledger.Line]:
    lines = ledger.read(Path(os.environ["TRIAL_LEDGER"]))
    mine = (item["run"], _activation(item))
    return [line for line in lines if (line.get("run"), line.get("act")) == mine]


def _began(item: dict[str, Any]) -> float:
    """When the call began, in seconds since 1970."""
    return datetime.fromisoformat(item["started_at"]).timestamp()


def _activation(item: dict[str, Any]) -> int:
    return int(item["id"].split(".")[1])


def lives(pid: int, since: float) -> bool:
    """Whether the process that had this number then (seconds since 1970) still lives.

    Numbers are used again, soon where many processes come and go: who began later is another one.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    fields = stat.rpartition(")")[2].split()
    started = _booted_at() + int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return fields[0] not in {"Z", "X"} and started <= since + _CLOCK_S


def _booted_at() -> float:
    """When the machine began, in seconds since 1970, as exactly as the kernel tells it."""
    lines = Path("/proc/stat").read_text().splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith("btime ")))
