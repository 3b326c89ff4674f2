"""`make audit`: look up the locked packages in a public list of known holes.

pip-audit asks a service on the internet. A machine that may not reach it learns that nothing was
looked up: never that nothing was found.
"""

import json
import subprocess
import sys

from tests.supply import environment, locks

FOUND, UNREACHABLE = 1, 2


def run() -> int:
    """0: looked up, nothing known. 1: holes are known. 2: nothing could be looked up."""
    program = environment.made().program("pip-audit")
    worst = 0
    for name in locks.NAMES:
        file = locks.lock(name)
        done = subprocess.run(
            [program, "--requirement", str(file), *_OPTIONS],
            capture_output=True,
            text=True,
            check=False,
        )
        said, code = verdict(file.name, done.stdout, done.stderr)
        print(said, file=sys.stderr if code else sys.stdout)
        worst = max(worst, code)
    return worst


_OPTIONS = ("--require-hashes", "--disable-pip", "--format", "json", "--progress-spinner", "off")


def verdict(file: str, out: str, err: str) -> tuple[str, int]:
    """What pip-audit's answer means, as text and exit code."""
    try:
        packages = json.loads(out)["dependencies"]
    except (ValueError, KeyError, TypeError):
        why = err.strip().splitlines()[-1:] or ["it said nothing"]
        return (
            f"{file}: NOT AUDITED. The service with the known holes could not be asked"
            f" ({why[0][:300]}). Run this where the internet can be reached.",
            UNREACHABLE,
        )
    passed_over = [package for package in packages if "skip_reason" in package]
    holes = [
        f"  {package['name']} {package['version']}: {hole['id']}"
        f" (mended in {', '.join(hole['fix_versions']) or 'no version yet'})"
        for package in packages
        for hole in package.get("vulns", [])
    ]
    if holes:
        return "\n".join([f"{file}: {len(holes)} known holes", *holes]), FOUND
    if passed_over:
        why = passed_over[0]["skip_reason"]
        return (
            f"{file}: NOT AUDITED: {len(passed_over)} of {len(packages)} packages were passed over"
            f" ({why[:300]}). Run this where the internet can be reached.",
            UNREACHABLE,
        )
    return f"{file}: no known hole in {len(packages)} packages", 0
