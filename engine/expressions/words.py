"""The words and signs of the language, and the habits of other languages we answer with help."""

from typing import Final

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
    "=": "compare with ==",
    "===": "compare with ==",
    "!==": "compare with !=",
    "<>": "compare with !=",
    "&": "use &&",
    "|": "use ||",
    "//": "for whole numbers / already drops the fraction; comments are left out",
    "/*": "comments are left out",
    "**": "there are no powers; multiply, or compute it in a tool",
    "??": "use state.?key.orValue(default)",
    "->": "write loops as list.map(x, x + 1)",
    "=>": "write loops as list.map(x, x + 1); at least is >=",
    "^": "there are no bit operators",
    "~": "there are no bit operators; not is !",
    ";": "one expression only, without a semicolon",
    "`": "reach odd keys with state['…']",
    "#": "comments are left out",
    "@": "",
    "\\": "a backslash belongs inside a string",
}

NAME_HABITS: Final = {
    "and": "use &&",
    "or": "use ||",
    "not": "use !",
    "True": "use true",
    "False": "use false",
    "None": "use null",
    "is": "use ==",
    "elif": "use condition ? a : b",
    "lambda": "write loops as list.map(x, x + 1)",
    "undefined": "use null, or has(state.key) to ask whether a key is there",
}

RESERVED_HABITS: Final = {
    "if": "use condition ? a : b",
    "else": "use condition ? a : b",
    "for": "use list.map(x, …) or list.filter(x, …)",
    "while": "draw a loop in the graph",
}

CALL_HABITS: Final = {
    "len": "use size(x)",
    "length": "use size(x)",
    "count": "use size(list.filter(x, …))",
    "str": "use string(x)",
    "float": "use double(x)",
    "any": "use list.exists(x, …)",
    "some": "use list.exists(x, …)",
    "every": "use list.all(x, …)",
    "find": "use list.exists(x, …) or list.filter(x, …)",
    "includes": "use x in list, or text.contains('…')",
    "index": "use list[0]",
    "get": "use map[?key].orValue(default)",
    "keys": "loop over the map itself: map.map(k, …)",
    "values": "use map.map(k, map[k])",
    "items": "use map.map(k, …)",
    "lower": "use text.lowerAscii()",
    "toLowerCase": "use text.lowerAscii()",
    "upper": "use text.upperAscii()",
    "toUpperCase": "use text.upperAscii()",
    "strip": "use text.trim()",
    "startswith": "use text.startsWith('…')",
    "endswith": "use text.endsWith('…')",
    "isinstance": "types follow the state; use has(state.key) or == null",
    "getattr": "use a.b or a['b']",
    "matches": "regular expressions are left out; use contains, startsWith, endsWith, or a tool",
    "timestamp": "times are ISO strings and compare as text; compute with them in a tool",
    "duration": "times are ISO strings and compare as text; compute with them in a tool",
    "now": "the time is an input: put it into the state with a tool",
    "sum": "keep a total in the state, or compute it in a tool",
    "min": "use a < b ? a : b",
    "max": "use a > b ? a : b",
    "abs": "use x < 0 ? -x : x",
    "round": "compute it in a tool; int(x) drops the fraction",
    "format": "join with +: 'n = ' + string(n)",
    "join": "compute it in a tool",
    "split": "compute it in a tool",
    "replace": "compute it in a tool",
}

FREE_NAMES: Final = {
    "state": "the whole state, as a map",
    "result": "what the tool returned; only in outputs of a node",
    "error": "the error {node, code, type, message, traceback, attempts}; only after an error edge",
    "answer": "the answer of a person; only in outputs of a human node",
    "item": "the item of this activation; only inside a map node",
    "index": "the number of the item, from 0; only inside a map node",
    "iteration": "the number of this visit to the node in this run, from 1",
    "results": "the results of all items in order; only in collect of a map node",
}
"""Names beside the state's keys. A state key of such a name is reached through `state`."""
