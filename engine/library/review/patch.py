"""Unified diffs that `patch` and `git apply` take, cheap even for hostile text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher

from engine.library.review.limits import text_weight
from engine.library.review.text import split_lines

_CONTEXT = 3
_MOST_COMPARED = 20_000
"""Changed lines above which a stretch is shown as replaced: matching its lines is too dear."""

_NO_END = "\\ No newline at end of file\n"

Opcode = tuple[str, int, int, int, int]


def unified_diff(path: str, before: str, after: str) -> str:
    """The diff of one file; an empty string when nothing changed."""
    old, new = split_lines(before), split_lines(after)
    groups = list(_grouped(_opcodes(old, new)))
    if not groups:
        return ""
    parts = [f"--- a/{path}\n", f"+++ b/{path}\n"]
    for group in groups:
        parts += _hunk(group, old, new)
    return "".join(parts)


def patch_of(befores: Mapping[str, str], afters: Mapping[str, str], most: int) -> tuple[str, bool]:
    """(diff of all files, whether files had to be left out to stay within the weight `most`)."""
    parts: list[str] = []
    room = most
    cut = False
    for path in sorted(befores):
        diff = unified_diff(path, befores[path], afters[path])
        if text_weight(diff) > room:
            cut = True
            continue
        room -= text_weight(diff)
        parts.append(diff)
    return "".join(parts), cut


def _opcodes(old: list[str], new: list[str]) -> list[Opcode]:
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    middle_old, middle_new = old[head : len(old) - tail], new[head : len(new) - tail]
    opcodes: list[Opcode] = [("equal", 0, head, 0, head)]
    if len(middle_old) + len(middle_new) > _MOST_COMPARED:
        inner: Iterable[Opcode] = [("replace", 0, len(middle_old), 0, len(middle_new))]
    else:
        inner = SequenceMatcher(None, middle_old, middle_new).get_opcodes()
    opcodes += [(tag, a + head, b + head, c + head, d + head) for tag, a, b, c, d in inner]
    end_old, end_new = len(old) - tail, len(new) - tail
    opcodes.append(("equal", end_old, len(old), end_new, len(new)))
    return [code for code in opcodes if code[1] < code[2] or code[3] < code[4]]


def _grouped(opcodes: list[Opcode]) -> Iterable[list[Opcode]]:
    """Changes with their context, apart where more than two contexts lie between them."""
    group: list[Opcode] = []
    for place, (tag, a, b, c, d) in enumerate(opcodes):
        if tag != "equal":
            group.append((tag, a, b, c, d))
            continue
        last = place == len(opcodes) - 1
        if group and not last and b - a <= 2 * _CONTEXT:
            group.append((tag, a, b, c, d))
            continue
        if group:
            yield [*group, (tag, a, min(b, a + _CONTEXT), c, min(d, c + _CONTEXT))]
        group = [] if last else [(tag, max(a, b - _CONTEXT), b, max(c, d - _CONTEXT), d)]
    if group:
        yield group


def _hunk(group: list[Opcode], old: list[str], new: list[str]) -> list[str]:
    old_start, old_end = group[0][1], group[-1][2]
    new_start, new_end = group[0][3], group[-1][4]
    lines = [f"@@ -{_range(old_start, old_end)} +{_range(new_start, new_end)} @@\n"]
    for tag, a, b, c, d in group:
        if tag == "equal":
            lines += [_line(" ", line) for line in old[a:b]]
        else:
            lines += [_line("-", line) for line in old[a:b]]
            lines += [_line("+", line) for line in new[c:d]]
    return lines


def _range(start: int, end: int) -> str:
    length = end - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"


def _line(sign: str, line: str) -> str:
    return f"{sign}{line}" if line.endswith(("\n", "\r")) else f"{sign}{line}\n{_NO_END}"
