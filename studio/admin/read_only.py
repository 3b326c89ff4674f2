"""Rows that are read and never changed by hand."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

LONGEST = 20_000


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """No adding, changing or deleting: the page of a row shows it, and a POST is refused."""

    actions: Any = None
    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def shown_text(text: Any) -> SafeString:
    """Long text as it is, cut where a page would get heavy."""
    whole = str(text or "")
    cut = f"\n… {len(whole) - LONGEST:,} more characters" if len(whole) > LONGEST else ""
    return format_html('<pre class="treadle-text">{}{}</pre>', whole[:LONGEST], cut)
