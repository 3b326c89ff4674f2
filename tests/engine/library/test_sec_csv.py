"""A spreadsheet that opens what `csv.write` made computes nothing of what strangers wrote."""

import csv
import io

import pytest

from engine.library.tables import write_csv

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
FORMULAS = [
    "=1+1", "=cmd|' /C calc'!A0", "+1+cmd|'x'!A1", "-2+3+cmd|'x'!A1", "@SUM(1+1)*cmd|'x'!A1",
    "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "   @x", '=HYPERLINK("http://evil.test","click")', "=",
]  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
def test_sec_csv_injection(text: str) -> None:
    """In cells and in the header, as objects and as lists."""
    made = [
        write_csv([{"a": text}])["text"],
        write_csv([{text: "a"}])["text"],
        write_csv([[text]])["text"],
        write_csv([{"a": 1}], columns=[text])["text"],
    ]
    for written in made:
        cells = [cell for row in csv.reader(io.StringIO(written, newline="")) for cell in row]
        assert any(text in cell for cell in cells)
        assert not any(cell.lstrip(" ").startswith(STARTS) for cell in cells)


@pytest.mark.parametrize("text", ["-1", "+49", "-1.5", "a=b", "x@y.org", "", "1-2"])
def test_numbers_and_ordinary_texts_stay(text: str) -> None:
    written = write_csv([[text, "z"]])["text"]

    assert next(csv.reader(io.StringIO(written))) == [text, "z"]
