"""`python -m tests.bench [NAME …] [--rounds N]`; without a NAME all of them, one after the other.

expressions: the expression language beside CEL. engine: in memory beside LangGraph and Burr.
durable: each step on the disk, beside LangGraph's SqliteSaver and DBOS. memory: what runs that wait
hold. watchers: a thousand on one run.
review: how soon others are answered while code is reviewed. http: requests beside the demo.
browser: large graphs in Chromium, beside stock React Flow.

TREADLE_BENCH_DEMO names the folder of the demo (the one that holds `app/`); without it the demo is
left out. TREADLE_BENCH_JSON names a folder for the figures as JSON. Run it on a quiet machine.
"""

import argparse
import subprocess
import sys

from . import venv

BESIDE_PEERS = {
    "expressions": True,
    "engine": True,
    "durable": False,
    "memory": False,
    "watchers": False,
    "review": False,
    "http": False,
    "browser": False,
}
"""Whether the bench runs inside the peers' environment, or in the studio's beside it."""


def main() -> int:
    """Run the benches that were asked for, each in a process of its own."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BESIDE_PEERS))
    parser.add_argument("--rounds", type=int, default=None, help="rounds of each subject")
    options = parser.parse_args()
    unknown = set(options.names) - set(BESIDE_PEERS)
    if unknown:
        parser.error(f"no such bench: {', '.join(sorted(unknown))}")
    venv.make()
    rounds = [] if options.rounds is None else [str(options.rounds)]
    status = 0
    for name in options.names or BESIDE_PEERS:
        interpreter = venv.python() if BESIDE_PEERS[name] else sys.executable
        command = [interpreter, "-m", f"tests.bench.{name}", *rounds]
        status = subprocess.run(command, cwd=venv.ROOT, check=False).returncode or status
    return status


if __name__ == "__main__":
    sys.exit(main())
