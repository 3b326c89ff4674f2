"""Fast iterative walks over syntax trees: `ast.walk` spends most of its time on generators."""

from __future__ import annotations

import ast


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes directly inside a node, in the order of its fields, without load/store marks."""
    found: list[ast.AST] = []
    for name in node._fields:
        value = getattr(node, name, None)
        if value.__class__ is list:
            found.extend([item for item in value if isinstance(item, ast.AST)])
        elif isinstance(value, ast.AST) and not isinstance(value, ast.expr_context):
            found.append(value)
    return found


def all_nodes(root: ast.AST) -> list[ast.AST]:
    """The node and everything below it, each once."""
    found = [root]
    for node in found:  # the list grows while it is read
        found.extend(children(node))
    return found
