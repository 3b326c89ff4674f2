"""The state of a run: a DAG of commits, of which each token holds the folded data.

A commit is {parents, ops}. The state at a commit is the fold of its history in this order:
L(c) = L(p1) + (L(p2) \\ L(p1)) + … + c, parents in the order of the ways in. Sequential work and
loops so behave as one shared dict, while parallel branches see what the fork saw plus their own
writes until they meet. The fold is never done from the start: every `Version` holds its data, and
a step changes the data in place while nobody else holds them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.values.jsonvalue import Cleaner, Json, same
from engine.values.reducers import ABSENT, Reducer

Op = Sequence[Any]
"""["set", key, value], ["red", key, update], ["over", key, value] or ["del", key]."""

SET = "set"
"""Writes a plain key."""
RED = "red"
"""Gives an update to the reducer of a key."""
OVER = "over"
"""Writes a key that has a reducer, past the reducer."""
DEL = "del"
"""Removes a key."""


@dataclass(frozen=True, slots=True)
class StateRules:
    """How a graph's state takes updates."""

    reducers: Mapping[str, Reducer]
    names: Mapping[str, str]
    """Names of the reducers, by key."""


class Commit:
    """What one step changed, and what it followed. Ids grow from parents to children."""

    __slots__ = ("id", "node", "ops", "parents")

    def __init__(
        self, number: int, parents: tuple["Commit", ...], ops: Sequence[Op], node: str
    ) -> None:
        self.id = number
        self.parents = parents
        self.ops = ops
        self.node = node


class Version:
    """A commit and the data folded up to it. Tokens share one until one of them writes."""

    __slots__ = ("commit", "data", "holders", "lent", "spare")

    def __init__(self, commit: Commit, data: dict[str, Json], holders: int = 1) -> None:
        self.commit = commit
        self.data = data
        self.holders = holders
        """Tokens that stand on this version."""
        self.lent = False
        """Whether somebody else keeps `data` and must not see it change."""
        self.spare = 0
        """Bytes that can be written before the data must be weighed again."""

    def advanced(self, commit: Commit, reducers: Mapping[str, Reducer]) -> "Version":
        """The version after `commit`, for one holder of this one: this one itself if it can be."""
        if not commit.ops:
            return self._moved(commit)
        if self.holders == 1:
            version = self
            if self.lent:
                self.data, self.lent = self.data.copy(), False
            self.commit = commit
        else:
            self.holders -= 1
            version = Version(commit, self.data.copy())
            version.spare = self.spare
        apply(version.data, commit.ops, reducers)
        return version

    def _moved(self, commit: Commit) -> "Version":
        """The version after a commit that writes nothing."""
        if self.holders == 1:
            self.commit = commit
            return self
        self.holders -= 1
        version = Version(commit, self.data)
        version.lent = self.lent = True
        version.spare = self.spare
        return version


def apply(data: dict[str, Json], ops: Iterable[Op], reducers: Mapping[str, Reducer]) -> None:
    """Fold ops into data, in place."""
    for op in ops:
        kind, key = op[0], op[1]
        if kind == RED:
            data[key] = reducers[key](data.get(key, ABSENT), op[2])
        elif kind == DEL:
            data.pop(key, None)
        else:
            data[key] = op[2]


def write(
    key: str, value: Json, data: Mapping[str, Json], reducers: Mapping[str, Reducer]
) -> Op | None:
    """The op by which an update of `key` becomes part of a commit; None if it changes nothing.

    Setting a plain key to what it holds already is no write: a tool may return all it was given.
    """
    if key in reducers:
        reducers[key](data.get(key, ABSENT), value)
        return [RED, key, value]
    return None if same(data.get(key, ABSENT), value) else [SET, key, value]


def weigh(data: Mapping[str, Json]) -> int:
    """Bytes that the data take as JSON, counted a little high."""
    cleaner = Cleaner()
    for key, value in data.items():
        cleaner.clean(value)
        cleaner.size += len(key) + 4
    return cleaner.size
