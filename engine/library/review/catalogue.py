"""The frozen rule catalogue: what each rule is, what a finding of it weighs, who may fix it.

Frozen, because the linter changes its own default set between minor versions, and a score that
moves with an upgrade is no measure. `catalogue.json` lists ruff's rules; the rules of our own
syntax-tree pass are listed here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from types import MappingProxyType
from typing import Any

GROUPS = ("proven", "dead", "modernise", "simplify")
"""The fix groups in the order of the strength of their proof."""

CATEGORIES = (
    "syntax", "bug", "security", "deadcode", "complexity", "simplify", "maintain", "modernise",
    "style", "layout", "todo", "docs", "limit",
)  # fmt: skip

NOT_COMPILABLE = frozenset({"F701", "F702", "F704", "F706", "F707", "F404", "F622"})
"""Rules of errors that parse and do not compile: such a file counts as a syntax error."""

OVERLAPS: tuple[frozenset[str], ...] = (
    frozenset({"E722", "BLE001", "S110", "S112", "SIM105"}),
    frozenset({"F841", "RUF059"}),
    frozenset({"S608", "UP031", "UP032"}),
)
"""Rules that speak of one and the same mistake; on one spot only the heaviest is counted."""


@dataclass(frozen=True, slots=True)
class Rule:
    code: str
    name: str
    category: str
    severity: str
    weight: float
    """How many lines of good code one finding outweighs."""
    fix_group: str | None
    promoted: bool
    """Applied although ruff calls it unsafe, if and only if the result is proven equal."""
    overlap: int | None
    url: str | None


OWN_RULES: tuple[Rule, ...] = tuple(
    Rule(code, name, category, severity, weight, None, promoted=False, overlap=None, url=None)
    for code, name, category, severity, weight in (
        ("TR001", "no-effect", "deadcode", "minor", 8.0),
        ("TR101", "too-complex", "complexity", "minor", 0.0),
        ("TR102", "too-long", "complexity", "minor", 0.0),
        ("TR103", "too-many-parameters", "complexity", "minor", 0.0),
        ("TR104", "too-deeply-nested", "complexity", "minor", 0.0),
        ("TR900", "not-compilable", "syntax", "blocker", 0.0),
        ("TR901", "not-decodable", "syntax", "blocker", 0.0),
        ("TR902", "not-analysed", "limit", "info", 0.0),
    )
)
"""TR101 to TR104 carry the weight of the function they are about; a blocker makes the score 0."""


@cache
def rules() -> Mapping[str, Rule]:
    """All rules by code."""
    document = _document()
    found = {rule.code: rule for rule in OWN_RULES}
    for fact in document["rules"]:
        code = fact["code"]
        found[code] = Rule(
            code=code,
            name=fact["name"],
            category=fact["category"],
            severity=fact["severity"],
            weight=float(fact["weight"] or 0),
            fix_group=fact["fix_group"],
            promoted=fact["promoted"],
            overlap=next((i for i, group in enumerate(OVERLAPS) if code in group), None),
            url=f"https://docs.astral.sh/ruff/rules/{fact['name']}",
        )
    return MappingProxyType(found)


@cache
def _document() -> dict[str, Any]:
    text = files("engine.library.review").joinpath("catalogue.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


@cache
def ruff_codes() -> tuple[str, ...]:
    return tuple(sorted(fact["code"] for fact in _document()["rules"]))


@cache
def profile_hash() -> str:
    """Names the catalogue in caches and reports."""
    facts = [repr(rule) for _, rule in sorted(rules().items())]
    return sha256("\n".join(facts).encode()).hexdigest()[:16]
