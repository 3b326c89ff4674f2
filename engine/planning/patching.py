"""A state that is changed from outside, in every branch at once. Called by `evolve` only."""

from collections.abc import Sequence

from engine.planning.marking import Marking
from engine.values.state import DEL, Commit, Op, Version


def patch(marking: Marking, ops: Sequence[Op]) -> None:
    """Make every branch hold what the ops say, as if it had always been so.

    What the branches wrote to these keys before is forgotten: they agree about them now, and a
    join is about what they write from here on.
    """
    keys = {op[1] for op in ops}
    versions = {id(token.version): token.version for token in marking.in_order()}
    for version in versions.values():
        _write(version, ops)
    _forget(keys, [version.commit for version in versions.values()])
    marking.rounds.clear()


def _write(version: Version, ops: Sequence[Op]) -> None:
    if version.lent:
        version.data, version.lent = version.data.copy(), False
    for op in ops:
        if op[0] == DEL:
            version.data.pop(op[1], None)
        else:
            version.data[op[1]] = op[2]
    # The next write weighs the data anew.
    version.spare = 0


def _forget(keys: set[str], tips: list[Commit]) -> None:
    seen: set[int] = set()
    while tips:
        commit = tips.pop()
        if commit.id in seen:
            continue
        seen.add(commit.id)
        commit.ops = [op for op in commit.ops if op[1] not in keys]
        tips.extend(commit.parents)
