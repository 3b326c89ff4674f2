"""Names, keys and indexes: the closures that read, and the messages when nothing is there."""

import difflib
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any, Final

from engine.said import UNSAID, Quoted, Said, grouped

from . import faults
from .errors import Fault, Sentences, printable
from .limits import INT_MAX, INT_MIN
from .nodes import Has, Index, Name, Node, Select, path_of
from .values import (
    NOTHING,
    Frame,
    Optional,
    describe_optional,
    find_key,
    is_list,
    is_map,
    type_name,
)
from .words import FREE_NAMES

Names = Mapping[str, Any]
Run = Callable[[Names, Frame], Any]
"""A compiled part: (names, frame) to value."""

_SHOWN_KEYS: Final = 12
_SHOWN_LENGTH: Final = 60
_COMPARED_KEYS: Final = 100


def compile_name(node: Name) -> Run:
    """A bare name read from the names given to evaluate()."""
    name, at = node.name, node.at
    if name == "state":
        return _whole_state

    def read(names: Names, frame: Frame) -> Any:
        try:
            return names[name]
        except KeyError:
            raise Fault(at, _describe_name, name, names) from None

    return read


def _whole_state(names: Names, frame: Frame) -> Any:
    """`state`; without an entry of that name the names themselves are the state."""
    return names.get("state", names)


def compile_variable(slot: int) -> Run:
    """A loop variable, kept in the frame."""

    def read(names: Names, frame: Frame) -> Any:
        return frame[slot]

    return read


def compile_select(node: Select, base: Run) -> Run:
    """`base.key` and `base.?key`."""
    key, at, below = node.key, node.at, node.base

    def select(names: Names, frame: Frame) -> Any:
        value = base(names, frame)
        if type(value) is dict:
            try:
                return value[key]
            except KeyError:
                raise Fault(at, _describe_key, key, value, below) from None
        if isinstance(value, Optional):
            return optional_key(value, key, frame, at)
        if not is_map(value):
            raise Fault(at, _describe_access, key, value, below)
        if key not in value:
            raise Fault(at, _describe_key, key, value, below)
        return value[key]

    def select_optional(names: Names, frame: Frame) -> Any:
        value = base(names, frame)
        if not is_map(value) and not isinstance(value, Optional):
            raise Fault(at, _describe_access, key, value, below)
        return optional_key(value, key, frame, at)

    return select_optional if node.optional else select


def compile_has(node: Has, base: Run) -> Run:
    """`has(base.key)`."""
    key, at, below = node.key, node.at, node.base

    def has(names: Names, frame: Frame) -> bool:
        value = base(names, frame)
        if is_map(value):
            return key in value
        if isinstance(value, Optional):
            return optional_key(value, key, frame, at).present
        raise Fault(at, _describe_access, key, value, below)

    return has


def compile_index(node: Index, base: Run, key: Run) -> Run:
    """`base[key]` and `base[?key]`."""
    at, below = node.at, node.base

    def index(names: Names, frame: Frame) -> Any:
        value = base(names, frame)
        wanted = key(names, frame)
        if is_list(value):
            return _item(value, wanted, at, below)
        if isinstance(value, Optional):
            return optional_key(value, wanted, frame, at)
        if not is_map(value):
            raise Fault(at, _describe_access, wanted, value, below)
        return _entry(value, wanted, frame, at, below)

    def index_optional(names: Names, frame: Frame) -> Any:
        value = base(names, frame)
        wanted = key(names, frame)
        if not (is_list(value) or is_map(value) or isinstance(value, Optional)):
            raise Fault(at, _describe_access, wanted, value, below)
        return optional_key(value, wanted, frame, at)

    return index_optional if node.optional else index


def _item(items: Any, wanted: Any, at: int, below: Node) -> Any:
    """`list[wanted]`; a double counts when it is whole, as JSON may write 1 as 1.0."""
    if isinstance(wanted, float) and wanted.is_integer():
        wanted = int(wanted)
    if type(wanted) is not int:
        raise Fault(at, _describe_index, wanted)
    if not 0 <= wanted < len(items):
        raise Fault(at, _describe_range, wanted, len(items), below)
    return items[wanted]


def _entry(mapping: Any, wanted: Any, frame: Frame, at: int, below: Node) -> Any:
    if not isinstance(wanted, (str, int, float)):
        raise Fault(at, _describe_map_key, wanted)
    known = find_key(mapping, wanted, frame, at)
    if known is None:
        raise Fault(at, _describe_key, wanted, mapping, below)
    return mapping[known[0]]


def optional_key(value: Any, key: Any, frame: Frame, at: int) -> Optional:
    """Look up without failing on absence; a value of the wrong type still fails."""
    if isinstance(value, Optional):
        if not value.present:
            return NOTHING
        value = value.value
    if is_map(value):
        known = find_key(value, key, frame, at) if isinstance(key, (str, int, float)) else None
        return NOTHING if known is None else Optional(True, value[known[0]])
    if not is_list(value):
        raise Fault(at, _describe_access, key, value, None)
    if type(key) is not int:
        raise Fault(at, _describe_index, key)
    return Optional(True, value[key]) if 0 <= key < len(value) else NOTHING


