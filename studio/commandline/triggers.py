"""`treadle schedules` and `treadle webhooks`: what starts runs by itself."""

import argparse

from studio.commandline import subject, terminal
from studio.queries import triggers as queries
from studio.queries import visible
from studio.queries.items import Item


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--user", default=None, help="as whom; default: the administrator")
    parser.add_argument("--json", action="store_true", help="print JSON")


def schedules(options: argparse.Namespace) -> int:
    rows = visible.schedules(subject.user_named(options.user))
    now = queries.now()
    items = [queries.schedule_item(row, now) for row in queries.listed_schedules(rows)]
    if options.json:
        terminal.say_json(items)
    else:
        for item in items:
            terminal.say(f"{_head(item)}: {item['cron']} ({item['time_zone']}), {_state(item)}")
    return 0


def webhooks(options: argparse.Namespace) -> int:
    rows = visible.webhooks(subject.user_named(options.user))
    now = queries.now()
    items = [queries.webhook_item(row, now) for row in queries.listed_webhooks(rows)]
    if options.json:
        terminal.say_json(items)
    else:
        for item in items:
            last = item["last_at"] or "never"
            off = "" if item["enabled"] else ", switched off"
            terminal.say(f"{_head(item)}: {item['path']}, last delivery {last}{off}")
    return 0


def _head(item: Item) -> str:
    return f"{item['name']} starts {item['workflow']['name']}"


def _state(item: Item) -> str:
    problem = f"; {item['problem']}" if item["problem"] else ""
    if not item["enabled"]:
        return f"switched off{problem}"
    return f"next {item['next'][0] if item['next'] else 'never'}{problem}"
