"""Text, positions and diffs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.library.review.patch import patch_of, unified_diff
from engine.library.review.text import Lines, decode, newline_of, split_lines

LATIN = b"# coding: latin-1\nx = '\xe9'\n"
texts = st.text(st.sampled_from("ab \n\r\x0c\u2028é"), max_size=60)


@given(texts)
def test_lines_lose_nothing(text):
    assert "".join(split_lines(text)) == text


@given(texts, st.integers(0, 60))
def test_positions_and_offsets_are_inverse(text, offset):
    offset = min(offset, len(text))
    lines = Lines(text)

    assert lines.offset(*lines.position(offset)) == offset


def applied(diff: str, before: str) -> str:
    """A diff applied by its line numbers; the context must fit."""
    old, new, position = split_lines(before), [], 0
    rows = split_lines(diff)[2:]
    for place, row in enumerate(rows):
        if row.startswith("@@"):
            start, _, length = row.split()[1][1:].partition(",")
            first = int(start) - (length != "0")
            new += old[position:first]
            position = first
        elif row.startswith("\\"):
            continue
        else:
            ends = place + 1 < len(rows) and rows[place + 1].startswith("\\")
            line = row[1:-1] if ends else row[1:]
            if row[0] != "+":
                assert old[position] == line
                position += 1
            if row[0] != "-":
                new.append(line)
    return "".join(new + old[position:])


@given(st.lists(st.sampled_from("abc"), max_size=40), st.lists(st.sampled_from("abc"), max_size=40))
def test_a_diff_leads_from_the_one_text_to_the_other(old, new):
    before, after = "\n".join(old), "\n".join(new)

    diff = unified_diff("x.py", before, after)

    assert (diff == "") == (before == after)
    assert not diff or applied(diff, before) == after


def test_a_missing_end_of_line_is_marked():
    assert unified_diff("x.py", "a", "a\n") == (
        "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n"
    )


def test_a_patch_that_is_too_long_says_so():
    befores, afters = {"a.py": "a\n", "b.py": "b\n" * 900}, {"a.py": "x\n", "b.py": "y\n" * 900}

    patch, cut = patch_of(befores, afters, 200)

    assert cut
    assert "a.py" in patch
    assert "b.py" not in patch


@pytest.mark.parametrize(
    ("data", "text", "encoding", "bom"),
    [
        (b"x = 1\n", "x = 1\n", "utf-8", False),
        (b"\xef\xbb\xbfx = 1\r\n", "x = 1\r\n", "utf-8", True),
        (LATIN, LATIN.decode("latin-1"), "iso-8859-1", False),
    ],
)  # fmt: skip
def test_bytes_are_decoded_as_python_does_and_encoded_back(data, text, encoding, bom):
    decoded = decode(data)

    assert (decoded.text, decoded.encoding, decoded.bom) == (text, encoding, bom)
    assert decoded.encode(decoded.text) == data


@pytest.mark.parametrize(
    "data", ["x = 'é'".encode("latin-1"), "x = 1".encode("utf-16"), b"# coding: nonsense\n"]
)
def test_bytes_that_are_not_what_they_say_are_refused(data):
    with pytest.raises(ValueError, match="not text in the encoding"):
        decode(data)


@pytest.mark.parametrize(
    ("text", "kind"),
    [("", "none"), ("a\n", "lf"), ("a\r\n", "crlf"), ("a\rb\r", "cr"), ("a\nb\r\n", "mixed")],
)
def test_newlines(text, kind):
    assert newline_of(text) == kind
