"""A tool that returns far too much fails its node; the process stays small."""

import json
import subprocess
import sys

import pytest

MIB = 1024 * 1024
PROGRAM = """
import json, resource, sys
from engine import Graph, ToolRegistry, run

kind, effect, isolation = sys.argv[1:]
SIZE = 100 * 1024 * 1024
MADE = {
    "text": lambda: "x" * SIZE,
    "unicode": lambda: "\\u00e9" * (SIZE // 2),
    "list": lambda: ["x" * 1000] * (SIZE // 1000),
    "nested": lambda: {"a": {"b": ["x" * SIZE]}},
    "in place": None,
}

def work(state):
    if kind == "in place":
        state["kept"] = "x" * SIZE
        return None
    return {"result": MADE[kind]()}

registry = ToolRegistry()
registry.register("t", work, effect=effect)
node = {"type": "tool", "tool": "t"}
document = {"format": "treadle/1", "key": "k", "entry": ["a"], "nodes": {"a": node}, "edges": []}
graph = Graph.from_dict(document)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
result = run(graph, {"n": 1}, registry=registry)
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({
    "status": result.status, "code": result.error and result.error.code, "state": result.state,
    "journal": len(json.dumps(result.events)), "grew_mib": (after - before) / 1024,
}))
"""


@pytest.mark.parametrize("kind", ["text", "unicode", "list", "nested", "in place"])
def test_sec_huge_state(kind: str) -> None:
    """100 MiB from a tool, its own value included: less than 150 MiB more memory."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, kind, "pure", ""],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    told = json.loads(done.stdout)

    assert (told["status"], told["code"]) == ("failed", "E_STATE_SIZE")
    assert told["state"] == {"n": 1}
    assert told["journal"] < 10_000
    assert told["grew_mib"] < 150, told
