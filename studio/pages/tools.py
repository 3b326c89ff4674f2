"""The catalogue of tools and the page of one."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from engine import Tool
from studio.journal import codec
from studio.pages.drafts import nodes_of
from studio.pages.outline import title_of, tool_of
from studio.pages.schema_rows import SchemaRow, schema_rows
from studio.queries import visible
from studio.setup import toolbox

EFFECTS = {
    "pure": _("Touches nothing outside: it may be called again at any time."),
    "idempotent": _("A second call with the same key changes nothing more."),
    "once": _("Never called again when nobody knows whether the first call acted."),
    "transactional": _("Writes only to the database, in the transaction of its step."),
}

CATEGORIES = {
    "ai": pgettext_lazy("category", "AI"),
    "csv": "CSV",
    "file": pgettext_lazy("category", "Files"),
    "hash": pgettext_lazy("category", "Hashes"),
    "http": "HTTP",
    "id": pgettext_lazy("category", "Ids"),
    "ini": "INI",
    "json": "JSON",
    "jsonl": "JSON Lines",
    "list": pgettext_lazy("category", "Lists"),
    "mail": pgettext_lazy("category", "Mail"),
    "math": pgettext_lazy("category", "Math"),
    "orm": pgettext_lazy("category", "Database"),
    "review": pgettext_lazy("category", "Code review"),
    "text": pgettext_lazy("category", "Text"),
    "time": pgettext_lazy("category", "Time"),
    "toml": "TOML",
    "workflow": pgettext_lazy("category", "Workflow"),
    "yaml": "YAML",
}
"""What people call the categories of the library; others go by their names."""


def _category(tool: Tool) -> str:
    name = tool.category
    if not name:
        return gettext("Others")
    return str(CATEGORIES.get(name) or name[0].upper() + name[1:])


@dataclass(frozen=True, slots=True)
class ToolRow:
    name: str
    summary: str
    effect: str
    effect_text: str
    params: int


@dataclass(frozen=True, slots=True)
class ToolGroup:
    name: str
    tools: Sequence[ToolRow]


@dataclass(frozen=True, slots=True)
class ToolFacts:
    name: str
    summary: str
    doc: Sequence[str]
    """The paragraphs of the docstring after its first line."""
    effect: str
    effect_text: str
    is_async: bool
    takes_state: bool
    category: str
    source_hash: str
    rows: Sequence[SchemaRow]
    snippet: str

    @property
    def has_about(self) -> bool:
        return any(row.about or row.limits for row in self.rows)


@dataclass(frozen=True, slots=True)
class UsedBy:
    id: UUID
    name: str
    steps: Sequence[str]


@login_required
def tools(request: HttpRequest) -> HttpResponse:
    search = request.GET.get("search", "").strip()[:200]
    groups: dict[str, list[ToolRow]] = defaultdict(list)
    for tool in _registered():
        if search.lower() in f"{tool.name} {tool.category} {tool.doc}".lower():
            groups[_category(tool)].append(_row(tool))
    listed = [ToolGroup(name, rows) for name, rows in sorted(groups.items())]
    return render(request, "tools/list.html", {"groups": listed, "search": search})


@login_required
def tool(request: HttpRequest, name: str) -> HttpResponse:
    found = next((each for each in _registered() if each.name == name), None)
    if found is None:
        raise Http404("no such tool")
    context = {"tool": _facts(found), "used_by": _used_by(request, name)}
    return render(request, "tools/tool.html", context)


def _registered() -> list[Tool]:
    registry = toolbox.registry()
    return [registry.get(name) for name in sorted(registry.names())]


def _row(tool: Tool) -> ToolRow:
    effect = str(tool.effect)
    return ToolRow(
        tool.name, tool.summary, effect, str(EFFECTS.get(effect, "")), len(_params(tool))
    )


def _params(tool: Tool) -> Mapping[str, Any]:
    properties: Mapping[str, Any] = tool.schema.get("properties") or {}
    return properties


def _facts(tool: Tool) -> ToolFacts:
    effect = str(tool.effect)
    return ToolFacts(
        name=tool.name,
        summary=tool.summary,
        doc=_paragraphs(tool.doc.removeprefix(tool.summary)),
        effect=effect,
        effect_text=str(EFFECTS.get(effect, "")),
        is_async=tool.is_async,
        takes_state=tool.takes_state,
        category=_category(tool),
        source_hash=tool.source_hash or "",
        rows=schema_rows(tool.schema),
        snippet=_snippet(tool),
    )


def _paragraphs(text: str) -> list[str]:
    """Lines that stand together, joined: a docstring breaks them for the editor's width."""
    parts = (" ".join(part.split()) for part in text.split("\n\n"))
    return [part for part in parts if part]


def _snippet(tool: Tool) -> str:
    """A step of a document that calls the tool, with an input for each required parameter."""
    required = tool.schema.get("required") or ()
    node = {"type": "tool", "tool": tool.name, "inputs": {name: name for name in required}}
    if not required:
        del node["inputs"]
    return json.dumps({tool.name.rpartition(".")[2]: node}, indent=2)


def _used_by(request: HttpRequest, name: str) -> list[UsedBy]:
    """Workflows whose draft calls the tool, among those this person sees."""
    drafts = visible.workflows(request.user).filter(hidden=False, draft__contains=f'"{name}"')
    rows = []
    for id_, title, draft in drafts.order_by("name").values_list("public_id", "name", "draft")[:50]:
        nodes = nodes_of(codec.decode(draft))
        steps = [title_of(step, node) for step, node in nodes.items() if tool_of(node) == name]
        if steps:
            rows.append(UsedBy(id_, title, steps))
    return rows
