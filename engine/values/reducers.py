"""Rules that fold an update into a key of the state."""

from collections.abc import Callable
from typing import Any

from engine.errors import ValueRefused
from engine.values.jsonvalue import Json, canonical, clean, copied, same

Reducer = Callable[[Json, Json], Json]
"""(value so far, update) -> new value. Pure; must not change its arguments."""


class _Absent:
    """The value of a key that is not there."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Any = _Absent()

REPLACE = "replace"
"""The rule of a key that names none: the update is the new value."""


def append(value: Json, update: Json) -> Json:
    """A list grows at its end: by the items of a list, or by anything else as one item."""
    old = [] if value is ABSENT or value is None else _as_list(value, "append")
    return old + (update if type(update) is list else [update])


def union(value: Json, update: Json) -> Json:
    """A list grows by the items that it does not hold yet, each once."""
    made = list([] if value is ABSENT or value is None else _as_list(value, "union"))
    seen = {canonical(item) for item in made}
    for item in update if type(update) is list else [update]:
        mark = canonical(item)
        if mark not in seen:
            seen.add(mark)
            made.append(item)
    return made


def total(value: Json, update: Json) -> Json:
    """Numbers are added up: one, or those of a list."""
    made = 0 if value is ABSENT or value is None else _number(value)
    for each in update if type(update) is list else [update]:
        made += _number(each)
    return made


def greatest(value: Json, update: Json) -> Json:
    """The greatest stays: of the value and one more, or those of a list."""
    return _chosen(value, update, _less)


def least(value: Json, update: Json) -> Json:
    """The smallest stays: of the value and one more, or those of a list."""
    return _chosen(value, update, lambda one, other: _less(other, one))


def _chosen(value: Json, update: Json, loses: Callable[[Json, Json], bool]) -> Json:
    """The value that loses to none of the others; null if there is none at all."""
    made = None if value is ABSENT else value
    for each in update if type(update) is list else [update]:
        new = _comparable(each)
        made = new if made is None or loses(made, new) else made
    return made


def merge(value: Json, update: Json) -> Json:
    """The keys of a map are set one by one; null removes nothing."""
    if type(update) is not dict or (value is not ABSENT and type(value) not in (dict, type(None))):
        raise ValueRefused("", "the reducer 'merge' takes maps")
    return {**({} if value is ABSENT or value is None else value), **update}


def _as_list(value: Json, name: str) -> list[Json]:
    if type(value) is not list:
        raise ValueRefused("", f"the reducer {name!r} needs a list, the key holds {_kind(value)}")
    return value


def _number(value: Json) -> Any:
    if type(value) not in (int, float):
        raise ValueRefused("", f"the reducer 'sum' takes numbers, not {_kind(value)}")
    return value


def _comparable(value: Json) -> Json:
    if type(value) not in (int, float, str):
        raise ValueRefused(
            "", f"the reducers 'max' and 'min' take numbers or text, not {_kind(value)}"
        )
    return value


def _less(left: Json, right: Json) -> bool:
    numbers = type(left) in (int, float) and type(right) in (int, float)
    if not numbers and not (type(left) is str and type(right) is str):
        raise ValueRefused("", f"cannot compare {_kind(left)} with {_kind(right)}")
    return bool(left < right)


def _kind(value: Json) -> str:
    names = {dict: "a map", list: "a list", str: "text", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")


_REDUCERS: dict[str, Reducer] = {
    "append": append,
    "sum": total,
    "max": greatest,
    "min": least,
    "union": union,
    "merge": merge,
}


def register_reducer(name: str, function: Reducer) -> None:
    """Make a reducer of your own known by name, before graphs that use it are read."""
    if name == REPLACE or name in _REDUCERS:
        raise ValueError(f"the reducer {name!r} exists already")
    _REDUCERS[name] = _guarded(name, function)


def _guarded(name: str, function: Reducer) -> Reducer:
    """A reducer of somebody else: it gets copies, null for no value, and its errors are named."""

    def reduce(value: Json, update: Json) -> Json:
        so_far = None if value is ABSENT else copied(value)
        try:
            return clean(function(so_far, copied(update)))
        except Exception as error:
            raise ValueRefused("", f"the reducer {name!r} failed: {error!r:.200}") from error

    return reduce


def reducer(name: str) -> Reducer:
    """The reducer of that name. Raises KeyError."""
    return _REDUCERS[name]


def reducer_names() -> tuple[str, ...]:
    """Every name a document may use."""
    return (REPLACE, *_REDUCERS)


def difference(name: str, old: Json, new: Json) -> Json:
    """The update that leads from `old` to `new` under the reducer, or ABSENT if there is none.

    This is how a change made in place becomes an update: a list that grew at its end under
    `append` is an append, a number that rose under `sum` is an addition.
    """
    guess = _GUESSES.get(name)
    update = ABSENT if guess is None else guess(old, new)
    if update is ABSENT or not same(reducer(name)(old, update), new):
        return ABSENT
    return update


def _grown(old: Json, new: Json) -> Json:
    if type(new) is not list:
        return ABSENT
    if old is ABSENT or old is None:
        return new
    return new[len(old) :] if type(old) is list and len(new) > len(old) else ABSENT


def _risen(old: Json, new: Json) -> Json:
    if type(new) not in (int, float):
        return ABSENT
    if old is ABSENT or old is None:
        return new
    return new - old if type(old) in (int, float) else ABSENT


def _itself(old: Json, new: Json) -> Json:
    kinds = {type(old), type(new)}
    comparable = kinds <= {int, float} or kinds == {str} or old is ABSENT or old is None
    return new if comparable else ABSENT


def _changed_keys(old: Json, new: Json) -> Json:
    if type(new) is not dict or not (old is ABSENT or old is None or type(old) is dict):
        return ABSENT
    known = old if type(old) is dict else {}
    return {k: v for k, v in new.items() if k not in known or not same(known[k], v)}


_GUESSES: dict[str, Callable[[Json, Json], Json]] = {
    "append": _grown,
    "union": _grown,
    "sum": _risen,
    "max": _itself,
    "min": _itself,
    "merge": _changed_keys,
}
