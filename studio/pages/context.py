"""What every template knows: the chosen colours, the version, the navigation."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop, pgettext

import engine
from studio.pages import language
from studio.pages.statuses import ACTIVE
from studio.pages.theme import chosen
from studio.queries import outcomes, visible


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
    (gettext_noop("Workflows"), "workflows", ("/workflows/",)),
    (gettext_noop("Runs"), "runs", ("/runs/",)),
    (gettext_noop("Inbox"), "inbox", ("/inbox/",)),
    (gettext_noop("Triggers"), "triggers", ("/triggers/",)),
    (gettext_noop("Review"), "review", ("/review/",)),
    (gettext_noop("Tools"), "tools", ("/tools/",)),
)


def studio(request: HttpRequest) -> dict[str, Any]:
    """The template variable `studio`: theme, language, version, csp_nonce, nav."""
    return {
        "studio": {
            "theme": chosen(request),
            "language": language.shown(),
            "language_chosen": language.chosen(request),
            "languages": language.choices(request),
            "words": language.words_address(),
            "version": engine.__version__,
            "csp_nonce": getattr(request, "csp_nonce", ""),
            "nav": _nav(request),
        }
    }


def _nav(request: HttpRequest) -> Callable[[], list[NavItem]]:
    """Counted only when a template shows it: error pages and the admin ask nothing."""

    def items() -> list[NavItem]:
        counts = {
            "runs": (
                visible.runs(request.user).filter(status__in=ACTIVE).count(),
                pgettext("runs", "active"),
            ),
            "inbox": (outcomes.for_people(request.user), pgettext("questions", "open")),
        }
        return [
            NavItem(
                gettext(label),
                reverse(name),
                request.path.startswith(prefixes),
                request.path == reverse(name),
                *counts.get(name, (0, "")),
            )
            for label, name, prefixes in _SECTIONS
        ]

    return items
