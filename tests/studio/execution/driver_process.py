"""A process that drives runs until it is killed: `python -m tests.studio.execution.driver_process`.

Uses the product's settings on the database its environment names. Prints "ready" once it drives.
"""

import sys
import threading

import django


def main() -> None:
    django.setup()
    from studio.execution.service import service
    from tests.studio import tools  # noqa: F401 - registers the tools of the tests

    service().start()
    sys.stderr.write("ready\n")
    sys.stderr.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main()
