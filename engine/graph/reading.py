"""Reading hostile JSON: typed lookups that report problems, with pointers, and do not raise."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, TypeVar

from engine.errors import Problem
from engine.expressions import Expression, ExpressionError
from engine.expressions import compile as compile_expression
from engine.policies import Severity
from engine.said import UNSAID, Quoted, Said, quoted, say
from engine.values.durations import DurationRefused, seconds
from engine.values.jsonvalue import FORBIDDEN_KEYS, MAX_DEPTH

MAX_PROBLEMS = 500
"""More than this many problems are not collected."""
MAX_TEXT = 100_000
"""Characters of one string in a document."""
MAX_NAME = 200
"""Characters of an id, a state key or a tool name."""

E = TypeVar("E", bound=str)


class TooManyProblems(Exception):
    """Enough is known about this document."""


def pointer(*parts: str | int) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join([_step(str(part)) for part in parts])


def _step(part: str) -> str:
    if "~" in part or "/" in part:
        part = part.replace("~", "~0").replace("/", "~1")
    return "/" + part


def shorten(value: Any, width: int = 60) -> str:
    """A value as it can be shown in a message."""
    text = value if isinstance(value, str) else repr(value)[: width * 2]
    shown = text if len(text) <= width else text[: width - 1] + "…"
    return quoted(shown) if isinstance(value, str) else shown


def one_of(words: Iterable[str]) -> Said:
    """The words of a closed set, as what is expected or as a hint."""
    return say("one of {words}", words=", ".join(words))


class Report:
    """Collects the problems of one document."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.node: str | None = None
        self.edge: str | None = None

    def add(self, code: str, where: str, message: Said, hint: Said = UNSAID) -> None:
        """Note an error about the node or edge being read."""
        self.problems.append(
            Problem(code, where, message, hint, Severity.ERROR, self.node, self.edge)
        )
        if len(self.problems) >= MAX_PROBLEMS:
            raise TooManyProblems


def scan(document: Any, report: Report) -> bool:
    """Whether the document is JSON of a sane shape all the way down."""
    # Most of a document is fine at first sight: that costs neither a pointer nor a turn.
    stack: list[tuple[Any, _Way, int]] = [(document, None, 0)]
    before = len(report.problems)
    good: set[str] = set()
    while stack:
        value, way, depth = stack.pop()
        if isinstance(value, (dict, list)) and depth >= MAX_DEPTH:
            report.add("too_deep", _pointer_to(way), say("nested more than {n} deep", n=MAX_DEPTH))
        elif isinstance(value, dict):
            for key, item in value.items():
                if key not in good:
                    if not _scan_key(key, _pointer_to(way), report):
                        continue
                    good.add(key)
                if not _is_plainly_fine(item):
                    stack.append((item, (way, key), depth + 1))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if not _is_plainly_fine(item):
                    stack.append((item, (way, index), depth + 1))
        else:
            _scan_atom(value, _pointer_to(way), report)
    return len(report.problems) == before


_Way = tuple[Any, str | int] | None
"""How a value was come to: from where, and by which key or index; None is the document."""


def _pointer_to(way: _Way) -> str:
    parts: list[str | int] = []
    while way is not None:
        way, part = way
        parts.append(part)
    return pointer(*reversed(parts))


def _is_plainly_fine(value: Any) -> bool:
    """Whether a value needs no closer look: a short ASCII text, true, false or null."""
    kind = type(value)
    if kind is str:
        return value.isascii() and len(value) <= MAX_TEXT
    return kind is bool or value is None


def _scan_key(key: Any, where: str, report: Report) -> bool:
    if not isinstance(key, str):
        kind = type(key).__name__
        report.add("bad_key", where, say("keys must be text, not {kind}", kind=kind))
    elif key in FORBIDDEN_KEYS:
        said = say("{key} is not allowed as a key", key=quoted(key))
        report.add("forbidden_key", f"{where}{pointer(key)}", said)
    elif len(key) > MAX_NAME:
        said = say("a key of {n} characters: {key}", n=len(key), key=shorten(key))
        report.add("too_long", where, said)
    elif not printable(key):
        said = say("the key {key} holds control characters", key=Quoted(ascii(key[:60])))
        report.add("bad_key", where, said)
    else:
        return True
    return False


def _scan_atom(value: Any, where: str, report: Report) -> None:
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            said = say("{n} characters; at most {most}", n=len(value), most=MAX_TEXT)
            report.add("too_long", where, said)
        elif not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
            report.add("bad_text", where, say("the text holds half a surrogate pair"))
    elif value is not None and not isinstance(value, (bool, int, float)):
        report.add("not_json", where, say("{kind} is not JSON", kind=type(value).__name__))
    elif isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        report.add("not_json", where, say("{value} is not a JSON number", value=repr(value)))
    elif isinstance(value, int) and value.bit_length() > 64:
        report.add("not_json", where, say("the number is too big"))


def printable(text: str) -> bool:
    """Whether the text has no control characters and no halves of surrogate pairs."""
    return text.isprintable() or not any(
        c < " " or "\x7f" <= c <= "\x9f" or "\ud800" <= c <= "\udfff" or c in "\u2028\u2029"
        for c in text
    )


