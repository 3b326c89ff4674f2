"""No regular expression of the product takes long over any text, however hostile."""

import ast
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SIZE = 200_000
SECONDS = 1.0
TEXTS = {
    text: text * (SIZE // len(text))
    for text in (
        "a", "0", " ", "\n", "-", ".", "/", "(", "<", '"', "\\", "%", "é", "a-", "a.", "a ", "0.",
        "://a:", "token", "token-", "secret = ", "password=", "a@b.", "a,", "{a}", "\r\n", "#", "'",
        "0x", "_",
    )
}  # fmt: skip


SEARCHES = ("search", "sub", "subn", "finditer", "findall", "split")


def patterns() -> Iterator[tuple[str, str, int, bool]]:
    """Every `re.compile` whose pattern is written down: where, pattern, flags, and whether it is
    looked for anywhere in a text, which costs more than a look at one place."""
    for folder in ("engine", "studio"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            source = path.read_text(encoding="utf-8")
            tree = ast.parse(source)
            names = {
                id(node.value): ast.unparse(node.targets[0])
                for node in ast.walk(tree)
                if isinstance(node, ast.Assign)
            }
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile":
                    try:
                        pattern = ast.literal_eval(node.args[0])
                    except ValueError:
                        continue
                    flags = [ast.unparse(flag).removeprefix("re.") for flag in node.args[1:]]
                    where = f"{path.relative_to(ROOT)}:{node.lineno}"
                    name = names.get(id(node), "")
                    searched = bool(name) and any(f"{name}.{how}(" in source for how in SEARCHES)
                    yield where, pattern, sum(int(getattr(re, flag)) for flag in flags), searched


PATTERNS = sorted(set(patterns()))


def test_the_patterns_were_found() -> None:
    assert len(PATTERNS) > 30


@pytest.mark.parametrize(
    ("where", "pattern", "flags", "searched"), PATTERNS, ids=[found[0] for found in PATTERNS]
)
def test_sec_redos(where: str, pattern: str, flags: int, searched: bool) -> None:
    compiled = re.compile(pattern, flags)
    looks = [compiled.match, compiled.fullmatch, *([compiled.search] if searched else [])]

    def too_long(*_: object) -> None:
        raise AssertionError(f"{where}: {pattern} takes over {SECONDS} s")

    before = signal.signal(signal.SIGALRM, too_long)
    try:
        for text in TEXTS.values():
            given = text.encode() if isinstance(pattern, bytes) else text
            for look in looks:
                signal.setitimer(signal.ITIMER_REAL, SECONDS)
                look(given)
                signal.setitimer(signal.ITIMER_REAL, 0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
