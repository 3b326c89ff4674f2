"""The loop of the child: read a request, answer it, until the parent closes the pipe.

Frames are a 4-byte length and JSON. Limits are set here, before the first request is read: memory
once, processor time anew for each request, so that a worker can be kept for many of them.
"""

from __future__ import annotations

import json
import resource
import select
import sys
import warnings
from typing import Any, BinaryIO

from .fix import fix_round
from .metrics import measure

IDLE_SECONDS = 60.0


def main(memory_bytes: int, cpu_seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore")
    source, target = sys.stdin.buffer, sys.stdout.buffer
    while (request := read_frame(source)) is not None:
        _renew_cpu_limit(cpu_seconds)
        write_frame(target, answer(request))


def answer(request: dict[str, Any]) -> Any:
    if request["do"] == "measure":
        return [measure(text) for text in request["texts"]]
    if request["do"] == "fix":
        return fix_round(request)
    raise ValueError(f"unknown request {request['do']!r}")


def _renew_cpu_limit(seconds: int) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def read_frame(source: BinaryIO) -> dict[str, Any] | None:
    """The next request; None when the parent is gone or has been silent for IDLE_SECONDS."""
    ready, _, _ = select.select([source], [], [], IDLE_SECONDS)
    header = source.read(4) if ready else b""
    if len(header) < 4:
        return None
    request: dict[str, Any] = json.loads(source.read(int.from_bytes(header, "big")))
    return request


def write_frame(target: BinaryIO, value: Any) -> None:
    body = json.dumps(value, separators=(",", ":")).encode()
    target.write(len(body).to_bytes(4, "big") + body)
    target.flush()
