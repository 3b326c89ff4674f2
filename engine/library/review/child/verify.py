"""Proof that an edit left a program alone: bytecode, syntax tree, comments, interface.

The levels of evidence, strongest first: ``ast`` (the syntax tree is equal), ``bytecode`` (the
compiled code is equal but for line tables), ``guarded`` (it differs, and every guard holds).
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter
from types import CodeType
from typing import Any

from .complexity import FUNCTIONS
from .imports import imports_of

Signature = tuple[Any, ...]


class Program:
    """A text with the facts that are compared before and after an edit; built when asked for."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.code = compile(text, "<reviewed>", "exec", dont_inherit=True, optimize=0)
        self._tree: ast.Module | None = None
        self._dump = ""
        self._signature: Signature | None = None
        self._comments: Counter[str] | None = None
        self._interface: set[Signature] | None = None

    @property
    def tree(self) -> ast.Module:
        if self._tree is None:
            self._tree = ast.parse(self.text)
        return self._tree

    @property
    def dump(self) -> str:
        """The syntax tree as text, without positions and without the ``u`` of ``u''``."""
        if not self._dump:
            for node in ast.walk(self.tree):
                if isinstance(node, ast.Constant):
                    node.kind = None
            self._dump = ast.dump(self.tree)
        return self._dump

    @property
    def signature(self) -> Signature:
        if self._signature is None:
            self._signature = code_signature(self.code)
        return self._signature

    @property
    def comments(self) -> Counter[str]:
        if self._comments is None:
            self._comments = comments_of(self.text)
        return self._comments

    @property
    def interface(self) -> set[Signature]:
        if self._interface is None:
            self._interface = interface_of(self.tree)
        return self._interface

    def imported_names(self) -> set[str]:
        """Names that imports outside of functions bind in this module."""
        return {
            name["bound"]
            for fact in imports_of(self.tree)
            if fact["scope"] != "function"
            for name in fact["names"]
        }


def evidence(before: Program, after: Program) -> str:
    """The strongest level that holds for going from `before` to `after`."""
    if before.signature != after.signature:
        return "guarded"
    return "ast" if before.dump == after.dump else "bytecode"


def code_signature(code: CodeType) -> Signature:
    """Everything of a code object that running it can show, but for line numbers."""
    return (
        code.co_name,
        code.co_argcount,
        code.co_posonlyargcount,
        code.co_kwonlyargcount,
        code.co_flags,
        code.co_code,
        code.co_names,
        code.co_varnames,
        code.co_freevars,
        code.co_cellvars,
        code.co_exceptiontable,
        tuple(_constant(value) for value in code.co_consts),
    )


def _constant(value: Any) -> Any:
    """A constant with its type: 1, 1.0 and True are equal, and are not the same program."""
    if isinstance(value, CodeType):
        return code_signature(value)
    if isinstance(value, tuple):
        return ("tuple", *map(_constant, value))
    if isinstance(value, frozenset):
        return ("frozenset", *sorted(repr(_constant(item)) for item in value))
    return (type(value).__name__, repr(value))


def comments_of(text: str) -> Counter[str]:
    """The comments that say something, each with how often it occurs."""
    found: Counter[str] = Counter()
    for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
        if token.type == tokenize.COMMENT and token.string.strip("# \t\f\r\n"):
            found[token.string.rstrip()] += 1
    return found


def lost_comments(before: Program, after: Program) -> int:
    return (before.comments - after.comments).total()


def interface_of(tree: ast.Module) -> set[Signature]:
    """What others can see: qualified names, parameters, docstrings and module variables."""
    found: set[Signature] = set()
    pending: list[tuple[list[ast.stmt], str]] = [(tree.body, "")]
    found.add(("doc", "", _docstring(tree)))
    while pending:
        body, prefix = pending.pop()
        for stmt in body:
            if isinstance(stmt, FUNCTIONS):
                name = f"{prefix}{stmt.name}"
                found.add(("def", name, type(stmt).__name__, _parameters(stmt.args)))
                found.add(("doc", name, _docstring(stmt)))
                pending.append((stmt.body, f"{name}."))
            elif isinstance(stmt, ast.ClassDef):
                name = f"{prefix}{stmt.name}"
                found.add(("class", name))
                found.add(("doc", name, _docstring(stmt)))
                pending.append((stmt.body, f"{name}."))
            else:
                if not prefix:
                    found.update(("variable", name) for name in _assigned(stmt))
                pending.extend((block, prefix) for block in _blocks(stmt))
    return found


def _blocks(stmt: ast.stmt) -> list[list[ast.stmt]]:
    parts = [getattr(stmt, name, None) or [] for name in ("body", "orelse", "finalbody")]
    parts.extend(item.body for item in getattr(stmt, "handlers", None) or [])
    parts.extend(item.body for item in getattr(stmt, "cases", None) or [])
    return [part for part in parts if part]


def _docstring(
    node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef,
) -> str | None:
    return ast.get_docstring(node, clean=False)


def _parameters(given: ast.arguments) -> Signature:
    plain = [*given.posonlyargs, *given.args]
    return (
        len(given.posonlyargs),
        tuple(arg.arg for arg in plain),
        len(given.defaults),
        given.vararg.arg if given.vararg else None,
        tuple(
            (arg.arg, default is not None)
            for arg, default in zip(given.kwonlyargs, given.kw_defaults, strict=True)
        ),
        given.kwarg.arg if given.kwarg else None,
    )


def _assigned(stmt: ast.stmt) -> list[str]:
    """Names that a module-level statement binds by assignment."""
    if isinstance(stmt, ast.Assign):
        targets: list[ast.expr] = stmt.targets
    elif isinstance(stmt, (ast.AnnAssign, ast.AugAssign)):
        targets = [stmt.target]
    else:
        return []
    return [n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)]
