"""Every guard of the fix loop, each with the real accident that called for it."""

import pytest

from tests.engine.library.rounds import fixed, refusals, review, rules_found


def loop(files: dict[str, str], **settings):
    return review(files=files, quality_threshold=10, **settings)


def one(text: str, path: str = "a.py", **settings) -> str:
    return fixed(loop({path: text}, **settings))[path]


# The five accidents, found by running foreign test suites on fixed code.


def test_an_import_taken_by_a_star_import_elsewhere_stays():
    files = {
        "re/_constants.py": "from _sre import MAXGROUPS\n",
        "re/_parser.py": "from ._constants import *\n\nprint(MAXGROUPS)\n",
    }

    state = loop(files)

    assert fixed(state)["re/_constants.py"] == files["re/_constants.py"]
    assert "imports * from this module" in refusals(state)["re/_constants.py", "F401"]


def test_an_import_in_an_except_branch_stays():
    text = "try:\n    import contextvars\nexcept ImportError:\n    import threading\n"

    assert one(text) == text


def test_the_mark_of_a_re_export_stays_and_so_does_the_import():
    text = "from m import x as x\nimport y as y\n"

    assert one(text) == text


def test_io_open_stays_because_tests_patch_it():
    text = 'import io\n\nwith io.open("x") as f:\n    data = f.read()\n'

    assert one(text) == text


def test_deprecated_unittest_names_stay():
    text = (
        "import unittest\n\n\nclass T(unittest.TestCase):\n"
        "    def test(self):\n        self.assertEquals(1, 1)\n"
    )

    assert one(text, "test_a.py") == text


# The import guard.


@pytest.mark.parametrize(
    "taker",
    [
        "from pkg.a import os\n\nprint(os)\n",
        "from .a import os\n\nprint(os)\n",
        "import pkg.a\n\nprint(pkg.a.os)\n",
        "from pkg import a as alias\n\nprint(alias.os)\n",
        "patch = 'pkg.a.os'\n",
    ],
)
def test_an_import_that_another_file_takes_stays(taker):
    state = loop({"pkg/a.py": "import os\nimport sys\n", "pkg/b.py": taker})

    assert fixed(state)["pkg/a.py"] == "import os\n"
    assert "another file takes this name" in refusals(state)["pkg/a.py", "F401"]


def test_the_same_name_of_another_module_does_not_keep_it():
    files = {"pkg/a.py": "import os\n\nX = 1\n", "pkg/b.py": "import c\n\nprint(c.os)\n"}

    assert fixed(loop(files))["pkg/a.py"] == "\nX = 1\n"


@pytest.mark.parametrize(
    "text",
    [
        "if True:\n    import os\n",
        "class A:\n    import os\n",
        "from m import __version__\n",
        "def _f():\n    try:\n        import os\n    except ImportError:\n        return 1\n",
    ],
)
def test_imports_that_are_there_for_their_effect_stay(text):
    assert one(text) == text


def test_a_package_keeps_the_imports_of_its_init():
    assert one("import os\n", "pkg/__init__.py") == "import os\n"


def test_an_unused_import_within_a_function_goes():
    assert one("def _f():\n    import os\n    return 1\n") == "def _f():\n    return 1\n"


# Comments, interface, proof, debt.


def test_a_comment_is_never_lost():
    text = "def _f(a, b):\n    if a:\n        # why so\n        if b:\n            return 1\n"

    assert "# why so" in one(text)


def test_an_unsafe_fix_is_applied_where_it_is_proven():
    text = "def _f(a, b):\n    if a:\n        if b:\n            return 1\n    return 2\n"

    state = loop({"a.py": text})

    assert "if a and b:" in fixed(state)["a.py"]
    (applied,) = state["passes"][0]["applied"]
    assert (applied["rule"], applied["evidence"]) == ("SIM102", "bytecode")


def test_the_first_group_leaves_bytecode_or_syntax_tree_equal():
    text = "def _f(a):\n    if not a in [1]:\n        return None\n    x = (u'a') ;\n    return x"

    state = loop({"a.py": text})

    assert state["passes"][0]["group"] == "proven"
    assert {fix["evidence"] for fix in state["passes"][0]["applied"]} <= {"ast", "bytecode"}


def test_a_fix_that_would_not_lower_the_debt_is_refused_with_the_reason():
    branches = "".join(f"        elif cell == {n}:\n         return {n}\n" for n in range(2, 6))
    text = (
        "def _f(rows, a, b):\n  for row in rows:\n   if a:\n    for cell in row:\n     if cell:\n"
        "      while b:\n       if a:\n        if cell == 1:\n         return 1\n"
        f"{branches}  return None\n"
    )

    state = loop({"a.py": text})

    assert "elif cell == 2" in fixed(state)["a.py"]
    assert "debt would not fall" in refusals(state)["a.py", "RET505"]


def test_what_was_refused_is_not_tried_again_and_is_shown_as_a_persons():
    state = loop({"a.py": "from m import __version__\n"})

    (issue,) = state["report"]["issues"]
    assert (issue["rule"], issue["fix"]) == ("F401", "unsafe")
    assert "dunder" in issue["fix_refused"]
    assert state["report"]["remaining"]["auto"] == 0
    assert len(state["passes"]) == 1


def test_typing_imports_go_with_the_annotations_that_needed_them():
    text = "from typing import List\n\n\ndef _f(a: List[int]) -> None:\n    print(a)\n"

    assert one(text) == "\n\ndef _f(a: list[int]) -> None:\n    print(a)\n"


def test_modern_syntax_waits_for_the_target_version():
    text = "from typing import TypeAlias\n\nX: TypeAlias = int\n"

    assert one(text, target_version="py310") == text


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_stay_as_they_are(end):
    text = end.join(["import os", "x = 1 ", "y = 2"])

    assert one(text) == end.join(["x = 1", "y = 2", ""])


def test_a_suppressed_finding_is_not_fixed():
    assert one("import os  # noqa: F401\n") == "import os  # noqa: F401\n"


def test_groups_come_in_the_order_of_their_proof():
    text = (
        "from typing import Optional\nimport os\nx = 1 \n\n\n"
        "def _f(a: Optional[int], d: dict):\n    return a in d.keys()\n"
    )

    state = loop({"a.py": text})

    assert [one["group"] for one in state["passes"]] == ["proven", "dead", "modernise", "simplify"]
    assert rules_found(state) == []


def test_it_stops_as_soon_as_the_threshold_is_reached():
    text = "import os\nx = 1 \n"

    state = review(files={"a.py": text}, quality_threshold=7.9)

    assert [one["group"] for one in state["passes"]] == ["proven"]
    assert state["stop_reason"] == "threshold"
    assert fixed(state)["a.py"] == "import os\nx = 1\n"


def test_a_pass_budget_is_kept():
    state = loop({"a.py": "import os\nx = 1 \n"}, max_passes=1)

    assert state["stop_reason"] == "budget"
    assert len(state["passes"]) == 1
