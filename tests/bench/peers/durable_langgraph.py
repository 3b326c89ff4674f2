"""LangGraph's durable loop in a process of its own: a path and a number of steps as arguments.

Runs the loop once for each line read, and answers each with the seconds it took.
"""

import sys
import time

from .with_langgraph import loop_durable


def main() -> None:
    work = loop_durable(int(sys.argv[2]), sys.argv[1])
    for _ in sys.stdin:
        start = time.perf_counter()
        work()
        print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    main()
