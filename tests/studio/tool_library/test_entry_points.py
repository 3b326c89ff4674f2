"""Tools of installed packages: the entry-point group `treadle.tools`."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import ToolRegistry, default_registry
from studio.setup import toolbox

MODULE = '''
from engine import tool

@tool("installed.hello", effect="pure")
def hello(name: str = "you") -> str:
    """Greet somebody."""
    return f"hello {name}"
'''


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package with a tool, installed for this test."""
    (tmp_path / "their_tools.py").write_text(MODULE)
    info = tmp_path / "their_tools-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: their-tools\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[treadle.tools]\ntheirs = their_tools\n")
    monkeypatch.syspath_prepend(tmp_path)
    # The tools of the studio are in the registry already: here they go to one that is thrown away.
    monkeypatch.setattr(toolbox, "default_registry", ToolRegistry())
    yield
    sys.modules.pop("their_tools", None)
    default_registry._tools.pop("installed.hello", None)


def test_what_an_installed_package_names_in_the_group_is_registered(installed: None) -> None:
    assert "installed.hello" not in default_registry

    toolbox.load()

    tool = default_registry.get("installed.hello")
    assert (tool.effect, tool.function("Ann")) == ("pure", "hello Ann")
