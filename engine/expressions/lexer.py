"""Source text to tokens. One pass, linear, refuses what cannot be shown or read safely."""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, NoReturn

from engine.said import UNSAID, grouped, quoted, say

from .errors import ExpressionError
from .limits import INT_MAX, MAX_SOURCE
from .words import CHARACTER_HABITS, KEYWORDS, OPERATORS, RESERVED


class Kind(Enum):
    """What a token is."""

    NAME = "name"
    """An identifier: a state key, a loop variable, a function."""
    RESERVED = "reserved"
    """A word CEL keeps for itself; allowed only after a dot."""
    KEYWORD = "keyword"
    """true, false, null, in."""
    NUMBER = "number"
    """An int or a double."""
    STRING = "string"
    """A string, already unescaped."""
    OPERATOR = "operator"
    """Operators and punctuation."""
    END = "end"
    """After the last token."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its kind, its text (a string's value, a number's value) and where it starts."""

    kind: Kind
    value: Any
    at: int


_ESCAPE: Final = (
    r"\\(?:[abfnrtv\\'\"`?]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2})"
)
_TOKEN: Final = re.compile(
    r"(?P<space>[ \t\r\n\f]+)"
    r"|(?P<float>(?:[0-9]+\.[0-9]+|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+)"
    r"|(?P<hex>0x[0-9a-fA-F]+)"
    r"|(?P<int>[0-9]+)"
    r"|(?P<quote>[rR]?(?:\"\"\"|'''|\"|'))"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<operator>"
    + "|".join(re.escape(o) for o in sorted(OPERATORS, key=len, reverse=True))
    + ")"
)
_BODIES: Final = {
    quote: re.compile(rf"((?:{_ESCAPE}|[^\\{quote}\r\n])*){quote}") for quote in ("'", '"')
} | {
    quote * 3: re.compile(rf"((?:{_ESCAPE}|[^\\{quote}]|{quote}{{1,2}}(?!{quote}))*){quote * 3}")
    for quote in ("'", '"')
}
_RAW_BODIES: Final = {
    "'": re.compile(r"([^'\r\n]*)'"),
    '"': re.compile(r'([^"\r\n]*)"'),
    "'''": re.compile(r"((?:[^']|'{1,2}(?!'))*)'''"),
    '"""': re.compile(r'((?:[^"]|"{1,2}(?!"))*)"""'),
}
_ESCAPED: Final = re.compile(_ESCAPE)
_SIMPLE_ESCAPES: Final = dict(zip("abfnrtv", "\a\b\f\n\r\t\v", strict=True))
UNSAFE: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that a source may not hold as they are."""


def tokens(source: str) -> list[Token]:
    """All tokens of the source, an END last. Raises ExpressionError."""
    _refuse_unreadable(source)
    found: list[Token] = []
    at = 0
    while at < len(source):
        match = _TOKEN.match(source, at)
        if match is None:
            _refuse_character(source, at)
        kind = str(match.lastgroup)
        if kind == "quote":
            token, at = _string(source, at, match.group())
            found.append(token)
            continue
        if kind != "space":
            found.append(_token(source, kind, match))
        at = match.end()
    found.append(Token(Kind.END, "", len(source)))
    return found


def _refuse_unreadable(source: str) -> None:
    if len(source) > MAX_SOURCE:
        raise ExpressionError(
            MAX_SOURCE,
            say(
                "the expression has {n} characters; {most} are allowed",
                n=grouped(len(source)),
                most=grouped(MAX_SOURCE),
            ),
            say("move the work into a tool"),
            source[: MAX_SOURCE + 1],
        )
    unsafe = UNSAFE.search(source)
    if unsafe is not None:
        code = ord(unsafe.group())
        raise ExpressionError(
            unsafe.start(),
            say(
                "the invisible or broken character {character} is not allowed",
                character=f"U+{code:04X}",
            ),
            say("remove it")
            if 0xD800 <= code <= 0xDFFF
            else say("in a string write {escape}", escape=f"\\u{code:04x}"),
            source,
        )


def _token(source: str, kind: str, match: re.Match[str]) -> Token:
    text, at = match.group(), match.start()
    if kind == "name":
        return Token(_word_kind(text), text, at)
    if kind == "operator":
        if text in CHARACTER_HABITS:
            said = say("'{sign}' is not an operator here", sign=text)
            raise ExpressionError(at, said, CHARACTER_HABITS[text], source)
        return Token(Kind.OPERATOR, text, at)
    _refuse_glued(source, match.end())
    if kind == "float":
        return Token(Kind.NUMBER, float(text), at)
    return Token(Kind.NUMBER, _integer(source, text, at), at)


def _word_kind(text: str) -> Kind:
    if text in KEYWORDS:
        return Kind.KEYWORD
    return Kind.RESERVED if text in RESERVED else Kind.NAME


def _integer(source: str, text: str, at: int) -> int:
    """The value; 2**63 itself passes because the parser may find a minus before it."""
    digits = text[2:] if text.startswith("0x") else text
    base = 10 if digits is text else 16
    significant = digits.lstrip("0")
    value = int(significant or "0", base) if len(significant) <= 19 else INT_MAX + 2
    if value > INT_MAX + 1:
        message, hint = TOO_LARGE
        raise ExpressionError(at, message, hint, source)
    return value


TOO_LARGE: Final = (say("the integer does not fit in 64 bits"), say("write a double: 1e20"))


def _refuse_glued(source: str, end: int) -> None:
    if end < len(source) and (source[end].isalnum() or source[end] == "_"):
        hint = (
            say("unsigned integers are left out; drop the u")
            if source[end] in "uU"
            else say("put a space or an operator")
        )
        said = say("unexpected '{character}' right after a number", character=source[end])
        raise ExpressionError(end, said, hint, source)


def _string(source: str, at: int, opening: str) -> tuple[Token, int]:
    raw = opening[0] in "rR"
    quote = opening.lstrip("rR")
    body = (_RAW_BODIES if raw else _BODIES)[quote].match(source, at + len(opening))
    if body is None:
        _refuse_string(source, at, at + len(opening), quote)
    text = body.group(1)
    return Token(
        Kind.STRING, text if raw else _unescape(source, text, body.start(1)), at
    ), body.end()


def _unescape(source: str, text: str, start: int) -> str:
    if "\\" not in text:
        return text

    def one(match: re.Match[str]) -> str:
        letter = match.group()[1]
        if letter in "xuU":
            return _code_point(source, int(match.group()[2:], 16), start + match.start())
        if letter in "0123":
            return chr(int(match.group()[1:], 8))
        return _SIMPLE_ESCAPES.get(letter, letter)

    return _ESCAPED.sub(one, text)


def _code_point(source: str, code: int, at: int) -> str:
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        said = say("{code} is not a character", code=f"U+{code:04X}")
        raise ExpressionError(at, said, UNSAID, source)
    return chr(code)


def _refuse_string(source: str, at: int, start: int, quote: str) -> NoReturn:
    """Say whether an escape is wrong or the closing quote is missing."""
    at_escape = start
    while (at_escape := source.find("\\", at_escape)) != -1:
        escape = _ESCAPED.match(source, at_escape)
        if escape is None and at_escape + 1 < len(source):
            raise ExpressionError(
                at_escape,
                say("unknown escape in a string"),
                say(r"known: \n \t \r \\ \' \" \xhh \uhhhh \Uhhhhhhhh; r'…' keeps backslashes"),
                source,
            )
        at_escape += 2 if escape is None else len(escape.group())
    hint = say("end it with {quote}", quote=quote)
    raise ExpressionError(at, say("the string is not closed"), hint, source)


def _refuse_character(source: str, at: int) -> NoReturn:
    character = source[at]
    if character.isalpha():
        hint = say("names are plain letters a-z, digits and _; reach other keys with state['…']")
    elif character in "‘’“”":
        hint = say("use straight quotes: '…'")
    elif character == "$":
        hint = say("a state key is written bare: score")
    else:
        hint = CHARACTER_HABITS.get(character, UNSAID)
    said = say("unexpected character {character}", character=quoted(character))
    raise ExpressionError(at, said, hint, source)
