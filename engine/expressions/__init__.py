"""Expressions on edges and in mappings: a documented subset of CEL, metered, in pure Python.

    >>> from engine import expressions
    >>> condition = expressions.compile("quality_score < quality_threshold && tries < 3")
    >>> condition.evaluate({"quality_score": 6.5, "quality_threshold": 8, "tries": 1})
    True
    >>> sorted(condition.names)
    ['quality_score', 'quality_threshold', 'tries']

No text and no state can make an evaluation slow, large or unsafe: source, nesting, work and the
size of what is built are bounded (`limits`), nothing is looked up on Python objects, and every
failure is an ExpressionError with a position, a message and a hint.

    lexer -> parser -> nodes -> compiler (access, operators, loops, functions) -> Expression
"""

from .checking import check, json_problem
from .errors import ExpressionError
from .expression import Expression, compile  # noqa: A004 - named by its use
from .reference import REFERENCE

__all__ = ["REFERENCE", "Expression", "ExpressionError", "check", "compile", "json_problem"]