class Fields:
    """One object of a document; each lookup reports what is wrong and answers a usable value."""

    __slots__ = ("raw", "report", "way")

    def __init__(
        self, raw: Any, way: tuple[str | int, ...], report: Report, known: AbstractSet[str]
    ) -> None:
        self.way = way
        """The steps of the object's pointer, which is made when something is wrong."""
        self.report = report
        if not isinstance(raw, dict):
            said = say("expected an object, found {found}", found=shorten(raw))
            report.add("wrong_type", self.where, said)
            raw = {}
        self.raw: dict[str, Any] = raw
        if not raw.keys() <= known:
            for key in raw:
                if key not in known:
                    self.unknown(key, known)

    def unknown(self, key: str, known: Iterable[str]) -> None:
        """Report a key that nobody reads."""
        hint = say("known here: {known}", known=", ".join(sorted(known)))
        said = say("unknown key {key}", key=shorten(key))
        self.report.add("unknown_key", self.at(key), said, hint)

    @property
    def where(self) -> str:
        """The pointer of the object."""
        return pointer(*self.way)

    def at(self, *steps: str | int) -> str:
        """The pointer of a member, or of a part of one."""
        return pointer(*self.way, *steps)

    def wrong(self, key: str, expected: Said) -> None:
        """Report a member of the wrong type or value."""
        found = shorten(self.raw[key])
        said = say(
            "{key}: expected {expected}, found {found}", key=key, expected=expected, found=found
        )
        self.report.add("wrong_type", self.at(key), said)

    def missing(self, key: str, hint: Said = UNSAID) -> None:
        """Report a member that must be there."""
        self.report.add("missing_key", self.where, say("{key} is missing", key=quoted(key)), hint)

    def strange(self, key: str, name: str, *more: str | int) -> None:
        """Report that a member names a node that is not there."""
        said = say("no node {name}", name=shorten(name))
        self.report.add("unknown_node", self.at(key, *more), said)

    def text(self, key: str, default: str = "", *, limit: int = MAX_TEXT) -> str:
        """A string of at most `limit` characters."""
        if key not in self.raw:
            return default
        value = self.raw[key]
        if isinstance(value, str) and len(value) <= limit:
            return value
        self.wrong(key, say("text of at most {n} characters", n=limit))
        return default

    def name(self, key: str) -> str | None:
        """A required id, or None after reporting that it is missing or odd."""
        value = self.raw.get(key)
        if isinstance(value, str) and 0 < len(value) <= MAX_NAME and printable(value):
            return value
        if key in self.raw:
            self.wrong(key, say("a name of 1 to {n} printable characters", n=MAX_NAME))
        else:
            self.missing(key)
        return None

    def flag(self, key: str) -> bool:
        """A boolean that is false unless given."""
        if key not in self.raw:
            return False
        value = self.raw[key]
        if not isinstance(value, bool):
            self.wrong(key, say("true or false"))
        return value is True

    def choice(self, key: str, options: type[E], default: E) -> E:
        """One word of an enum."""
        if key not in self.raw:
            return default
        try:
            return options(self.raw[key])
        except ValueError:
            self.wrong(key, one_of(options))  # type: ignore[arg-type]
            return default

    def number(self, key: str, default: float, least: float, most: float) -> float:
        """A number within bounds."""
        value = self.raw.get(key, default)
        if (
            isinstance(value, (int, float))
            and not isinstance(value, bool)
            and least <= value <= most
        ):
            return float(value)
        said = say("a number from {least} to {most}", least=f"{least:g}", most=f"{most:g}")
        self.wrong(key, said)
        return default

    def whole(self, key: str, default: int, least: int, most: int) -> int:
        """A whole number within bounds."""
        value = self.raw.get(key, default)
        if type(value) is int and least <= value <= most:
            return value
        self.wrong(key, say("a whole number from {least} to {most}", least=least, most=most))
        return default

    def duration(self, key: str, default: float | None = None) -> float | None:
        """Seconds of a duration such as '30s'."""
        if key not in self.raw:
            return default
        try:
            return seconds(self.raw[key])
        except DurationRefused as error:
            said = say("{key}: {problem}", key=key, problem=error.message)
            self.report.add("wrong_type", self.at(key), said)
            return default

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list of strings."""
        value = self.raw.get(key)
        if key not in self.raw:
            return default
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        self.wrong(key, say("a list of names"))
        return default

    def mapping(self, key: str) -> Mapping[str, Any]:
        """An object, empty unless given."""
        value = self.raw.get(key, {})
        if isinstance(value, dict):
            return value
        self.wrong(key, say("an object"))
        return {}

    def expressions(self, key: str) -> dict[str, Expression]:
        """An object whose values are expressions; the broken ones are reported and left out."""
        made = {}
        for name, source in self.mapping(key).items():
            compiled = self.compiled(source, key, name)
            if compiled is not None:
                made[name] = compiled
        return made

    def expression(self, key: str) -> Expression | None:
        """A compiled expression; None where it is not given, and after reporting."""
        return self.compiled(self.raw[key], key) if key in self.raw else None

    def compiled(self, source: Any, *at: str) -> Expression | None:
        """A compiled expression that is written at `at`, or None after reporting what is wrong."""
        if not isinstance(source, str):
            hint = say("a text constant needs its own quotes: \"'stopped'\"")
            said = say("an expression is written as text")
            self.report.add("wrong_type", self.at(*at), said, hint)
            return None
        try:
            return compile_expression(source)
        except ExpressionError as error:
            self.report.add("bad_expression", self.at(*at), error.said, error.hint)
            return None
