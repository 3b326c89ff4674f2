"""One file's facts: can it be compiled, how big is it, what are its functions like."""

from __future__ import annotations

import ast
import sys
from typing import Any

from .complexity import FUNCTIONS, cognitive, cyclomatic, nesting
from .imports import imports_of, references_of
from .walk import all_nodes, children

TOO_DEEP_WORDS = ("too many nested", "too many levels of indentation", "nested too deeply")
"""What CPython says, as a SyntaxError, when valid syntax is only too deep for its parser."""


MAX_NAME_CHARS = 200
"""Of a qualified name; hostile code has names as long as the file."""
_SIMPLE = (ast.Assign, ast.Expr, ast.Return, ast.AugAssign, ast.AnnAssign, ast.Pass, ast.Raise)
"""The most frequent statements that have no statements inside."""


def measure(text: str) -> dict[str, Any]:
    """Parse, compile and measure `text`: {status, error, …}; never raises for bad text.

    Status: ``ok``; ``unparsed`` (a SyntaxError: perhaps newer syntax than this Python's);
    ``syntax`` (it parses, but cannot be compiled); ``too_deep``.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        return _failure(error, "unparsed")
    except (RecursionError, MemoryError):
        return _too_deep()
    try:
        nodes = all_nodes(tree)
        compile(text, "<reviewed>", "exec", dont_inherit=True, optimize=0)
    except (SyntaxError, ValueError) as error:
        return _failure(error, "syntax")
    except (RecursionError, MemoryError):
        return _too_deep()
    usual = sys.getrecursionlimit()
    # Only for the walks below, which are Python frames; the compiler keeps its own lower limit.
    sys.setrecursionlimit(4 * usual)
    try:
        return _facts(text, tree, nodes)
    except (RecursionError, MemoryError):
        return _too_deep()
    finally:
        sys.setrecursionlimit(usual)


def _failure(error: SyntaxError | ValueError, status: str) -> dict[str, Any]:
    message = getattr(error, "msg", None) or str(error)
    if any(words in message for words in TOO_DEEP_WORDS):
        status = "too_deep"
    line, column = getattr(error, "lineno", None), getattr(error, "offset", None)
    return {
        "status": status,
        "error": {"line": max(line or 1, 1), "column": max(column or 1, 1), "message": message},
    }


def _too_deep() -> dict[str, Any]:
    message = "the code is nested too deeply to be compiled or analysed"
    return {"status": "too_deep", "error": {"line": 1, "column": 1, "message": message}}


def _facts(text: str, tree: ast.Module, nodes: list[ast.AST]) -> dict[str, Any]:
    survey = _Survey(text)
    survey.module(tree, nodes)
    imports = imports_of(tree)
    return {
        "status": "ok",
        "error": None,
        "lines": survey.code_lines(),
        "statements": survey.statement_count,
        "functions": survey.functions,
        "no_effect": survey.no_effect,
        "imports": imports,
        "references": references_of(nodes, imports),
    }


class _Survey:
    """One walk over a module that collects functions, sizes and statements without effect."""

    def __init__(self, text: str) -> None:
        self.lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self.functions: list[dict[str, Any]] = []
        self.no_effect: list[list[int]] = []
        self.statement_count = 0
        self.docstring_lines: set[int] = set()
        self.string_lines: set[int] = set()

    def module(self, tree: ast.Module, nodes: list[ast.AST]) -> None:
        self.docstring(tree)
        self.block(tree.body, "", in_class=False)
        for node in nodes:
            # The inner lines of a long string may look like comments and are none.
            if isinstance(node, (ast.Constant, ast.JoinedStr)):
                self.string_lines.update(range(node.lineno + 1, (node.end_lineno or 0) + 1))

    def block(self, body: list[ast.stmt], prefix: str, *, in_class: bool) -> int:
        """Walk statements, note what is found, return how many statements there are."""
        count = 0
        for stmt in body:
            count += 1
            self.statement_count += 1
            count += self.statement(stmt, prefix, in_class=in_class)
        return count

    def statement(self, stmt: ast.stmt, prefix: str, *, in_class: bool) -> int:
        if isinstance(stmt, FUNCTIONS):
            return self.function(stmt, prefix, in_class=in_class)
        if isinstance(stmt, ast.ClassDef):
            self.docstring(stmt)
            return self.block(stmt.body, f"{prefix}{stmt.name[:MAX_NAME_CHARS]}.", in_class=True)
        if isinstance(stmt, ast.Expr) and has_no_effect(stmt.value):
            self.no_effect.append(self.place(stmt))
        if isinstance(stmt, _SIMPLE):
            return 0
        count = 0
        for name in ("body", "orelse", "finalbody"):
            count += self.block(getattr(stmt, name, None) or [], prefix, in_class=in_class)
        for part in (*getattr(stmt, "handlers", ()), *getattr(stmt, "cases", ())):
            count += self.block(part.body, prefix, in_class=in_class)
        return count

    def function(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, prefix: str, *, in_class: bool
    ) -> int:
        name = (prefix + node.name)[:MAX_NAME_CHARS]
        record: dict[str, Any] = {"name": name, "line": node.lineno}
        record["column"] = self.characters(node.lineno, node.col_offset) + 1
        self.functions.append(record)
        has_docstring = self.docstring(node)
        count = self.block(node.body, f"{name}.", in_class=False)
        end = node.end_lineno or node.lineno
        record.update(
            end_line=end,
            params=_parameter_count(node, in_class=in_class),
            statements=count - has_docstring,
            returns=_return_count(node),
            docstring=has_docstring,
            cyclomatic=cyclomatic(node.body) + 1,
            cognitive=cognitive(node),
            nesting=nesting(node.body),
            length=end - node.lineno + 1,
        )
        record["async"] = isinstance(node, ast.AsyncFunctionDef)
        return count

    def docstring(
        self, node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    ) -> bool:
        first = node.body[0] if node.body else None
        if not (
            isinstance(first, ast.Expr)
            and isinstance(first.value, ast.Constant)
            and isinstance(first.value.value, str)
        ):
            return False
        self.docstring_lines.update(range(first.lineno, (first.end_lineno or first.lineno) + 1))
        return True

    def place(self, node: ast.stmt) -> list[int]:
        """[line, column, end line, end column] from 1, columns in characters (ast has bytes)."""
        end_line, end_byte = node.end_lineno or node.lineno, node.end_col_offset or 0
        start = self.characters(node.lineno, node.col_offset)
        return [node.lineno, start + 1, end_line, self.characters(end_line, end_byte) + 1]

    def characters(self, line: int, byte_offset: int) -> int:
        return len(self.lines[line - 1].encode()[:byte_offset].decode())

    def code_lines(self) -> int:
        """Lines that are neither blank, nor a comment, nor part of a docstring."""
        count = 0
        for number, line in enumerate(self.lines, 1):
            bare = line.strip()
            if not bare or number in self.docstring_lines:
                continue
            if bare.startswith("#") and number not in self.string_lines:
                continue
            count += 1
        return count


def has_no_effect(value: ast.expr) -> bool:
    """Whether an expression statement only computes: an operator, and no call inside it."""
    if not isinstance(value, (ast.BinOp, ast.UnaryOp)):
        return False
    acts = (ast.Call, ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)
    return not any(isinstance(node, acts) for node in all_nodes(value))


def _parameter_count(node: ast.FunctionDef | ast.AsyncFunctionDef, *, in_class: bool) -> int:
    """Parameters a caller has to think about: without self or cls, *args counting as one."""
    given = node.args
    positional = len(given.posonlyargs) + len(given.args)
    static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in node.decorator_list)
    if in_class and positional and not static:
        positional -= 1
    return positional + len(given.kwonlyargs) + bool(given.vararg) + bool(given.kwarg)


def _return_count(node: ast.AST) -> int:
    """Return statements of the function itself, not of functions inside it."""
    count = 0
    pending = children(node)
    while pending:
        child = pending.pop()
        if isinstance(child, ast.Return):
            count += 1
        elif isinstance(child, (ast.stmt, ast.ExceptHandler, ast.match_case)) and not isinstance(
            child, (*FUNCTIONS, ast.ClassDef)
        ):
            pending.extend(children(child))
    return count
