"""Sizes and complexities of functions, compared with the linter's and counted by hand."""

import json
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from engine.library.review import ruff
from engine.library.review.child.metrics import measure

STDLIB = Path(sysconfig.get_paths()["stdlib"])


def function(text: str) -> dict[str, Any]:
    (found, *_) = measure(text)["functions"]
    return found


@pytest.mark.parametrize(
    "module", ["argparse.py", "tarfile.py", "json/decoder.py", "textwrap.py", "typing.py", "ast.py"]
)
def test_cyclomatic_complexity_equals_the_linters(module):
    config = ["--isolated", "--no-cache", "--select", "C901", "--output-format", "json-lines"]
    option = ["--config", "lint.mccabe.max-complexity=0", "--target-version", "py313"]
    path = STDLIB / module
    argv = [ruff.binary(), "check", *config, *option, "--ignore-noqa", str(path)]
    shown = subprocess.run(argv, capture_output=True, check=False).stdout.splitlines()
    theirs = {}
    for row in map(json.loads, shown):
        place = (row["location"]["row"], row["location"]["column"])
        theirs[place] = int(row["message"].rpartition("(")[2].partition(" ")[0])

    ours = measure(path.read_text("utf-8"))["functions"]

    lines = {line: number for (line, _), number in theirs.items()}
    assert {f["line"]: f["cyclomatic"] for f in ours} == lines
    assert len(ours) == len(theirs) > 5


@pytest.mark.parametrize(
    ("body", "cost"),
    [
        ("return a", 0),
        ("if a:\n        b()", 1),
        ("if a:\n        b()\n    else:\n        c()", 2),
        ("if a:\n        b()\n    elif c:\n        d()\n    else:\n        e()", 3),
        ("if a:\n        b()\n    else:\n        if c:\n            d()", 4),
        ("for x in a:\n        if x:\n            b()", 3),
        ("while a:\n        for x in a:\n            if x:\n                b()", 6),
        ("return a and b and c", 1),
        ("return a and b or c", 2),
        ("return a if b else c", 1),
        ("try:\n        a()\n    except A:\n        if b:\n            c()", 3),
        ("match a:\n        case 1:\n            b()\n        case _:\n            c()", 1),
        ("def g():\n        if a:\n            b()\n    return g", 2),
        ("return f(a)", 1),
        ("return [x for x in a if x]", 0),
    ],
)
def test_cognitive_complexity(body, cost):
    assert function(f"def f(a, b=1, c=2):\n    {body}\n")["cognitive"] == cost


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("def f(): ...", 0),
        ("def f(a, /, b, *, c): ...", 3),
        ("def f(*args, **kwargs): ...", 2),
        ("class A:\n    def f(self, a): ...", 1),
        ("class A:\n    @staticmethod\n    def f(a, b): ...", 2),
    ],
)
def test_parameters_are_those_a_caller_gives(text, count):
    assert function(text)["params"] == count


def test_sizes_leave_docstrings_comments_and_blank_lines_out():
    facts = measure(
        '"""Doc\nof two lines."""\n\n# comment\nx = """\n# no comment\n"""\ny = 2  # yes\n'
    )

    assert facts["lines"] == 4
    assert facts["statements"] == 3


def test_functions_are_named_with_what_they_are_in():
    text = "class A:\n    def f(self):\n        def g():\n            return 1\n        return g\n"

    found = measure(text)["functions"]

    assert [f["name"] for f in found] == ["A.f", "A.f.g"]
    assert [f["statements"] for f in found] == [3, 1]
    assert [f["returns"] for f in found] == [1, 1]
    assert [f["nesting"] for f in found] == [0, 0]


def test_an_operator_without_a_call_has_no_effect():
    facts = measure("x + 1\n-y\nx + f()\nx == y\n'é'; a * b\n")

    assert facts["no_effect"] == [[1, 1, 1, 6], [2, 1, 2, 3], [5, 6, 5, 11]]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("x = 1", "ok"),
        ("x = (", "unparsed"),
        ("return 1", "syntax"),
        ("def f():\n    nonlocal x\n", "syntax"),
        ("(" * 300 + ")" * 300, "too_deep"),
        ("a" + ".b" * 9000, "too_deep"),
        ("".join(" " * i + "if x:\n" for i in range(120)) + " " * 120 + "pass\n", "too_deep"),
    ],
)
def test_status(text, status):
    assert measure(text)["status"] == status
