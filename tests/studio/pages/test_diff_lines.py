"""Unified diffs as rows."""

from studio.pages.diff_lines import LIMIT, DiffLine, diff_lines

DIFF = """--- a/pkg/mod.py
+++ b/pkg/mod.py
@@ -3,4 +3,3 @@
 keep
-gone
-also gone
+new
 end
\\ No newline at end of file
"""


def test_rows_carry_the_line_numbers_of_both_sides() -> None:
    rows, cut = diff_lines(DIFF)

    assert rows == [
        DiffLine("file", "pkg/mod.py"),
        DiffLine("hunk", "@@ -3,4 +3,3 @@"),
        DiffLine("keep", "keep", 3, 3),
        DiffLine("remove", "gone", 4, None, "−"),
        DiffLine("remove", "also gone", 5, None, "−"),
        DiffLine("add", "new", None, 4, "+"),
        DiffLine("keep", "end", 6, 5),
        DiffLine("hunk", "No newline at end of file"),
    ]
    assert not cut


def test_a_second_file_begins_after_the_first() -> None:
    rows, _ = diff_lines(DIFF + DIFF.replace("mod", "other"))

    assert [row.text for row in rows if row.kind == "file"] == ["pkg/mod.py", "pkg/other.py"]


def test_code_that_looks_like_a_header_stays_code() -> None:
    rows, _ = diff_lines("--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n--- sql comment\n+++ more\n")

    assert [(row.kind, row.text) for row in rows[2:]] == [
        ("remove", "-- sql comment"),
        ("add", "++ more"),
    ]


def test_a_very_long_diff_is_cut_and_says_so() -> None:
    long = "--- a/x\n+++ b/x\n@@ -0,0 +1,9999 @@\n" + "+x\n" * 9999

    rows, cut = diff_lines(long)

    assert len(rows) == LIMIT
    assert cut


def test_no_diff_gives_no_rows() -> None:
    assert diff_lines("") == ([], False)
