"""How a peer in a process of its own is asked: a line of JSON in, a line of JSON out."""

import json
import os
import sys
import time
from collections.abc import Callable


def answer(work: Callable[[int, int, int], None], stored: Callable[[], int]) -> None:
    """For each line with `steps`, `runs` and `size`: do it, and say what it took."""
    answers = os.fdopen(os.dup(1), "w")
    # What the peer prints must not be read as an answer.
    os.dup2(2, 1)
    for line in sys.stdin:
        asked = json.loads(line)
        before = stored()
        cpu, began = time.process_time(), time.perf_counter()
        work(asked["steps"], asked["runs"], asked["size"])
        took = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}
        print(json.dumps({**took, "stored": stored() - before}), file=answers, flush=True)
