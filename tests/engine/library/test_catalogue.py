"""The rule catalogue: complete, consistent, and known to the linter that is pinned."""

import json
import subprocess
from collections import Counter
from functools import cache
from importlib.resources import files
from typing import Any

import pytest

from engine.library.review import ruff
from engine.library.review.advice import BY_CATEGORY, BY_RULE, advice
from engine.library.review.catalogue import (
    CATEGORIES,
    GROUPS,
    OVERLAPS,
    OWN_RULES,
    ruff_codes,
    rules,
)


@cache
def document() -> dict[str, Any]:
    text = files("engine.library.review").joinpath("catalogue.json").read_text("utf-8")
    return json.loads(text)


def test_it_has_517_rules_of_the_linter_each_once():
    codes = [fact["code"] for fact in document()["rules"]]

    assert len(codes) == len(set(codes)) == 517
    assert codes == sorted(codes)


def test_with_the_rule_for_statements_without_effect_they_are_518():
    findings = [rule for rule in rules().values() if rule.category not in ("complexity", "limit")]

    assert len([rule for rule in findings if not rule.code.startswith("TR9")]) == 518


def test_it_was_made_for_the_linter_that_is_installed():
    assert document()["ruff"] == ruff.version()


def test_the_linter_knows_every_rule_by_the_same_name():
    shown = subprocess.run(
        [ruff.binary(), "rule", "--all", "--output-format", "json"],
        capture_output=True, check=True,
    )  # fmt: skip
    known = {rule["code"]: rule["name"] for rule in json.loads(shown.stdout)}

    assert {code: rules()[code].name for code in ruff_codes()} == {
        code: known[code] for code in ruff_codes()
    }


def test_every_rule_has_a_known_category_and_group():
    for rule in rules().values():
        assert rule.category in CATEGORIES
        assert rule.fix_group in (None, *GROUPS)


@pytest.mark.parametrize(
    ("severity", "weights"),
    [
        ("error", {60.0}),
        ("high", {60.0}),
        ("medium", {30.0}),
        ("low", {8.0}),
        ("suspicious", {25.0}),
        ("style", {4.0}),
        ("layout", {2.0}),
        ("blocker", {0.0}),
        ("minor", {8.0, 4.0, 2.0, 1.0}),
    ],
)
def test_weights_follow_severity(severity: str, weights: set[float]):
    linted = [rules()[code] for code in ruff_codes()]

    assert {rule.weight for rule in linted if rule.severity == severity} == weights


def test_97_fixes_less_the_double_one_are_in_groups():
    groups = Counter(rule.fix_group for rule in rules().values() if rule.fix_group)

    assert groups == {"proven": 25, "dead": 9, "modernise": 33, "simplify": 29}


@pytest.mark.parametrize(
    "code",
    [
        *("F632", "PLW0245", "TRY400", "LOG009", "PLR1730", "FURB136", "PLR1733"),
        *("PLC0414", "UP020", "UP005"),
    ],
)
def test_fixes_that_change_behaviour_or_mislead_are_in_no_group(code: str):
    assert code not in rules() or rules()[code].fix_group is None


def test_only_three_unsafe_fixes_are_promoted_and_all_need_proof():
    promoted = {rule.code: rule.fix_group for rule in rules().values() if rule.promoted}

    assert promoted == {"ISC004": "proven", "PLR5501": "proven", "SIM102": "proven"}


def test_a_rule_is_in_at_most_one_overlap_group():
    together = [code for group in OVERLAPS for code in group]

    assert len(together) == len(set(together))
    assert set(together) <= set(rules())


def test_there_is_advice_for_every_category_and_only_for_known_rules():
    assert set(BY_CATEGORY) == set(CATEGORIES)
    assert not {code for code in BY_RULE if code not in rules()}
    for rule in rules().values():
        assert advice(rule.code, rule.category).endswith(".")


def test_own_rules_do_not_clash_with_the_linters():
    assert not {rule.code for rule in OWN_RULES} & set(ruff_codes())
