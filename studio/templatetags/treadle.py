"""Template tags of the pages: icons, statuses, times and durations. Everything is escaped here."""

import json
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

register = template.Library()

STATUSES = {
    "queued": pgettext_lazy("status", "queued"),
    "running": pgettext_lazy("status", "running"),
    "waiting": pgettext_lazy("status", "waiting"),
    "paused": pgettext_lazy("status", "paused"),
    "cancelling": pgettext_lazy("status", "cancelling"),
    "completed": pgettext_lazy("status", "completed"),
    "failed": pgettext_lazy("status", "failed"),
    "cancelled": pgettext_lazy("status", "cancelled"),
}
"""Of runs; steps that were not reached have one of their own."""


@register.filter
def status_words(value: str) -> str:
    """What a status is called, of a run or of one of its steps."""
    if value == "not reached":
        return pgettext("status", "not reached")
    return str(STATUSES.get(value, value))


_SOURCES = {
    "api": pgettext_lazy("where a run began", "api"),
    "command": pgettext_lazy("where a run began", "command"),
    "child": pgettext_lazy("where a run began", "child"),
    "editor": pgettext_lazy("where a run began", "editor"),
    "fork": pgettext_lazy("where a run began", "fork"),
    "page": pgettext_lazy("where a run began", "page"),
    "review": pgettext_lazy("where a run began", "review"),
    "schedule": pgettext_lazy("where a run began", "schedule"),
    "webhook": pgettext_lazy("where a run began", "webhook"),
    "workflow": pgettext_lazy("where a run began", "workflow"),
}


_OUTCOMES = {
    "started": pgettext_lazy("of a due time", "started"),
    "queued": pgettext_lazy("of a due time", "queued"),
    "skipped": pgettext_lazy("of a due time", "skipped"),
    "refused": pgettext_lazy("of a due time", "refused"),
    "accepted": pgettext_lazy("of a delivery", "accepted"),
}


@register.filter
def outcome_words(value: str) -> str:
    """What came of a due time of a schedule, or of a delivery to a webhook."""
    return str(_OUTCOMES.get(value, value))


@register.filter
def source_words(value: str) -> str:
    """Where a run began, in one word."""
    return str(_SOURCES.get(value, value))


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """A decorative drawing from the sprite; the text beside it, or a label, tells its meaning."""
    css = f"icon icon--{size}" if size else "icon"
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        css,
        static("img/icons.svg"),
        name,
    )


@register.simple_tag
def status(value: str, pill: bool = True) -> SafeString:
    """A run's status as shape, word and colour."""
    known = value if value in STATUSES else "idle"
    css = "status status--pill" if pill else "status"
    return format_html(
        '<span class="{}" data-status="{}">{}<span data-status-word>{}</span></span>',
        css,
        value,
        icon(f"status-{known}"),
        status_words(value),
    )


@register.simple_tag
def when(moment: datetime | None, missing: str = "") -> SafeString:
    """A moment as «5 min ago», with the exact UTC time in its title and `datetime`."""
    if moment is None:
        return format_html('<span class="muted">{}</span>', missing or _("never"))
    utc = moment.astimezone(timezone.get_default_timezone())
    return format_html(
        '<time datetime="{}" title="{} UTC" data-ago>{}</time>',
        utc.isoformat(timespec="milliseconds"),
        date_format(utc, _("j M Y, H:i:s")),
        ago(moment),
    )


@register.filter
def ago(moment: datetime) -> str:
    """How long ago a moment was, in one unit: «just now», «5 min ago», «3 h ago», «12 Nov 2026»."""
    past = timezone.now() - moment
    if past < timedelta(0):
        return _until(-past)
    if past < timedelta(seconds=45):
        return _("just now")
    if past < timedelta(minutes=60):
        return _("{n} min ago").format(n=max(1, round(past.total_seconds() / 60)))
    if past < timedelta(hours=36):
        return _("{n} h ago").format(n=round(past.total_seconds() / 3600))
    if past < timedelta(days=30):
        return ngettext("{n} day ago", "{n} days ago", past.days).format(n=past.days)
    return date_format(moment, _("j M Y"))


def _until(ahead: timedelta) -> str:
    if ahead < timedelta(minutes=60):
        return _("in {n} min").format(n=max(1, round(ahead.total_seconds() / 60)))
    if ahead < timedelta(hours=36):
        return _("in {n} h").format(n=max(1, round(ahead.total_seconds() / 3600)))
    days = round(ahead / timedelta(days=1))
    return ngettext("in {n} day", "in {n} days", days).format(n=days)


@register.filter
def duration(milliseconds: float | None) -> str:
    """«340 ms», «12.4 s», «3 min 20 s», «2 h 5 min»; a dash when there is none."""
    if milliseconds is None:
        return "–"
    if milliseconds < 1:
        return f"{decimal(milliseconds, 1)} ms"
    if milliseconds < 1000:
        return f"{milliseconds:.0f} ms"
    seconds = milliseconds / 1000
    if seconds < 60:
        return f"{decimal(seconds, 1)} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def decimal(value: float, places: int) -> str:
    """A number as the language of the page writes it, rounded."""
    # Django's own function cuts where it should round.
    return str(number_format(f"{value:.{places}f}"))


@register.filter
def score(value: float | None) -> str:
    """A quality score with one decimal, rounded down so that 6.96 never reads as a passed 7.0."""
    return "–" if value is None else decimal(int(value * 10 + 1e-9) / 10, 1)


@register.filter
def codes(text: str) -> SafeString:
    """The text, escaped, with `words in backticks` set as code."""
    parts = str(text).split("`")
    if len(parts) % 2 == 0:
        return format_html("{}", text)
    return format_html_join(
        "",
        "{}",
        (
            (format_html("<code>{}</code>", part) if i % 2 else part,)
            for i, part in enumerate(parts)
        ),
    )


@register.filter
def pretty_json(value: Any) -> str:
    """Indented JSON text for reading. The template escapes it."""
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)


@register.filter
def short_id(value: object) -> str:
    """The last eight characters of an id: the part of a UUIDv7 that tells runs of a day apart."""
    return str(value)[-8:]
