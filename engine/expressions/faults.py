"""What the evaluation of an expression fails with: each sentence once, so that it is found again
in a journal. What the language itself refuses is told where it is read: it is never run."""

from collections.abc import Mapping
from typing import Any, Final

from engine.readable import Readable, Shape, readable, readable_count
from engine.said import Said, say, say_as

from .words import FREE_NAMES

_KINDS: Final = ("null", "bool", "int", "double", "string", "optional", "list", "map")
_ARTICLES: Final = {"null": "", "int": "an "}
"""What English puts before the name of a type."""


def with_article(kind: str) -> Said:
    """The name of a type as a sentence has it that says what something is."""
    return say_as("{kind}", f"{_ARTICLES.get(kind, 'a ')}{kind}", kind=kind)


# Parts of sentences.

NO_KEYS: Final = say("(no keys here)")
KEYS: Final = readable("(keys here: {keys})")
MORE_KEYS: Final = readable("(keys here: {keys}, … {n} more)")
ITEMS: Final = readable_count("{n} item", "{count} items")
THE_VALUE: Final = say("the value")
WANTED: Final = {
    "size": say("a string, a list or a map"),
    "int": say("a number, a bool or a string"),
    "double": say("a number or a string"),
    "string": say("a string, a number or a bool"),
    "bool": say("a bool or a string"),
}
TEXT_BEFORE: Final = say("a string before the dot")
TEXT: Final = say("a string")
_KNOWN: Final = (NO_KEYS, MORE_KEYS, KEYS)
_PATH: Final = Shape(r"[\w.]+")
_TYPE: Final = Shape(r"(?:a |an )?[\w ]+")

# Names, keys and indexes.

NOT_HERE: Final = readable("there is no '{name}' here")
IS_FREE: Final = readable(
    "{name} is {meaning}; a state key of this name is {key}", meaning=FREE_NAMES.values()
)
NO_KEY_IN: Final = readable("no key {key} in {place} {keys}", place=[_PATH], keys=_KNOWN)
NO_KEY: Final = readable("no key {key} {keys}", keys=_KNOWN)
USE_EITHER: Final = readable("use {one} or {other}")
NEAR: Final = readable("did you mean {near}? Else use {one} or {other}")
KEYLESS: Final = readable(
    "{value} is {kind}, so it has no key {key}",
    value=[THE_VALUE, _PATH],
    kind=[*map(with_article, _KINDS), _TYPE],
)
TEST_FIRST: Final = readable("test it first: {test}")
LIST_HAS_NO_KEYS: Final = readable("a list has no keys; use {one} or {other}")
INDEX_TYPE: Final = readable("a list index must be an int, not {kind}")
NEGATIVE_INDEX: Final = readable("there is no negative index; {list} has {items}", items=[ITEMS])
FAR_INDEX: Final = readable("the index is far outside the list of {items}", items=[ITEMS])
INDEX: Final = readable("index {index} is outside the list of {items}", items=[ITEMS])
USE: Final = readable("use {text}")
MAP_KEY: Final = readable("a map has no keys of type {kind}")
KEYS_ARE_TEXT: Final = say("keys are strings")
LITERAL_KEY: Final = readable("a map key cannot be of type {kind}")
KEYS_ARE_WRITTEN: Final = say("keys are strings: {'a': 1}")
TWICE: Final = readable("the key {key} stands twice in the map")

# Operators and conditions.

OPERANDS: Final = readable("'{sign}' does not work on {one} and {other}")
OPERAND: Final = readable("'{sign}' needs a number, not {kind}")
CONVERT: Final = say("convert with string(…), int(…) or double(…)")
BOOL_IS_NO_NUMBER: Final = say("a bool is not a number; use condition ? 1 : 0")
TEST_FOR_NULL: Final = say("the value is null; test it first: x != null && …")
OVERFLOW: Final = say("integer overflow: the result does not fit in 64 bits")
BY_ZERO: Final = readable("'{sign}' by zero")
TEST_DIVISOR: Final = readable("test the divisor first: {test}")
IN_TEXT: Final = say("'in' does not look into strings")
IN_WHAT: Final = readable("'in' needs a list or a map, not {kind}")
CONDITION: Final = readable("{where} needs true or false, not {kind}")
WRITE: Final = readable("write {text}")

