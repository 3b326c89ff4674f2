"""What runs and strangers write cannot steer the terminal of who reads it."""

import contextlib
import json
import logging
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError

from engine import ToolContext, default_registry
from studio.setup.logs import HidingFormatter
from tests.studio import build

pytestmark = pytest.mark.django_db(transaction=True)

HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\x9d0;t\x9c\x7f\x08red\r"
CONTROLS = {*map(chr, range(32)), *map(chr, range(127, 160))} - {"\n", "\t"}


@default_registry.tool("terminal.speak", effect="pure")
def speak(ctx: ToolContext) -> dict[str, str]:
    ctx.log(HOSTILE)
    ctx.progress(1, 2, HOSTILE)
    return {"text": HOSTILE}


@default_registry.tool("terminal.fail", effect="pure")
def fail(ctx: ToolContext) -> None:
    raise ValueError(HOSTILE)


def harmless(text: str) -> bool:
    return not CONTROLS & set(text)


@pytest.mark.parametrize("tool", ["terminal.speak", "terminal.fail"])
@pytest.mark.parametrize("options", [["--follow"], ["--json"], []])
def test_sec_terminal_injection(
    tool: str, options: list[str], root: User, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "flow.json"
    path.write_text(json.dumps(build.chain(tool, 1)))
    capfd.readouterr()
    with contextlib.suppress(SystemExit):
        call_command("treadle", "run", str(path), *options)

    said = capfd.readouterr()
    assert "owned" in said.out + said.err
    assert harmless(said.out)
    assert harmless(said.err)


def test_refusals_and_problems_are_harmless_too(
    root: User, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    document = build.chain("trial.count", 1)
    document["nodes"]["s1"]["tool"] = HOSTILE
    document["nodes"][HOSTILE] = {"type": HOSTILE}
    path = tmp_path / "flow.json"
    path.write_text(json.dumps(document))
    capfd.readouterr()
    refused = []
    for command in (["validate", str(path)], ["import", str(path)], ["run", HOSTILE]):
        try:
            call_command("treadle", *command)
        except (CommandError, SystemExit) as error:
            refused.append(str(error))

    said = capfd.readouterr()
    assert len(refused) >= 2
    assert harmless("".join(refused) + said.out + said.err)


def test_json_is_the_same_value() -> None:
    from studio.commandline import terminal

    class Out:
        text = ""

        def write(self, text: str) -> None:
            self.text += text

        def flush(self) -> None:
            pass

    out = Out()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", out)
        terminal.say_json({"a": HOSTILE, "b": "é\u2028"})

    assert harmless(out.text)
    assert json.loads(out.text) == {"a": HOSTILE, "b": "é\u2028"}


def test_lines_of_the_process_s_log_are_harmless() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "run %s", (HOSTILE,), None)

    line = HidingFormatter("%(message)s").format(record)
    assert harmless(line)
    assert "owned" in line
