"""What an expression may cost. The editor shows these; `docs/expressions.md` explains them."""

from typing import Final

MAX_SOURCE: Final = 4_000
"""Characters of source text."""

MAX_NODES: Final = 500
"""Parts (names, literals, operators, calls) of one expression."""

MAX_DEPTH: Final = 32
"""Levels of nesting, and links of one chain such as `a.b.c` or `1 + 2 + 3`."""

MAX_GAS: Final = 100_000
"""Work units of one evaluation. Only loops and operators whose cost depends on size burn any."""

MAX_STRING: Final = 65_536
"""Characters of a string an expression builds."""

MAX_LIST: Final = 10_000
"""Items of a list an expression builds or loops over."""

INT_MIN: Final = -(2**63)
INT_MAX: Final = 2**63 - 1