# Messages.


def _text(node: Node | None) -> str:
    """The source of a simple path, else ''."""
    path = None if node is None else path_of(node)
    if path is None or not all(part.isidentifier() for part in path):
        return ""
    text = ".".join(path)
    return text if len(text) <= 2 * _SHOWN_LENGTH else ""


def _keys(mapping: Any) -> list[str]:
    """The first keys, as messages show them."""
    return [_shown(key) for key in islice(mapping, _COMPARED_KEYS)]


def _shown(key: Any) -> str:
    """A key cut to a readable length, with nothing in it that changes how the rest is read."""
    if isinstance(key, str):
        return printable(key if len(key) <= _SHOWN_LENGTH else key[: _SHOWN_LENGTH - 1] + "…")
    return str(key) if isinstance(key, (bool, float)) or _is_short(key) else type_name(key)


def _is_short(key: Any) -> bool:
    return isinstance(key, int) and INT_MIN <= key <= INT_MAX


def _quoted(key: Any) -> str:
    return Quoted(f"'{_shown(key)}'") if isinstance(key, str) else _shown(key)


def _list_keys(mapping: Any, keys: list[str]) -> Said:
    if not keys:
        return faults.NO_KEYS
    shown = ", ".join(keys[:_SHOWN_KEYS])
    if len(keys) <= _SHOWN_KEYS:
        return faults.KEYS(keys=shown)
    more = grouped(len(mapping) - _SHOWN_KEYS)
    return faults.MORE_KEYS(keys=shown, n=more)


def _use(one: str, other: str, key: str = "", keys: list[str] | None = None) -> Said:
    """What asks for a key that may be missing; first the one that may have been meant."""
    near: list[str] = []
    if keys and len(key) <= _SHOWN_LENGTH:
        near = difflib.get_close_matches(key, keys, 1, 0.75)
    if not near:
        return faults.USE_EITHER(one=one, other=other)
    return faults.NEAR(near=near[0], one=one, other=other)


def _describe_name(name: str, names: Names) -> Sentences:
    if name in FREE_NAMES:
        hint = faults.IS_FREE(name=name, meaning=FREE_NAMES[name], key=f"state.{name}")
        return faults.NOT_HERE(name=name), hint
    state = names.get("state", names)
    keys = [key for key in _keys(state if is_map(state) else names) if key not in FREE_NAMES]
    short = _shown(name)
    message = faults.NO_KEY(key=Quoted(f"'{short}'"), keys=_list_keys(state, keys))
    return message, _use(f"has(state.{short})", f"state.?{short}.orValue(…)", name, keys)


def _describe_key(key: Any, mapping: Any, below: Node) -> Sentences:
    keys, base, shown = _keys(mapping), _text(below), _quoted(key)
    known = _list_keys(mapping, keys)
    message = (
        faults.NO_KEY_IN(key=shown, place=base, keys=known)
        if base and base != "state"
        else faults.NO_KEY(key=shown, keys=known)
    )
    where = base or "…"
    if isinstance(key, str) and len(key) <= _SHOWN_LENGTH and key.isidentifier():
        return message, _use(f"has({where}.{key})", f"{where}.?{key}.orValue(…)", key, keys)
    return message, _use(f"{shown} in {where}", f"{where}[?{shown}].orValue(…)")


def _describe_access(key: Any, value: Any, below: Node | None) -> Sentences:
    if isinstance(value, Optional):
        return describe_optional()
    base, kind = _text(below), type_name(value)
    message = faults.KEYLESS(
        value=base or faults.THE_VALUE, kind=faults.with_article(kind), key=_quoted(key)
    )
    if kind == "null":
        return message, faults.TEST_FIRST(test=f"{base or 'x'} != null && …")
    if kind == "list":
        one = base or "list"
        return message, faults.LIST_HAS_NO_KEYS(one=f"{one}[0]", other=f"{one}.map(x, …)")
    return message, UNSAID


def _describe_index(wanted: Any) -> Sentences:
    return faults.INDEX_TYPE(kind=type_name(wanted)), UNSAID


def _describe_range(wanted: int, length: int, below: Node) -> Sentences:
    items = faults.ITEMS(length)
    base = _text(below) or "list"
    if wanted < 0:
        message = faults.NEGATIVE_INDEX(list=base, items=items)
        return message, faults.USE(text=f"{base}[size({base}) - 1]")
    if not _is_short(wanted):
        return faults.FAR_INDEX(items=items), UNSAID
    message = faults.INDEX(index=wanted, items=items)
    return message, faults.USE(text=f"{base}[?{wanted}].orValue(…)")


def _describe_map_key(wanted: Any) -> Sentences:
    if isinstance(wanted, Optional):
        return describe_optional()
    return faults.MAP_KEY(kind=type_name(wanted)), faults.KEYS_ARE_TEXT
