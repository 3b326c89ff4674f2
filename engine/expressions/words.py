"""The words and signs of the language, and the habits of other languages we answer with help."""

from typing import Final

from engine.said import UNSAID, Said, say


def _use(text: str) -> Said:
    return say("use {text}", text=text)


def _either(one: str, other: str) -> Said:
    return say("use {one} or {other}", one=one, other=other)


KEYWORDS: Final = frozenset({"true", "false", "null", "in"})

RESERVED: Final = frozenset(
    {
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let",
        "loop", "namespace", "package", "return", "var", "void", "while",
    }
)  # fmt: skip
"""Words CEL keeps for itself: not usable as names, fine after a dot."""

OPERATORS: Final = (
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":",
    "(", ")", "[", "]", "{", "}", ",", ".",
    # Recognised only to be refused with help.
    "===", "!==", "<>", "//", "/*", "**", "??", "->", "=>", "=", "&", "|", "^", "~", ";",
)  # fmt: skip

CHARACTER_HABITS: Final = {
    "=": say("compare with =="),
    "===": say("compare with =="),
    "!==": say("compare with !="),
    "<>": say("compare with !="),
    "&": _use("&&"),
    "|": _use("||"),
    "//": say("for whole numbers / already drops the fraction; comments are left out"),
    "/*": say("comments are left out"),
    "**": say("there are no powers; multiply, or compute it in a tool"),
    "??": _use("state.?key.orValue(default)"),
    "->": say("write loops as list.map(x, x + 1)"),
    "=>": say("write loops as list.map(x, x + 1); at least is >="),
    "^": say("there are no bit operators"),
    "~": say("there are no bit operators; not is !"),
    ";": say("one expression only, without a semicolon"),
    "`": say("reach odd keys with state['…']"),
    "#": say("comments are left out"),
    "@": UNSAID,
    "\\": say("a backslash belongs inside a string"),
}

NAME_HABITS: Final = {
    "and": _use("&&"),
    "or": _use("||"),
    "not": _use("!"),
    "True": _use("true"),
    "False": _use("false"),
    "None": _use("null"),
    "is": _use("=="),
    "elif": _use("condition ? a : b"),
    "lambda": say("write loops as list.map(x, x + 1)"),
    "undefined": say("use null, or has(state.key) to ask whether a key is there"),
}

RESERVED_HABITS: Final = {
    "if": _use("condition ? a : b"),
    "else": _use("condition ? a : b"),
    "for": _either("list.map(x, …)", "list.filter(x, …)"),
    "while": say("draw a loop in the graph"),
}

CALL_HABITS: Final = {
    "len": _use("size(x)"),
    "length": _use("size(x)"),
    "count": _use("size(list.filter(x, …))"),
    "str": _use("string(x)"),
    "float": _use("double(x)"),
    "any": _use("list.exists(x, …)"),
    "some": _use("list.exists(x, …)"),
    "every": _use("list.all(x, …)"),
    "find": _either("list.exists(x, …)", "list.filter(x, …)"),
    "includes": say("use x in list, or text.contains('…')"),
    "index": _use("list[0]"),
    "get": _use("map[?key].orValue(default)"),
    "keys": say("loop over the map itself: map.map(k, …)"),
    "values": _use("map.map(k, map[k])"),
    "items": _use("map.map(k, …)"),
    "lower": _use("text.lowerAscii()"),
    "toLowerCase": _use("text.lowerAscii()"),
    "upper": _use("text.upperAscii()"),
    "toUpperCase": _use("text.upperAscii()"),
    "strip": _use("text.trim()"),
    "startswith": _use("text.startsWith('…')"),
    "endswith": _use("text.endsWith('…')"),
    "isinstance": say("types follow the state; use has(state.key) or == null"),
    "getattr": _either("a.b", "a['b']"),
    "matches": say(
        "regular expressions are left out; use contains, startsWith, endsWith, or a tool"
    ),
    "timestamp": say("times are ISO strings and compare as text; compute with them in a tool"),
    "duration": say("times are ISO strings and compare as text; compute with them in a tool"),
    "now": say("the time is an input: put it into the state with a tool"),
    "sum": say("keep a total in the state, or compute it in a tool"),
    "min": _use("a < b ? a : b"),
    "max": _use("a > b ? a : b"),
    "abs": _use("x < 0 ? -x : x"),
    "round": say("compute it in a tool; int(x) drops the fraction"),
    "format": say("join with +: 'n = ' + string(n)"),
    "join": say("compute it in a tool"),
    "split": say("compute it in a tool"),
    "replace": say("compute it in a tool"),
}

FREE_NAMES: Final = {
    "state": say("the whole state, as a map"),
    "result": say("what the tool returned; only in outputs of a node"),
    "error": say(
        "the error {node, code, type, message, traceback, attempts}; only after an error edge"
    ),
    "answer": say("the answer of a person; only in outputs of a human node"),
    "item": say("the item of this activation; only inside a map node"),
    "index": say("the number of the item, from 0; only inside a map node"),
    "iteration": say("the number of this visit to the node in this run, from 1"),
    "results": say("the results of all items in order; only in collect of a map node"),
}
"""Names beside the state's keys. A state key of such a name is reached through `state`."""
