"""On what the matrix is run: a database and a dispatcher."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from kombu import Connection

from tests.crash.matrix import CeleryMatrix, Matrix
from tests.faults.site import POSTGRES, Site

RABBIT = "amqp://guest:guest@127.0.0.1:5672//"
GROUNDS = ("sqlite", "postgresql", "redis", "rabbitmq")
LEASE_S = 3


@contextlib.contextmanager
def ground(name: str, folder: Path) -> Iterator[Matrix]:
    """A matrix on a database of its own."""
    environment = {"TREADLE_LEASE_SECONDS": str(LEASE_S), "TRIAL_SNAPSHOT_EVERY": "2"}
    with contextlib.ExitStack() as stack:
        if name == "redis":
            from tests.studio.spread.brokers import OwnRedis

            redis = OwnRedis(folder)
            redis.start()
            stack.callback(redis.stop)
            environment["TREADLE_BROKER_URL"] = redis.url
        if name == "rabbitmq":
            environment["TREADLE_BROKER_URL"] = RABBIT
        site = Site(folder, None if name == "sqlite" else POSTGRES, **environment)
        stack.callback(site.close)
        matrix = (CeleryMatrix if "TREADLE_BROKER_URL" in environment else Matrix)(site)
        if name == "rabbitmq":
            stack.callback(forget_queue, matrix.queue)
        yield matrix


def forget_queue(queue: str) -> None:
    """Leave nothing at a broker that others use too."""
    with Connection(RABBIT) as connection:
        connection.default_channel.queue_delete(f"treadle.{queue}")
