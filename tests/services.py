"""Which servers and programs the tests can use on this machine, and one line about what is missing.

`TREADLE_REQUIRE_SERVICES=1` turns a missing one into a failure.
"""

import os
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Service:
    name: str
    mark: str
    present: bool
    hint: str


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def find() -> list[Service]:
    return [
        Service("PostgreSQL", "postgres", _listens(5432), "start it on 127.0.0.1:5432"),
        Service("Redis", "redis", _listens(6379), "start it on 127.0.0.1:6379"),
        Service("RabbitMQ", "rabbitmq", _listens(5672), "start it on 127.0.0.1:5672"),
        Service("Chromium", "browser", os.path.exists(CHROMIUM), "apt-get install -y chromium"),
        Service("Node", "node", shutil.which("npm") is not None, "install Node 20.19 or later"),
    ]


CHROMIUM = os.environ.get("TREADLE_CHROMIUM", "/usr/bin/chromium")


def required() -> bool:
    return os.environ.get("TREADLE_REQUIRE_SERVICES") == "1"


def missing() -> Iterator[Service]:
    return (service for service in find() if not service.present)
