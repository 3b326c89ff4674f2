"""The evaluator never reaches Python through a value or a text."""

import ast
import threading
from pathlib import Path
from typing import Any

import pytest

from engine import expressions
from engine.expressions import ExpressionError, limits

FOLDER = Path(expressions.__file__).parent
SAYING = [FOLDER.parent / "said.py", FOLDER.parent / "readable.py"]
FORBIDDEN = {
    "eval", "exec", "compile", "getattr", "setattr", "delattr", "vars", "globals", "locals",
    "__import__", "open", "input", "breakpoint", "hasattr", "dir", "attrgetter", "methodcaller",
}  # fmt: skip


@pytest.mark.parametrize(
    "path", [*sorted(FOLDER.glob("*.py")), *SAYING], ids=lambda path: path.name
)
def test_no_module_calls_a_door_to_python(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))

    called = {
        node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Attribute))
    }

    # `compile` here is our own function, `re.compile`, or a method of our compiler.
    allowed = {"compile"} if path.name in {"checking.py", "lexer.py", "functions.py"} else set()
    if path.name in {"compiler.py", "expression.py", "readable.py"}:
        allowed = {"compile"}
    assert called & FORBIDDEN <= allowed


def test_the_compile_that_is_called_is_our_own() -> None:
    from engine.expressions import checking, expression

    assert checking.compile is expression.compile
    assert expression.compile.__module__ == "engine.expressions.expression"


def test_no_module_imports_more_than_it_needs() -> None:
    allowed = {
        "collections", "dataclasses", "decimal", "difflib", "enum", "functools", "itertools",
        "math", "operator", "re", "typing", "unicodedata", "engine.said",
        "engine.readable",
    }  # fmt: skip
    imported: set[str] = set()
    for path in (*FOLDER.glob("*.py"), *SAYING):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                module = str(node.module)
                imported.add(module if module.startswith("engine.") else module.split(".")[0])

    assert imported <= allowed


class Watched(dict[str, Any]):
    """A map that tells which of its methods are used."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.used: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        self.used.add("[]")
        return super().__getitem__(key)

    def __iter__(self) -> Any:
        self.used.add("iter")
        return super().__iter__()

    def items(self) -> Any:
        self.used.add("items")
        return super().items()

    def copy(self) -> Any:
        self.used.add("copy")
        return super().copy()


def test_names_are_only_looked_up_never_copied_or_walked() -> None:
    names = Watched({"a": 1, "m": {"b": 2}, "l": [1, 2]})

    expressions.compile("a < 2 && m.b == 2 && l.all(x, x > 0) && has(m.b)").evaluate(names)

    assert names.used == {"[]"}


def test_only_what_is_read_is_looked_up() -> None:
    class Strict(dict[str, Any]):
        def __getitem__(self, key: str) -> Any:
            assert key == "a"
            return super().__getitem__(key)

    assert expressions.compile("a == 1").evaluate(Strict({"a": 1, "b": 2})) is True


def test_many_threads_share_one_expression() -> None:
    expression = expressions.compile("l.map(x, l.filter(y, y < x).size()).map(z, z + k)")
    wrong: list[Any] = []

    def work(k: int) -> None:
        for _ in range(50):
            found = expression.evaluate({"l": list(range(20)), "k": k})
            if found != [n + k for n in range(20)]:
                wrong.append(found)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not wrong


def test_gas_is_not_spent_by_simple_conditions() -> None:
    source = " && ".join(["a < b || m.c == 'x'"] * 30)
    assert len(source) < limits.MAX_SOURCE

    frame = [0]
    value = expressions.compile(source)._run({"a": 1, "b": 2, "m": {"c": "y"}}, frame)

    assert value is True
    assert frame == [0]


def test_every_limit_holds_at_its_edge() -> None:
    fits = {
        "depth": "(" * 31 + "1" + ")" * 31,
        "chain": "+".join(["1"] * limits.MAX_DEPTH),
        "source": "1" + " " * (limits.MAX_SOURCE - 1),
        "string": f"size(s + 'b') == {limits.MAX_STRING}",
        "list": f"size(l + [1]) == {limits.MAX_LIST}",
        "parts": "[" + ",".join(["1"] * (limits.MAX_NODES - 1)) + "]",
    }
    over = {
        "depth": "(" * 32 + "1" + ")" * 32,
        "chain": "+".join(["1"] * (limits.MAX_DEPTH + 1)),
        "source": "1" + " " * limits.MAX_SOURCE,
        "string": "s + 'bc'",
        "list": "l + [1, 2]",
        "parts": "[" + ",".join(["1"] * limits.MAX_NODES) + "]",
    }
    names = {"s": "a" * (limits.MAX_STRING - 1), "l": [0] * (limits.MAX_LIST - 1)}

    for source in fits.values():
        expressions.compile(source).evaluate(names)
    for source in over.values():
        with pytest.raises(ExpressionError):
            expressions.compile(source).evaluate(names)
