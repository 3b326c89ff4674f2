"""Five hundred mutated workflow files: each is refused with a reason, or becomes an inert draft."""

import json
import random
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.contrib.auth.models import User

from engine import library
from studio.models import Run, Version, Workflow
from tests.studio.api.calls import Api

COUNT = 500
EXAMPLES = [
    json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((Path(library.__file__).parent / "examples").glob("*.json"))
]
POISON: list[Any] = [
    None, True, -1, 0, 2**70, 1e308, "", " ", "\x00", "\ud800", "__proto__", "constructor",
    "../../etc/passwd", "file:///etc/passwd", "<img src=x onerror=alert(1)>", "{{7*7}}", "${7*7}",
    "'; DROP TABLE studio_run;--", "=cmd|' /C calc'!A0", "a" * 5_000, "é" * 300,
    [], {}, [[]], {"a": {}}, [None] * 50, {"$ref": "#/nodes"}, {"__class__": "os"},
    "__import__('os').system('id')", "1" + " + 1" * 400, "(" * 500, "x" + ".y" * 200,
]  # fmt: skip
KEYS = [
    "", "__proto__", "prototype", "constructor", "owner", "id", "published", "secrets", "hidden",
    "a.b", "a b", "\x1b[2J", "é", "from", "nodes", "x" * 300, "end", "type", "null",
]  # fmt: skip

Mutation = Callable[[random.Random, Any, Any], None]


def spots(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a document."""
    found: list[tuple[Any, Any]] = []
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in pairs:
        found.append((value, key))
        if isinstance(item, (dict, list)):
            found += spots(item)
    return found


def poison(dice: random.Random, holder: Any, key: Any) -> None:
    holder[key] = deepcopy(dice.choice(POISON))


def remove(dice: random.Random, holder: Any, key: Any) -> None:
    del holder[key]


def rename(dice: random.Random, holder: Any, key: Any) -> None:
    if isinstance(holder, dict):
        holder[dice.choice(KEYS)] = holder.pop(key)
    else:
        holder.reverse()


def add(dice: random.Random, holder: Any, key: Any) -> None:
    value = deepcopy(dice.choice(POISON))
    holder.append(value) if isinstance(holder, list) else holder.update({dice.choice(KEYS): value})


def copy(dice: random.Random, holder: Any, key: Any) -> None:
    """A part of the document in a place where it does not belong."""
    other = dice.choice(EXAMPLES)
    inner, at = dice.choice(spots(other))
    holder[key] = json.loads(json.dumps(inner[at]))


def wrap(dice: random.Random, holder: Any, key: Any) -> None:
    value = holder[key]
    for _ in range(dice.choice([1, 5, 70])):
        value = [value] if dice.random() < 0.5 else {"a": value}
    holder[key] = value


MUTATIONS: list[Mutation] = [poison, remove, rename, add, copy, wrap]


def mutated(seed: int) -> tuple[str, str]:
    """A text and its format."""
    dice = random.Random(seed)
    document = json.loads(json.dumps(dice.choice(EXAMPLES)))
    for _ in range(dice.choice([1, 1, 2, 4, 12])):
        if places := spots(document):
            holder, key = dice.choice(places)
            dice.choice(MUTATIONS)(dice, holder, key)
    if dice.random() < 0.25:
        return yaml.safe_dump(document, allow_unicode=True), "yaml"
    text = json.dumps(document)
    if dice.random() < 0.1:
        at = dice.randrange(len(text))
        text = text[:at] + dice.choice(["", "\x00", "}", "\\", "\ufeff", '"']) + text[at + 1 :]
    return text, "json"


@pytest.mark.django_db
def test_sec_import_corpus(alice: User, settings: Any) -> None:
    settings.RATES = dict.fromkeys(settings.RATES)
    api = Api(alice)
    answers: Counter[int] = Counter()
    for seed in range(COUNT):
        text, form = mutated(seed)
        answer = api.post("/api/v1/workflows/import", {"text": text, "format": form})
        answers[answer.status] += 1
        assert answer.status in (201, 400, 422), (seed, answer.status, answer.body)
        if answer.status == 201:
            path = f"/api/v1/workflows/{answer.body['id']}"
            assert api.get(path).status == 200, seed
            assert api.post(f"{path}/validate", {}).status == 200, seed
            assert api.get(f"{path}/export").status == 200, seed
        else:
            assert answer.body["error"]["message"], seed

    assert sum(answers.values()) == COUNT
    assert min(answers[201], answers[400] + answers[422]) > 20, answers
    made = Workflow.objects.all()
    assert made.count() == answers[201]
    assert not made.exclude(owner=alice).exists()
    assert not made.exclude(published=None).exists()
    assert not Run.objects.exists()
    assert not Version.objects.exists()
