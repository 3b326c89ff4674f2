"""`make lock`: write the lock files anew from what was written by hand.

Versions that still fit stay as they are; `--upgrade` takes the newest of what the lock alone chose.
"""

import subprocess
import sys

from tests.supply import environment, locks

HEADER = """\
# Written by `make lock` from {source}: every package, with the hash of each of its files.
# Change {source}, not this.
"""


def run(upgrade: bool) -> int:
    uv = environment.made().program("uv")
    above: list[str] = []
    for name in locks.NAMES:
        path = locks.lock(name)
        command = [
            *(uv, "pip", "compile", "--quiet", "--universal", "--generate-hashes"),
            *("--python-version", locks.OLDEST_PYTHON),
            *("--no-header", "--no-annotate", "--no-emit-index-url", "--no-config"),
            *(["--upgrade"] if upgrade else []),
            *above,
            *(str(locks.source(name).name), "--output-file", str(path.name)),
        ]
        if subprocess.run(command, cwd=locks.ROOT, check=False).returncode:
            print(f"{path.name} is as it was: see above.", file=sys.stderr)
            return 1
        body = path.read_text(encoding="utf-8")
        packages = locks.read(body)
        path.write_text(HEADER.format(source=locks.source(name).name) + body, encoding="utf-8")
        print(
            f"{path.name}: {len(packages)} packages, {sum(len(p.hashes) for p in packages)} hashes"
        )
        # What tests install on top has the versions of the runtime.
        above = ["--constraint", locks.lock("requirements").name]
    return 0
