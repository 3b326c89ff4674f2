"""Rules every template keeps: the content security policy allows nothing inline."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STYLES = sorted((ROOT / "static" / "css").glob("*.css"))
SPRITE = (ROOT / "static" / "img" / "icons.svg").read_text(encoding="utf-8")
ICONS = set(re.findall(r'<symbol id="([a-z-]+)"', SPRITE))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.fixture(params=TEMPLATES, ids=name)
def template(request: pytest.FixtureRequest) -> str:
    text: str = request.param.read_text(encoding="utf-8")
    return text


def test_nothing_is_inline(template: str) -> None:
    assert not re.search(r"\sstyle\s*=", template)
    assert not re.search(r"\son[a-z]+\s*=", template)
    assert not re.search(r"<style\b", template)
    assert not re.search(r"<script(?![^>]*\bsrc=)", template)
    assert "javascript:" not in template


def test_nothing_comes_from_elsewhere(template: str) -> None:
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', template)


def test_nothing_is_marked_safe(template: str) -> None:
    assert "|safe" not in template
    assert "autoescape" not in template


def test_every_icon_is_in_the_sprite(template: str) -> None:
    used = set(re.findall(r'{% icon "([a-z-]+)"', template))

    assert used <= ICONS


def test_every_post_form_has_a_csrf_token(template: str) -> None:
    for form in re.findall(r'<form[^>]*method="post".*?</form>', template, re.DOTALL):
        assert "{% csrf_token %}" in form, form[:200]


def test_every_static_file_is_there(template: str) -> None:
    for path in re.findall(r"{% static '([^']+)' %}", template):
        assert (ROOT / "static" / path).exists(), path


def colours() -> Iterator[tuple[Path, str]]:
    for path in STYLES:
        if path.name not in ("base.css", "admin.css"):
            for found in re.findall(r"#[0-9a-fA-F]{3,8}\b", path.read_text(encoding="utf-8")):
                yield path, found


def test_colours_are_named_in_one_place() -> None:
    assert not list(colours())


def test_styles_load_nothing() -> None:
    for path in STYLES:
        text = path.read_text(encoding="utf-8")
        assert "url(" not in text, path
        assert "@import" not in text, path


DRAWN = re.compile(
    r'[ \n](?:x|y|x1|x2|y1|y2|cx|cy|r|rx|width|height|viewBox|stroke-dasharray)="([^"]*)"'
)


def test_numbers_of_drawings_have_no_language(template: str) -> None:
    """A decimal comma would be another number, or none."""
    values = [
        value for given in DRAWN.findall(template) for value in re.findall(r"{{(.*?)}}", given)
    ]

    assert [v for v in values if "|unlocalize" not in v and "view_box" not in v] == []
