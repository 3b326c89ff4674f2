"""The reference: what cel-expr-python makes of an expression."""

import ctypes
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cel_expr_python import cel
from cel_expr_python.ext.ext_optional import ExtOptional
from cel_expr_python.ext.ext_strings import ExtStrings


@dataclass(frozen=True, slots=True)
class Outcome:
    """A value, or the error text when `ok` is false."""

    ok: bool
    value: Any


class Reference:
    """An environment in which the given names are variables of unknown type."""

    def __init__(self, names: list[str]) -> None:
        _keep_none_alive()
        variables = dict.fromkeys(names, cel.Type.DYN)
        self._env = cel.NewEnv(variables=variables, extensions=[ExtOptional(), ExtStrings()])

    def compile(self, source: str) -> Any:
        """CEL's own compiled expression, without its type check as types are unknown."""
        return self._env.compile(source, disable_check=True)

    def evaluate(self, source: str, names: Mapping[str, Any]) -> Outcome:
        """What CEL gives; a value Python cannot hold (an optional) counts as an error."""
        try:
            value = self.compile(source).eval(data=dict(names))
            plain = value.plain_value()
        except (RuntimeError, TypeError) as error:
            return Outcome(False, str(error))
        return Outcome(False, plain) if str(value.type()) == "ERROR" else Outcome(True, plain)


def _keep_none_alive() -> None:
    """cel-expr-python 0.1.3 drops references to None it never took. Before Python 3.12, where None
    is not immortal, that ends the process after some thousand evaluations, so None gets plenty."""
    if sys.version_info < (3, 12):
        ctypes.c_ssize_t.from_address(id(None)).value += 1 << 40


def same(one: Any, other: Any) -> bool:
    """Equal in value and in type: 1 is not 1.0 and not true, NaN is NaN, -0.0 is not 0.0."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        if math.isnan(one) or math.isnan(other):
            return math.isnan(one) and math.isnan(other)
        return one == other and math.copysign(1, one) == math.copysign(1, other)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return _typed(one) == _typed(other) and all(same(v, other[k]) for k, v in one.items())
    return bool(one == other)


def _typed(mapping: dict[Any, Any]) -> set[tuple[str, Any]]:
    return {(type(key).__name__, key) for key in mapping}
