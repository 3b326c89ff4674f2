"""Branches that meet: the merge of several versions, and what counts as a conflict.

A write of a key is *standing* if no other write of that key came after it in the causal sense.
Standing writes of a plain key must agree. Reducer updates all count, in the order of the ways in;
an overwrite of a reducer key must not stand beside other ops of that key.
"""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.errors import StateConflict, ValueRefused
from engine.policies import ConflictPolicy
from engine.values.jsonvalue import Json, brief, same
from engine.values.reducers import ABSENT, Reducer, append
from engine.values.state import DEL, OVER, RED, SET, Commit, Op, Version, apply

SHOWN = 5
"""Writers that a conflict's message names at most."""


@dataclass(frozen=True, slots=True)
class Merge:
    """What a merge makes: data, and the ops that settle conflicts by policy."""

    data: dict[str, Json]
    parents: tuple[Commit, ...]
    settled: list[Op]


@dataclass(slots=True)
class Side:
    """A commit that some of the merging versions have in their history and some have not."""

    commit: Commit
    owners: int
    """The versions that have it, as bits."""
    before: int = 0
    """The sides that it follows, as bits of their positions."""


def merge(
    versions: Sequence[Version],
    reducers: Mapping[str, Reducer],
    policy_of: Mapping[str, ConflictPolicy],
    default: ConflictPolicy = ConflictPolicy.ERROR,
) -> Merge:
    """The merge of versions in the order of the ways in. Raises StateConflict.

    `policy_of` gives the policy of single keys; `default` is that of the others.
    """
    heads = _distinct(versions)
    data = heads[0].data.copy()
    parents = tuple(version.commit for version in heads)
    if len(heads) == 1:
        return Merge(data, parents, [])
    sides = _sides(parents)
    settled: list[Op] = []
    contested = _Contest(heads, sides)
    for key, writers in _writers(sides).items():
        policy = policy_of.get(key, default)
        if key in reducers:
            op = contested.reduced(key, writers, reducers[key], policy, data)
        else:
            op = contested.plain(key, writers, policy, data)
        if op is not None:
            settled.append(op)
            apply(data, [op], reducers)
    return Merge(data, parents, settled)


def _distinct(versions: Sequence[Version]) -> list[Version]:
    """The versions without those that stand on a commit already seen."""
    seen: dict[int, Version] = {}
    for version in versions:
        seen.setdefault(version.commit.id, version)
    return list(seen.values())


def _sides(parents: Sequence[Commit]) -> list[Side]:
    """The commits that not all of the parents have in common, oldest first."""
    everyone = (1 << len(parents)) - 1
    owners = {commit.id: 1 << at for at, commit in enumerate(parents)}
    heap = [(-commit.id, commit) for commit in parents]
    heapq.heapify(heap)
    partial = len(heap)
    found: list[Side] = []
    while heap and partial:
        _, commit = heapq.heappop(heap)
        mask = owners[commit.id]
        if mask != everyone:
            partial -= 1
            found.append(Side(commit, mask))
        for parent in commit.parents:
            known = owners.get(parent.id)
            if known is None:
                heapq.heappush(heap, (-parent.id, parent))
                owners[parent.id] = mask
                partial += mask != everyone
            elif known != everyone and known | mask != known:
                owners[parent.id] = known | mask
                partial -= known | mask == everyone
    found.reverse()
    return found


_Write = tuple[int, Side, Op]
"""The position of the side, the side, and what it wrote."""


def _writers(sides: Sequence[Side]) -> dict[str, list[_Write]]:
    """Who wrote what, by key; keys in the order of the first write."""
    found: dict[str, list[_Write]] = {}
    for at, side in enumerate(sides):
        for op in side.commit.ops:
            found.setdefault(op[1], []).append((at, side, op))
    return found


