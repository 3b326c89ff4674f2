"""Small pure tools for texts, JSON and numbers, so that a first workflow needs no code."""

from __future__ import annotations

import json
import re
import statistics
from collections import Counter
from collections.abc import Callable
from typing import Any

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SENTENCE_END = re.compile(r"[.!?…]+(?=\s|$)")
MAX_WORDS = 50_000


def split_words(text: str) -> dict[str, Any]:
    """Split a text into its words, in order and in lower case.

    Returns {"words": [...]}; at most 50,000 words, so that the state stays small.
    """
    return {"words": [match[0].lower() for match in _WORD.finditer(text)][:MAX_WORDS]}


def count_text(text: str) -> dict[str, int]:
    """Count characters, words, sentences and lines of a text."""
    return {
        "characters": len(text),
        "word_count": len(_WORD.findall(text)),
        "sentences": len(_SENTENCE_END.findall(text)),
        "lines": len(text.splitlines()),
    }


def top_words(words: list[str], limit: int = 10, shortest: int = 4) -> dict[str, Any]:
    """Find the most frequent words of at least `shortest` letters.

    Returns {"top_words": [{"word", "count"}]}, the most frequent first, equal ones by alphabet.
    """
    counted = Counter(word for word in words if len(word) >= shortest)
    ranked = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[: max(limit, 0)]
    return {"top_words": [{"word": word, "count": count} for word, count in ranked]}


def replace_text(text: str, find: str, replacement: str = "") -> dict[str, str]:
    """Replace every occurrence of a piece of text. Returns {"text": ...}."""
    if not find:
        raise ValueError("find must not be empty: say which text to replace")
    return {"text": text.replace(find, replacement)}


def parse_json(text: str) -> dict[str, Any]:
    """Read JSON from a text. Returns {"data": ...}; bad JSON is an error with its place."""
    try:
        return {"data": json.loads(text)}
    except json.JSONDecodeError as error:
        raise ValueError(f"this is not JSON: {error}") from error


def pick(data: Any, path: str, default: Any = None) -> dict[str, Any]:
    """Take one value out of nested data by a dotted path such as "customer.orders.0.total".

    Returns {"value": ...}: the default where the path leads nowhere.
    """
    value = data
    for part in path.split("."):
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return {"value": default}
    return {"value": value}


def summarise_numbers(numbers: list[float]) -> dict[str, float]:
    """Describe a list of numbers: count, sum, mean, median, lowest, highest, deviation."""
    if not numbers:
        raise ValueError("numbers is empty: there is nothing to summarise")
    return {
        "count": len(numbers),
        "sum": sum(numbers),
        "mean": statistics.fmean(numbers),
        "median": statistics.median(numbers),
        "lowest": min(numbers),
        "highest": max(numbers),
        "deviation": statistics.pstdev(numbers),
    }


def linear(value: float, factor: float = 1.0, offset: float = 0.0, digits: int = 2) -> float:
    """Compute value * factor + offset, rounded: growth by interest, a conversion of units."""
    return round(value * factor + offset, digits)


TOOLS: dict[str, Callable[..., Any]] = {
    "text.split_words": split_words,
    "text.count": count_text,
    "text.top_words": top_words,
    "text.replace": replace_text,
    "json.parse": parse_json,
    "json.pick": pick,
    "math.summarise": summarise_numbers,
    "math.linear": linear,
}
