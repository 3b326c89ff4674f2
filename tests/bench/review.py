"""How soon others are answered while code is reviewed.

    python -m tests.bench.review [ROUNDS]

A studio reviews the demo's input, and then a large module of the standard library, over and over;
meanwhile two clients ask every few milliseconds for its health and for the state of a run that has
ended. Each ROUND is some seconds of reviews.
"""

import statistics
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

from tests.acceptance.test_demo_client import README_CODE
from tests.live import LiveStudio

from .timing import rounds_from

PAUSE_S = 0.005
SECONDS = 3.0
Latencies = dict[str, list[float]]
"""Seconds of each answer, by what was asked."""


def main() -> None:
    rounds = rounds_from(sys.argv, 3)
    with tempfile.TemporaryDirectory(prefix="treadle-bench-") as folder:
        studio = LiveStudio(
            Path(folder) / "data", TREADLE_LOG_LEVEL="WARNING", TREADLE_RATE_STARTS="off"
        )
        studio.start()
        try:
            sample = studio.call("POST", "/graph/create_sample/code_review")[1]["graph_id"]
            ended = _review(studio, sample, "x = 1\n")
            paths = {"health": "/healthz", "state": f"/graph/state/{ended['run_id']}"}
            print("\n== review: answers to others, in ms")
            print(f"{'':36} {'answers':>8} {'p50':>7} {'p99':>7} {'max':>7}")
            _show("nothing else runs", _asked(studio, paths, lambda: time.sleep(SECONDS)))
            for name, code in (("the demo's input", README_CODE), ("argparse", _large())):
                _beside(studio, sample, paths, name, code, rounds)
        finally:
            studio.stop()


def _large() -> str:
    """A large module of plain Python that every installation has."""
    import argparse

    return Path(argparse.__file__).read_text()


def _beside(
    studio: LiveStudio, sample: str, paths: dict[str, str], name: str, code: str, rounds: int
) -> None:
    took: list[float] = []

    def review_on() -> None:
        until = time.perf_counter() + rounds * SECONDS
        while time.perf_counter() < until:
            began = time.perf_counter()
            _review(studio, sample, code)
            took.append(time.perf_counter() - began)

    found = _asked(studio, paths, review_on)
    print(f"{name}: {len(code):,} characters, {statistics.median(took) * 1e3:,.0f} ms a review")
    _show("while it is reviewed", found)


def _review(studio: LiveStudio, sample: str, code: str) -> Any:
    body = {"graph_id": sample, "initial_state": {"code": code, "quality_threshold": 8}}
    status, answer = studio.call("POST", "/graph/run?wait=60", body)
    assert (status, answer["status"]) == (200, "COMPLETED"), answer
    return answer


def _asked(studio: LiveStudio, paths: dict[str, str], meanwhile: Any) -> Latencies:
    """What two clients see while something goes on."""
    over = threading.Event()
    found: Latencies = {name: [] for name in paths}
    askers = [
        threading.Thread(target=_ask_until, args=(studio, path, over, found[name]))
        for name, path in paths.items()
    ]
    for asker in askers:
        asker.start()
    try:
        meanwhile()
    finally:
        over.set()
        for asker in askers:
            asker.join()
    return found


def _ask_until(studio: LiveStudio, path: str, over: threading.Event, found: list[float]) -> None:
    request = urllib.request.Request(studio.url + path)
    request.add_header("Authorization", f"Bearer {studio.token}")
    while not over.wait(PAUSE_S):
        began = time.perf_counter()
        with urllib.request.urlopen(request, timeout=30) as answer:
            answer.read()
        found.append(time.perf_counter() - began)


def _show(word: str, found: Latencies) -> None:
    for name, latencies in found.items():
        ordered = sorted(each * 1e3 for each in latencies)
        p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
        figures = f"{statistics.median(ordered):7.1f} {p99:7.1f} {ordered[-1]:7.1f}"
        print(f"  {name + ', ' + word:34} {len(ordered):8} {figures}")


if __name__ == "__main__":
    main()
