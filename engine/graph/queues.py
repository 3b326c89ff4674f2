"""Names of queues: they say which workers drive a run."""

import re

from engine.graph.reading import Fields
from engine.said import quoted, say

MAX_NAME = 40
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*", re.ASCII)


def is_queue_name(name: str) -> bool:
    return len(name) <= MAX_NAME and _NAME.fullmatch(name) is not None


def read_queue(fields: Fields) -> str:
    """The queue that a document or a map node names; "" where it names none."""
    name = fields.text("queue")
    if name and not is_queue_name(name):
        hint = say("at most {n} of a-z, 0-9, _ and -, the first a letter or a digit", n=MAX_NAME)
        said = say("{name} names no queue", name=quoted(name, 80))
        fields.report.add("bad_key", fields.at("queue"), said, hint)
        return ""
    return name
