"""`treadle diff`: what two versions of a workflow do differently."""

import argparse
from collections.abc import Iterator

from django.core.management.base import CommandError

from engine.graph.difference import difference
from studio.commandline import subject, terminal
from studio.queries import differences
from studio.queries.difference_words import Section, in_short, sections

_SIGNS = {"added": "+", "removed": "-"}


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("workflow", metavar="WORKFLOW", help="a key or an id")
    parser.add_argument(
        "--from", dest="before", default=None, help="a number, or draft; default: the newest"
    )
    parser.add_argument(
        "--to", dest="after", default=None, help="a number, or draft; default: draft"
    )
    parser.add_argument("--user", default=None, help="as whom; default: the administrator")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """0: they do the same; 1: they differ."""
    workflow = subject.workflow_named(options.workflow, subject.user_named(options.user))
    newest, draft = differences.usual_pair(workflow)
    before, after = options.before or newest, options.after or draft
    try:
        old = differences.document_of(workflow, before)
        new = differences.document_of(workflow, after)
    except differences.NoVersion as error:
        raise CommandError(str(error)) from error
    found = difference(old, new)
    if options.json:
        terminal.say_json({"from": before, "to": after, **found.as_dict()})
    else:
        terminal.say(in_short(found))
        for section in sections(found, old, new):
            for line in _lines(section):
                terminal.say(line)
    return 1 if found else 0


def _lines(section: Section) -> Iterator[str]:
    yield ""
    yield section.title
    for group in section.groups:
        yield f"  {_SIGNS.get(group.what, '~')} {group.title}"
        for row in group.rows:
            yield f"      {row.field}: {_told(row.before, row.after)}"


def _told(before: str | None, after: str | None) -> str:
    if before is None or after is None:
        return _in_line(after if before is None else before)
    return f"{_in_line(before)} => {_in_line(after)}"


def _in_line(text: str | None) -> str:
    return " ".join((text or "").split())
