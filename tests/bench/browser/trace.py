"""What Chromium's own trace says about the tasks of a page."""

import json
from collections import defaultdict


def longest_task_ms(trace: bytes) -> float:
    """The CPU milliseconds of the longest task of the thread that ran the page's scripts."""
    tasks: dict[tuple[int, int], list[float]] = defaultdict(list)
    scripts: dict[tuple[int, int], float] = defaultdict(float)
    for event in json.loads(trace)["traceEvents"]:
        thread = (event["pid"], event["tid"])
        spent = event.get("tdur", 0) / 1000
        if event["name"] == "RunTask":
            tasks[thread].append(spent)
        elif event["name"] == "FunctionCall":
            scripts[thread] += spent
    if not scripts:
        return 0.0
    return max(tasks[max(scripts, key=lambda thread: scripts[thread])], default=0.0)
