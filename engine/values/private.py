"""The private copy of the state that a tool may change as it likes.

It is a dict. Its containers are copied when they are first touched, so an attempt costs what it
touches and not what the state weighs; afterwards `changes` says what became of it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.values.jsonvalue import Json, copied, same
from engine.values.reducers import ABSENT

_get = dict.get
_item = dict.__getitem__
_put = dict.__setitem__


class PrivateState(dict[str, Any]):
    """A dict over state data that neither sees nor shows its changes to anybody else.

    Made by `private_state`. `touched` holds, for each key that was written or read as a
    container, its value before.
    """

    __slots__ = ("touched",)

    touched: dict[str, Json]

    def changes(self) -> dict[str, tuple[Json, Any]]:
        """The keys whose value is another now: {key: (before, after)}, ABSENT for neither."""
        found = {}
        for key, before in self.touched.items():
            after = _get(self, key, ABSENT)
            if after is not before and not same(before, after):
                found[key] = (before, after)
        return found

    def holds(self, key: str, value: Any) -> bool:
        """Whether `value` is the very list or dict that stands under `key` now."""
        return type(value) in (dict, list) and _get(self, key, ABSENT) is value

    def _own(self, key: str, value: Any) -> Any:
        """The value of a key about to be handed out; containers as a private copy."""
        kind = type(value)
        if (kind is dict or kind is list) and key not in self.touched:
            self.touched[key] = value
            value = copied(value)
            _put(self, key, value)
        return value

    def _own_all(self) -> None:
        for key, value in list(super().items()):
            self._own(key, value)

    def __getitem__(self, key: str) -> Any:
        value = _item(self, key)
        kind = type(value)
        return self._own(key, value) if kind is dict or kind is list else value

    def get(self, key: str, default: Any = None) -> Any:
        """As dict.get."""
        value = _get(self, key, ABSENT)
        return default if value is ABSENT else self._own(key, value)

    def __setitem__(self, key: str, value: Any) -> None:
        if key not in self.touched:
            self.touched[key] = _get(self, key, ABSENT)
        _put(self, key, value)

    def __delitem__(self, key: str) -> None:
        if key not in self.touched:
            self.touched[key] = _get(self, key, ABSENT)
        super().__delitem__(key)

    def setdefault(self, key: str, default: Any = None) -> Any:
        """As dict.setdefault."""
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key: str, *default: Any) -> Any:
        """As dict.pop."""
        if key in self:
            value = self[key]
            del self[key]
            return value
        return super().pop(key, *default)

    def popitem(self) -> tuple[str, Any]:
        """As dict.popitem."""
        for key in reversed(self):
            return key, self.pop(key)
        return super().popitem()

    def clear(self) -> None:
        """As dict.clear."""
        for key in list(self):
            del self[key]

    def update(self, *others: Any, **more: Any) -> None:
        """As dict.update."""
        for key, value in dict(*others, **more).items():
            self[key] = value

    def __ior__(self, other: Any) -> "PrivateState":  # type: ignore[override]
        self.update(other)
        return self

    def __iter__(self) -> Iterator[str]:
        return super().__iter__()

    def items(self) -> Any:
        """As dict.items."""
        self._own_all()
        return super().items()

    def values(self) -> Any:
        """As dict.values."""
        self._own_all()
        return super().values()

    def copy(self) -> dict[str, Any]:
        """A plain dict with what this one holds now."""
        return dict(self.items())

    __copy__ = copy

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        return {key: copied(value) for key, value in super().items()}

    def __or__(self, other: Any) -> Any:
        return self.copy() | other

    def __ror__(self, other: Any) -> Any:
        return other | self.copy()

    def __reduce__(self) -> tuple[type, tuple[dict[str, Any]]]:
        return dict, (self.copy(),)

    def __reduce_ex__(self, protocol: object) -> tuple[type, tuple[dict[str, Any]]]:
        return self.__reduce__()


def private_state(data: Mapping[str, Json]) -> PrivateState:
    """A private copy of state data, for one attempt."""
    private = PrivateState(data)
    private.touched = {}
    return private
