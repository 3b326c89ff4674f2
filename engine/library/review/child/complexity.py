"""Cyclomatic and cognitive complexity and nesting of one function, from its syntax tree.

The walks over expressions are iterative, so that a long chain of operators cannot exhaust the
stack; the walks over statements recurse, and CPython itself allows at most 100 levels of those.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .walk import children

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
LOOPS = (ast.For, ast.AsyncFor, ast.While)
WITHS = (ast.With, ast.AsyncWith)
TRIES: tuple[type[ast.stmt], ...] = (ast.Try, ast.TryStar)


def blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """The statement lists directly inside a statement, in source order."""
    for name in ("body", "handlers", "orelse", "finalbody", "cases"):
        part = getattr(node, name, None)
        if not isinstance(part, list) or not part:
            continue
        if name in ("handlers", "cases"):
            for item in part:
                yield item.body
        else:
            yield part


def is_elif(outer: ast.If) -> bool:
    """Whether the else branch of `outer` is an ``elif``, not an ``else:`` holding an ``if``."""
    branch = outer.orelse
    return (
        len(branch) == 1
        and isinstance(branch[0], ast.If)
        and branch[0].col_offset == outer.col_offset
    )


def cyclomatic(body: list[ast.stmt]) -> int:
    """McCabe's number as ruff's C901 counts it, without the function's own 1."""
    total = 0
    for stmt in body:
        if isinstance(stmt, (ast.If, *LOOPS, *FUNCTIONS)):
            total += 1
        elif isinstance(stmt, TRIES):
            total += len(stmt.handlers) + bool(stmt.orelse)  # type: ignore[attr-defined]
        elif isinstance(stmt, ast.Match):
            total += len(stmt.cases) - _has_catch_all(stmt)
        for inner in blocks(stmt):
            total += cyclomatic(inner)
    return total


def _has_catch_all(stmt: ast.Match) -> bool:
    last = stmt.cases[-1]
    return (
        last.guard is None
        and isinstance(last.pattern, ast.MatchAs)
        and last.pattern.pattern is None
    )


def nesting(body: list[ast.stmt], depth: int = 0) -> int:
    """The deepest level of compound statements; nested functions and classes start anew."""
    deepest = depth
    for stmt in body:
        if isinstance(stmt, (*FUNCTIONS, ast.ClassDef)):
            continue
        if isinstance(stmt, ast.If) and is_elif(stmt):
            deepest = max(deepest, nesting(stmt.body, depth + 1), nesting(stmt.orelse, depth))
            continue
        for inner in blocks(stmt):
            deepest = max(deepest, nesting(inner, depth + 1))
    return deepest


def cognitive(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Cognitive complexity: each break of the linear flow costs 1 and its depth of nesting."""
    counter = _Cognitive(function.name)
    counter.block(function.body, 0)
    return counter.total + counter.recursive


class _Cognitive:
    def __init__(self, name: str) -> None:
        self.name = name
        self.total = 0
        self.recursive = 0

    def block(self, body: list[ast.stmt], level: int) -> None:
        for stmt in body:
            self.statement(stmt, level)

    def statement(self, stmt: ast.stmt, level: int) -> None:
        if isinstance(stmt, ast.If):
            self.total += 1 + level
            self.branches(stmt, level)
        elif isinstance(stmt, LOOPS):
            self.loop(stmt, level)
        elif isinstance(stmt, TRIES):
            self.attempt(stmt, level)
        elif isinstance(stmt, ast.Match):
            self.total += 1 + level
            self.expressions(stmt, level)
            for case in stmt.cases:
                self.block(case.body, level + 1)
        else:
            self.expressions(stmt, level)
            deeper = level + 1 if isinstance(stmt, FUNCTIONS) else level
            for inner in blocks(stmt):
                self.block(inner, deeper)

    def branches(self, stmt: ast.If, level: int) -> None:
        """An if and its elifs and else; an elif costs 1 whatever its depth."""
        self.expression(stmt.test, level)
        self.block(stmt.body, level + 1)
        while is_elif(stmt):
            stmt = stmt.orelse[0]  # type: ignore[assignment]
            self.total += 1
            self.expression(stmt.test, level)
            self.block(stmt.body, level + 1)
        if stmt.orelse:
            self.total += 1
            self.block(stmt.orelse, level + 1)

    def loop(self, stmt: ast.For | ast.AsyncFor | ast.While, level: int) -> None:
        self.total += 1 + level
        self.expressions(stmt, level)
        self.block(stmt.body, level + 1)
        if stmt.orelse:
            self.total += 1
            self.block(stmt.orelse, level + 1)

    def attempt(self, stmt: ast.stmt, level: int) -> None:
        self.block(stmt.body, level)  # type: ignore[attr-defined]
        for handler in stmt.handlers:  # type: ignore[attr-defined]
            self.total += 1 + level
            self.block(handler.body, level + 1)
        self.block(stmt.orelse, level)  # type: ignore[attr-defined]
        self.block(stmt.finalbody, level)  # type: ignore[attr-defined]

    def expressions(self, stmt: ast.stmt, level: int) -> None:
        for child in children(stmt):
            if not isinstance(child, (ast.stmt, ast.ExceptHandler, ast.match_case)):
                self.expression(child, level)

    def expression(self, node: ast.AST, level: int) -> None:
        pending = [(node, level)]
        while pending:
            node, level = pending.pop()
            if isinstance(node, ast.BoolOp):
                self.total += 1
            elif isinstance(node, ast.IfExp):
                self.total += 1 + level
                level += 1
            elif isinstance(node, ast.Lambda):
                level += 1
            elif isinstance(node, ast.Call) and self.calls_itself(node.func):
                self.recursive = 1
            pending += [(child, level) for child in children(node)]

    def calls_itself(self, called: ast.expr) -> bool:
        if isinstance(called, ast.Name):
            return called.id == self.name
        return (
            isinstance(called, ast.Attribute)
            and called.attr == self.name
            and isinstance(called.value, ast.Name)
            and called.value.id in ("self", "cls")
        )