# Functions and loops.

NEEDS: Final = readable(
    "{name}() needs {wanted}, not {kind}", wanted=[*WANTED.values(), TEXT_BEFORE, TEXT]
)
UNREADABLE: Final = readable("{name}() cannot read {text}")
TOO_LARGE: Final = readable("{value} does not fit in a 64-bit integer")
NOT_OPTIONAL: Final = readable("{name}() belongs after an optional access")
WRITE_OPTIONAL: Final = say("write a.?b or a[?'b'] before it")
OPTIONAL: Final = say("an optional value must be unwrapped first")
ADD_DEFAULT: Final = say("add .orValue(default)")
LOOP_OVER: Final = readable("a loop needs a list or a map, not {kind}")

# Limits.

LONG_SOURCE: Final = readable("{name}() on a string of {n} characters; {most} are allowed")
LONG_LOOP: Final = readable("a loop over {n} items; {most} are allowed")
LONG_TEXT: Final = readable("the string would have {n} characters; {most} are allowed")
LONG_LIST: Final = readable("the list would have {n} items; {most} are allowed")
IN_A_TOOL: Final = say("do this in a tool")
TOO_MUCH: Final = say("the expression does too much work")
LOOP_OVER_LESS: Final = say("loop over less, or do this in a tool")

SENTENCES: Final[tuple[Readable | Said, ...]] = (
    NOT_HERE, IS_FREE, NO_KEY_IN, NO_KEY, USE_EITHER, NEAR, KEYLESS, TEST_FIRST,
    LIST_HAS_NO_KEYS, INDEX_TYPE, NEGATIVE_INDEX, FAR_INDEX, INDEX, USE, MAP_KEY, KEYS_ARE_TEXT,
    LITERAL_KEY, KEYS_ARE_WRITTEN, TWICE, OPERANDS, OPERAND, CONVERT, BOOL_IS_NO_NUMBER,
    TEST_FOR_NULL, OVERFLOW, BY_ZERO, TEST_DIVISOR, IN_TEXT, IN_WHAT, CONDITION, WRITE, NEEDS,
    UNREADABLE, TOO_LARGE, NOT_OPTIONAL, WRITE_OPTIONAL, OPTIONAL, ADD_DEFAULT, LOOP_OVER,
    LONG_SOURCE, LONG_LOOP, LONG_TEXT, LONG_LIST, IN_A_TOOL, TOO_MUCH, LOOP_OVER_LESS,
)  # fmt: skip
"""All that a fault says, as its message or as its hint."""
_WITHOUT_GAPS: Final = {str(each): each for each in SENTENCES if isinstance(each, Said)}
_WITH_GAPS: Final = [each for each in SENTENCES if isinstance(each, Readable)]


def reread(error: Mapping[str, Any], text: str) -> Said | None:
    """What a text of an error says that holds the parts of an `ExpressionError` (`as_dict`): the
    message, the hint, and its place drawn beneath. None for any other text."""
    message, hint = error.get("message"), error.get("hint")
    if not isinstance(message, str) or not isinstance(hint, str):
        return None
    said, advice = found(message), found(hint)
    if said is None or (hint and advice is None):
        return None
    if advice is not None:
        said = say("{message}; {hint}", message=said, hint=advice)
    if text == said:
        return said
    place = text.removeprefix(f"{said}\n")
    return None if place == text else say("{message}\n{place}", message=said, place=place)


def found(text: str) -> Said | None:
    """The sentence that a text says, if it is one of evaluations."""
    if len(text) > _LONGEST or "\n" in text:
        return None
    if text in _WITHOUT_GAPS:
        return _WITHOUT_GAPS[text]
    return next(filter(None, (each.read(text) for each in _WITH_GAPS)), None)


_LONGEST: Final = 2_000
