"""DBOS' durable loop in a process of its own; the database's URL is the argument.

A workflow that calls a step so many times; each step is stored before the next one begins. Runs
beside each other are workflows started in the background, as its documentation has them.
"""

import logging
import sys

from dbos import DBOS, DBOSConfig

from .answering import answer
from .treadle import carried


@DBOS.step()
def bump(n: int) -> int:
    return n + 1


@DBOS.workflow()
def count(steps: int, state: dict[str, object]) -> int:
    n = 0
    while n < steps:
        n = bump(n)
    return n


def main() -> None:
    config: DBOSConfig = {
        "name": "treadle-bench",
        "system_database_url": sys.argv[1],
        "run_admin_server": False,
    }
    DBOS(config=config)
    logging.getLogger("dbos").setLevel(logging.ERROR)
    DBOS.launch()

    def work(steps: int, runs: int, size: int) -> None:
        state = carried(size)
        if runs == 1:
            assert count(steps, state) == steps
            return
        handles = [DBOS.start_workflow(count, steps, state) for _ in range(runs)]
        assert [handle.get_result() for handle in handles] == [steps] * runs

    answer(work, lambda: 0)
    DBOS.destroy()


if __name__ == "__main__":
    main()
