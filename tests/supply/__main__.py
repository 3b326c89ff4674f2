"""`python -m tests.supply lock [--upgrade] | audit | sbom [--output FILE]`."""

import argparse
import sys
from pathlib import Path

from tests.supply import audit, locking, sbom


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.supply")
    commands = parser.add_subparsers(dest="command", required=True)
    lock = commands.add_parser("lock", help=locking.__doc__)
    lock.add_argument("--upgrade", action="store_true", help="take the newest versions")
    commands.add_parser("audit", help=audit.__doc__)
    bill = commands.add_parser("sbom", help=sbom.__doc__)
    bill.add_argument("--output", type=Path, help="a file; without it the text is printed")
    options = parser.parse_args()
    if options.command == "lock":
        return locking.run(options.upgrade)
    if options.command == "audit":
        return audit.run()
    if options.output is None:
        print(sbom.text(), end="")
    else:
        options.output.write_text(sbom.text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
