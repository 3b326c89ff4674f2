"""docs/api.md lists every operation of the API, in the words that the API has for it."""

from pathlib import Path
from typing import Any

from drf_spectacular.generators import SchemaGenerator

PAGE = Path(__file__).resolve().parent.parent / "docs" / "api.md"


def operations() -> list[str]:
    """One row of the table for each operation, in the order of the schema."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return [
        f"| {method.upper()} | `{path}` | {_first_words(operation)} |"
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]


def _first_words(operation: dict[str, Any]) -> str:
    paragraph = str(operation["description"]).split("\n\n")[0]
    return " ".join(paragraph.split()).replace("|", "\\|")


def test_every_operation_stands_in_the_table() -> None:
    listed = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if "| `/" in line]
    told = operations()

    missing = [row for row in told if row not in listed]
    stale = [row for row in listed if row not in told]
    assert not missing, "add to docs/api.md:\n" + "\n".join(missing)
    assert not stale, "take out of docs/api.md:\n" + "\n".join(stale)
