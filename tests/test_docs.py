"""The docs say what the code says."""

import re
from pathlib import Path

import pytest

from studio import env

ROOT = Path(__file__).resolve().parent.parent
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("setting", env.SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_is_described_with_its_default(setting: env.Setting) -> None:
    shown = f"`{setting.default}`" if setting.default else "empty"
    row = f"| `{setting.name}` | {shown} | {setting.about} |"

    assert row in OPERATIONS, f"add this row to docs/operations.md:\n{row}"


def test_links_between_docs_lead_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{page.relative_to(ROOT)} -> {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]

    assert not broken
