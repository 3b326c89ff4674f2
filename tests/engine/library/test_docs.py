"""What users of the review are told is what it does."""

from pathlib import Path

import pytest

from engine.library.review.catalogue import OWN_RULES
from engine.library.review.inspection import NOT_REVIEWED, UNUSABLE
from engine.library.review.settings import FAIL_ON
from engine.library.review.tools import TOOLS

TEXT = (Path(__file__).parents[3] / "docs" / "review-agent.md").read_text("utf-8")


@pytest.mark.parametrize("name", sorted({*TOOLS} | {*UNUSABLE} | {*NOT_REVIEWED} | {*FAIL_ON}))
def test_every_tool_status_and_gate_is_named(name):
    assert name in TEXT


@pytest.mark.parametrize("rule", OWN_RULES, ids=lambda rule: rule.code)
def test_every_rule_of_our_own_is_described(rule):
    assert f"{rule.code}" in TEXT
