"""What every template knows: the chosen colours, the version, the navigation."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

import engine
from studio.pages.statuses import ACTIVE
from studio.pages.theme import chosen
from studio.queries import visible, waits


@dataclass(frozen=True, slots=True)
class NavItem:
    """`current`: the page is in this section; `exact`: it is the very page of the link."""

    label: str
    href: str
    current: bool
    exact: bool
    count: int = 0
    counted: str = ""
    """What the count counts, for those who hear it."""


_SECTIONS = (
    ("Workflows", "workflows", ("/workflows/",)),
    ("Runs", "runs", ("/runs/",)),
    ("Inbox", "inbox", ("/inbox/",)),
    ("Triggers", "triggers", ("/triggers/",)),
    ("Review", "review", ("/review/",)),
    ("Tools", "tools", ("/tools/",)),
)


def studio(request: HttpRequest) -> dict[str, Any]:
    """The template variable `studio`: theme, version, csp_nonce, nav."""
    return {
        "studio": {
            "theme": chosen(request),
            "version": engine.__version__,
            "csp_nonce": getattr(request, "csp_nonce", ""),
            "nav": _nav(request),
        }
    }


def _nav(request: HttpRequest) -> Callable[[], list[NavItem]]:
    """Counted only when a template shows it: error pages and the admin ask nothing."""

    def items() -> list[NavItem]:
        counts = {
            "runs": (visible.runs(request.user).filter(status__in=ACTIVE).count(), "active"),
            "inbox": (waits.asked(request.user).count(), "open"),
        }
        return [
            NavItem(
                label,
                reverse(name),
                request.path.startswith(prefixes),
                request.path == reverse(name),
                *counts.get(name, (0, "")),
            )
            for label, name, prefixes in _SECTIONS
        ]

    return items
