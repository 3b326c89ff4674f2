"""Template tags of the pages: icons, statuses, times and durations. Everything is escaped here."""

import json
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

STATUSES = frozenset(
    ("queued", "running", "waiting", "paused", "cancelling", "completed", "failed", "cancelled")
)


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
        value,
    )


@register.simple_tag
def when(moment: datetime | None, missing: str = "never") -> SafeString:
    """A moment as «5 min ago», with the exact UTC time in its title and `datetime`."""
    if moment is None:
        return format_html('<span class="muted">{}</span>', missing)
    utc = moment.astimezone(timezone.get_default_timezone())
    return format_html(
        '<time datetime="{}" title="{} UTC" data-ago>{}</time>',
        utc.isoformat(timespec="milliseconds"),
        utc.strftime("%-d %b %Y, %H:%M:%S"),
        ago(moment),
    )


@register.filter
def ago(moment: datetime) -> str:
    """How long ago a moment was, in one unit: «just now», «5 min ago», «3 h ago», «12 Nov 2026»."""
    past = timezone.now() - moment
    if past < timedelta(0):
        return _until(-past)
    if past < timedelta(seconds=45):
        return "just now"
    if past < timedelta(minutes=60):
        return f"{max(1, round(past.total_seconds() / 60))} min ago"
    if past < timedelta(hours=36):
        return f"{round(past.total_seconds() / 3600)} h ago"
    if past < timedelta(days=30):
        return f"{past.days} days ago"
    return moment.strftime("%-d %b %Y")


def _until(ahead: timedelta) -> str:
    if ahead < timedelta(minutes=60):
        return f"in {max(1, round(ahead.total_seconds() / 60))} min"
    if ahead < timedelta(hours=36):
        return f"in {max(1, round(ahead.total_seconds() / 3600))} h"
    return f"in {round(ahead / timedelta(days=1))} days"


@register.filter
def duration(milliseconds: float | None) -> str:
    """«340 ms», «12.4 s», «3 min 20 s», «2 h 5 min»; a dash when there is none."""
    if milliseconds is None:
        return "–"
    if milliseconds < 1:
        return f"{milliseconds:.1f} ms"
    if milliseconds < 1000:
        return f"{milliseconds:.0f} ms"
    seconds = milliseconds / 1000
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


@register.filter
def score(value: float | None) -> str:
    """A quality score with one decimal, rounded down so that 6.96 never reads as a passed 7.0."""
    return "–" if value is None else f"{int(value * 10 + 1e-9) / 10:.1f}"


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
