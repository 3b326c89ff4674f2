"""What a module imports and what it takes from others: the facts behind the import guard.

Removing an unused import is only safe when nobody else takes the name from this module. One file
cannot know that, so each file tells its imports and the dotted names it refers to, and the parent
puts the files of a batch side by side.
"""

from __future__ import annotations

import ast
import re
from itertools import pairwise
from typing import Any

_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)+")
_LONGEST_DOTTED = 200
"""Characters of a string literal above which it is prose, not the name of an object."""

CONDITIONAL = (ast.If, ast.Try, ast.TryStar, ast.With, ast.AsyncWith, ast.For, ast.While, ast.Match)


def imports_of(tree: ast.Module) -> list[dict[str, Any]]:
    """Every import statement: {line, end_line, scope, module, names: [{name, asname, bound}]}.

    `scope` is ``module``, ``function``, or ``guarded``: under a condition, a try or a class, where
    the import is there for its effect or as an alternative.
    """
    found: list[dict[str, Any]] = []
    pending: list[tuple[list[ast.stmt], str]] = [(tree.body, "module")]
    while pending:
        body, scope = pending.pop()
        for stmt in body:
            if isinstance(stmt, (ast.Import, ast.ImportFrom)):
                found.append(_import_fact(stmt, scope))
                continue
            inner_scope = _inner_scope(stmt, scope)
            pending.extend((block, inner_scope) for block in _blocks(stmt))
    return sorted(found, key=lambda fact: (fact["line"], fact["names"][0]["bound"]))


def _inner_scope(stmt: ast.stmt, scope: str) -> str:
    if isinstance(stmt, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return "function"
    if isinstance(stmt, (ast.Try, ast.TryStar)):
        return "guarded"
    if isinstance(stmt, (*CONDITIONAL, ast.ClassDef)):
        return scope if scope == "function" else "guarded"
    return scope


def _blocks(stmt: ast.stmt) -> list[list[ast.stmt]]:
    parts = [getattr(stmt, name, None) or [] for name in ("body", "orelse", "finalbody")]
    parts.extend(item.body for item in getattr(stmt, "handlers", None) or [])
    parts.extend(item.body for item in getattr(stmt, "cases", None) or [])
    return [part for part in parts if part and isinstance(part, list)]


def _import_fact(stmt: ast.Import | ast.ImportFrom, scope: str) -> dict[str, Any]:
    module = ""
    if isinstance(stmt, ast.ImportFrom):
        module = "." * stmt.level + (stmt.module or "")
    return {
        "line": stmt.lineno,
        "end_line": stmt.end_lineno or stmt.lineno,
        "scope": scope,
        "module": module,
        "names": [
            {
                "name": alias.name,
                "asname": alias.asname,
                "bound": alias.asname or alias.name.split(".")[0],
            }
            for alias in stmt.names
        ],
    }


def references_of(nodes: list[ast.AST], imports: list[dict[str, Any]]) -> dict[str, Any]:
    """What this file takes from other modules: {stars: [module stem], pairs: [[stem, name]]}.

    A pair says "some dotted name here contains `stem.name`"; aliases are resolved first. It is
    deliberately wider than Python's own lookup: a pair too many only keeps an import.
    """
    aliases: dict[str, str] = {}
    stars: set[str] = set()
    pairs: set[tuple[str, str]] = set()
    for fact in imports:
        for name in fact["names"]:
            _note_import(fact["module"], name, aliases, stars, pairs)
    for node in nodes:
        if isinstance(node, ast.Attribute):
            _add_pairs(_resolved_chain(node, aliases), pairs)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
            if "." in text and len(text) <= _LONGEST_DOTTED and _DOTTED.fullmatch(text):
                _add_pairs(text, pairs)
    return {"stars": sorted(stars), "pairs": sorted(map(list, pairs))}


def _note_import(
    module: str,
    name: dict[str, Any],
    aliases: dict[str, str],
    stars: set[str],
    pairs: set[tuple[str, str]],
) -> None:
    dotted = module.lstrip(".")
    if name["name"] == "*":
        stars.add(dotted.rpartition(".")[2])
        return
    full = f"{dotted}.{name['name']}" if dotted else name["name"]
    _add_pairs(full, pairs)
    if name["asname"] or module:
        aliases[name["bound"]] = full
    else:
        aliases[name["bound"]] = name["bound"]


def _resolved_chain(node: ast.Attribute, aliases: dict[str, str]) -> str:
    """`a.b.c` with an imported root written out; an empty string for anything else."""
    parts: list[str] = []
    value: ast.expr = node
    while isinstance(value, ast.Attribute) and len(parts) < 32:
        parts.append(value.attr)
        value = value.value
    if not isinstance(value, ast.Name) or value.id not in aliases:
        return ""
    return ".".join([aliases[value.id], *reversed(parts)])


def _add_pairs(dotted: str, pairs: set[tuple[str, str]]) -> None:
    segments = dotted.split(".")
    pairs.update(pairwise(segments))
