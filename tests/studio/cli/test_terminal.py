"""What is written to a terminal, and what is not."""

import io

import pytest

from studio.commandline.following import line_of
from studio.commandline.terminal import Bar, printable


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_is_drawn_over_on_a_terminal() -> None:
    terminal = Terminal()
    with Bar(terminal) as bar:
        bar.show(5, 10, "half way")
        bar.show(3, None, "node")

    drawn = terminal.getvalue()
    assert "[############............] 5/10 half way" in drawn
    assert "3 steps node" in drawn
    assert drawn.endswith("\r\x1b[2K"), "the line is left clean"


def test_a_pipe_gets_no_bar() -> None:
    pipe = io.StringIO()
    with Bar(pipe) as bar:
        bar.show(1, 2, "x")

    assert pipe.getvalue() == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\x1b[31mb", "a[31mb"), ("tab\tend\n", "tab\tend\n"), ("\x9b\x7f\x00é", "é")],
)
def test_a_line_cannot_steer_the_terminal(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_lines_say_what_happened() -> None:
    event = {"ts": "2026-11-23T10:00:00.123Z", "k": "log", "node": "a", "data": {}}
    event["data"] = {"level": "info", "message": "hello"}

    assert line_of(event) == "10:00:00.123 a log info: hello"