class _Contest:
    """The keys of one merge, decided one by one."""

    def __init__(self, heads: Sequence[Version], sides: Sequence[Side]) -> None:
        self._heads = heads
        self._sides = sides
        self._ancestry_known = False
        self._order: dict[int, int] | None = None

    def plain(
        self, key: str, writers: list[_Write], policy: ConflictPolicy, data: dict[str, Json]
    ) -> Op | None:
        """Decide a key without a reducer: change `data`, or answer the op that settles it."""
        owners = writers[0][1].owners
        if all(side.owners == owners for _, side, _ in writers):
            head = self._heads[(owners & -owners).bit_length() - 1]
            _put(data, key, head.data.get(key, ABSENT))
            return None
        standing = self._standing(writers)
        values = [_value(op) for _, _, op in standing]
        if all(same(value, values[0]) for value in values):
            _put(data, key, values[0])
            return None
        return self._settle(key, standing, policy, SET)

    def reduced(
        self,
        key: str,
        writers: list[_Write],
        reduce: Reducer,
        policy: ConflictPolicy,
        data: dict[str, Json],
    ) -> Op | None:
        """Decide a key with a reducer: change `data`, or answer the op that settles it."""
        if any(op[0] != RED for _, _, op in writers):
            standing = self._standing_overwrites(writers)
            if not _agree(standing):
                return self._settle(key, standing, policy, OVER)
        value = data.get(key, ABSENT)
        try:
            value = _folded(value, self._in_history_order(writers), reduce)
        except ValueRefused:
            return self._settle(key, self._standing(writers), policy, OVER)
        _put(data, key, value)
        return None

    def _settle(self, key: str, standing: list[_Write], policy: ConflictPolicy, kind: str) -> Op:
        """Apply a policy to writes that disagree. Raises StateConflict where it is `error`."""
        ordered = self._in_way_order(key, standing)
        if policy is ConflictPolicy.ERROR:
            raise StateConflict(key, [(node, _shown(value)) for node, value in ordered[:SHOWN]])
        if policy is ConflictPolicy.COLLECT:
            return [kind, key, _different(value for _, value in ordered)]
        value = ordered[0 if policy is ConflictPolicy.FIRST else -1][1]
        return [DEL, key] if value is ABSENT else [kind, key, value]

    def _in_way_order(self, key: str, standing: list[_Write]) -> list[tuple[str, Any]]:
        """Who wrote what the merging versions hold, in the order of the ways in."""
        said: list[tuple[str, Any]] = []
        for at, head in enumerate(self._heads):
            own = [write for write in standing if write[1].owners >> at & 1]
            if own:
                said.append((own[-1][1].commit.node, head.data.get(key, ABSENT)))
        return said

    def _standing(self, writers: list[_Write]) -> list[_Write]:
        """The writes that no other of them follows."""
        self._learn_ancestry()
        followed = 0
        for _, side, _ in writers:
            followed |= side.before
        return [write for write in writers if not followed >> write[0] & 1]

    def _standing_overwrites(self, writers: list[_Write]) -> list[_Write]:
        """The ops that no overwrite follows, and that an overwrite stands beside or is."""
        self._learn_ancestry()
        hidden = 0
        for _, side, op in writers:
            if op[0] != RED:
                hidden |= side.before
        left = [write for write in writers if not hidden >> write[0] & 1]
        overwrites = [write for write in left if write[2][0] != RED]
        beside = [
            write
            for write in left
            if write[2][0] == RED and any(not _follows(write, over) for over in overwrites)
        ]
        return overwrites + beside

    def _learn_ancestry(self) -> None:
        """Fill in `before` of every side, once."""
        if self._ancestry_known:
            return
        self._ancestry_known = True
        position = {side.commit.id: at for at, side in enumerate(self._sides)}
        for side in self._sides:
            for parent in side.commit.parents:
                at = position.get(parent.id)
                if at is not None:
                    side.before |= self._sides[at].before | 1 << at

    def _in_history_order(self, writers: list[_Write]) -> list[Op]:
        """What was written outside the first version's history, in the order it is folded in."""
        rank = self._ranks()
        later = [(rank[at], op) for at, side, op in writers if not side.owners & 1]
        later.sort(key=lambda found: found[0])
        return [op for _, op in later]

    def _ranks(self) -> dict[int, int]:
        """For each side that the first version does not have: when it is folded in."""
        if self._order is None:
            position = {side.commit.id: at for at, side in enumerate(self._sides)}
            left = {side.commit.id for side in self._sides if not side.owners & 1}
            ordered: list[int] = []
            for head in self._heads[1:]:
                ordered.extend(_history(head.commit, left))
            self._order = {position[number]: rank for rank, number in enumerate(ordered)}
        return self._order


def _history(tip: Commit, left: set[int]) -> list[int]:
    """The commits of `left` in the history of `tip`, parents first; takes them out of it."""
    found: list[int] = []
    stack = [(tip, False)]
    while stack:
        commit, done = stack.pop()
        if commit.id not in left:
            continue
        if done:
            left.remove(commit.id)
            found.append(commit.id)
        else:
            stack.append((commit, True))
            stack.extend((parent, False) for parent in reversed(commit.parents))
    return found


def _folded(value: Json, ops: list[Op], reduce: Reducer) -> Json:
    """A key's value after these ops."""
    if reduce is append and all(op[0] == RED for op in ops):
        return append(value, [item for op in ops for item in append(ABSENT, op[2])])
    for op in ops:
        value = reduce(value, op[2]) if op[0] == RED else _value(op)
    return value


def _different(values: Iterable[Json]) -> list[Json]:
    """The values that are there, each once."""
    kept: list[Json] = []
    for value in values:
        if value is not ABSENT and not any(same(value, other) for other in kept):
            kept.append(value)
    return kept


def _follows(later: _Write, earlier: _Write) -> bool:
    return later[0] == earlier[0] or bool(later[1].before >> earlier[0] & 1)


def _agree(standing: list[_Write]) -> bool:
    """Whether overwrites that stand beside each other say the same."""
    values = [_value(op) for _, _, op in standing]
    plain = all(op[0] != RED for _, _, op in standing)
    return plain and all(same(value, values[0]) for value in values)


def _value(op: Op) -> Json:
    return ABSENT if op[0] == DEL else op[2]


def _put(data: dict[str, Json], key: str, value: Json) -> None:
    if value is ABSENT:
        data.pop(key, None)
    else:
        data[key] = value


def _shown(value: Json) -> str:
    return "nothing" if value is ABSENT else repr(brief(value))
