"""The table of patterns in the docs and the graphs here are about the same ones."""

import re
from pathlib import Path

from tests.engine.patterns import test_instances_and_triggers, test_patterns

DOCS = Path(__file__).parents[3] / "docs" / "patterns.md"
LEFT_OUT = {15, 41}


def told():
    """The patterns of the table, by number."""
    rows = re.findall(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \|$", DOCS.read_text(), re.MULTILINE)
    return {int(number): name.strip() for number, name, _ in rows}


def drawn():
    """The patterns that have a graph here, by number; a second graph of one names its case."""
    names = [*test_patterns.PATTERNS, *test_instances_and_triggers.PATTERNS]
    return {int(name[:2]): name[3:].partition(",")[0] for name in names}


def test_each_pattern_of_the_table_has_a_graph_and_each_graph_a_row():
    assert told() == drawn()


def test_41_of_the_43_can_be_drawn_and_the_docs_name_the_others():
    assert set(range(1, 44)) - told().keys() == LEFT_OUT
    said = DOCS.read_text()
    assert "each of the 41 below" in said
    rest = said[said.index("Not expressible") :]
    assert all(f"({number})" in rest for number in LEFT_OUT)
