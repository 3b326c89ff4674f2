"""The docs say what the code says."""

import re
from pathlib import Path

import pytest

from engine.graph import document, edges, nodes
from engine.limits import LIMIT_KEYS
from studio.setup import env

ROOT = Path(__file__).resolve().parent.parent
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("setting", env.SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_is_described_with_its_default(setting: env.Setting) -> None:
    shown = f"`{setting.default}`" if setting.default else "empty"
    row = f"| `{setting.name}` | {shown} | {setting.about} |"

    assert row in OPERATIONS, f"add this row to docs/operations.md:\n{row}"


def test_units_and_compose_name_settings_that_exist() -> None:
    known = {setting.name for setting in env.SETTINGS} | {"TREADLE_VENV"}
    files = sorted((ROOT / "docs" / "deploy").iterdir())
    named = {
        name
        for file in files
        for name in re.findall(r"\bTREADLE_[A-Z_]+\b", file.read_text(encoding="utf-8"))
    }

    assert len(files) == 4
    assert len(named) > 8
    assert named <= known


def test_links_between_docs_lead_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{page.relative_to(ROOT)} -> {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]

    assert not broken


DOCUMENTS = "".join(
    (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    for name in ("documents", "maps", "subgraphs", "waiting", "writing-tools")
)
KEYS = {
    *(document._TOP | document._STATE | edges.EDGE_KEYS | set(LIMIT_KEYS)),
    *(key for keys in nodes.NODE_KEYS.values() for key in keys),
    *(nodes._RETRY | nodes._BODY),
}


@pytest.mark.parametrize("key", sorted(KEYS))
def test_every_key_of_a_document_is_described(key: str) -> None:
    assert f"`{key}`" in DOCUMENTS or f'"{key}":' in DOCUMENTS, (
        f"say what {key!r} means in docs/documents.md or in the page it links to"
    )


@pytest.mark.parametrize("kind", list(nodes.NodeType))
def test_every_type_of_node_is_described(kind: str) -> None:
    assert f"| `{kind}` |" in DOCUMENTS
