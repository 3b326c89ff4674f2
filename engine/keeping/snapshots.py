"""A marking as JSON and back, so that reading a long journal need not begin at its first event.

A snapshot says the same as the events up to its `seq`. Values of the state stand in one table,
each object once however many branches share it: whoever keeps snapshots can keep large values
elsewhere. Places, ways and joins go by their numbers in the plan; `FORMAT` rises whenever that
numbering or this shape changes, and a snapshot of another format is simply not used.
"""

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import JournalCorrupt, RunError
from engine.events import Event, EventKind
from engine.graph.model import Graph
from engine.graph.part import Part
from engine.graph.plan import Plan, plan_of
from engine.keeping.replay import Folded, related
from engine.limits import changed
from engine.planning.marking import (
    Activation,
    Asked,
    Child,
    Item,
    Items,
    Kin,
    Marking,
    Orphans,
    Stage,
    Token,
)
from engine.policies import ActivationStatus, RunStatus
from engine.values.jsonvalue import Json, canonical
from engine.values.state import Commit, Version

FORMAT = 2


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a journal up to `seq` leads to."""

    seq: int
    shape: dict[str, Any]
    """JSON in which values of the state are positions in `values`."""
    values: list[Json]


def take(folded: Folded) -> Snapshot:
    """The snapshot of a folded journal. Shares the values, changes nothing."""
    taking = _Taking(folded.marking, id)
    shape = taking.shape()
    shape["active_s"] = folded.active_s
    last = folded.last
    shape["last"] = None if last is None else [last.kind.value, last.time]
    return Snapshot(folded.seq, shape, taking.values)


def alike(one: Folded, other: Folded) -> bool:
    """Whether both lead on in the same way, however their values are shared."""
    pictures = [_Taking(folded.marking, canonical) for folded in (one, other)]
    shapes = [picture.shape() for picture in pictures]
    return shapes[0] == shapes[1] and pictures[0].values == pictures[1].values


def restore(graph: Graph, snapshot: Snapshot, kin: Kin | None = None) -> Folded | None:
    """The folded journal that a snapshot was taken of; None if it has another format.

    `kin` gives the version of a run that was moved to another one later. Raises JournalCorrupt if
    it does not fit the graph.
    """
    shape = snapshot.shape
    if shape.get("format") != FORMAT:
        return None
    graph = related(graph, str(shape.get("graph")), kin, "the snapshot was taken of")
    try:
        plan = plan_of(graph, Part(*shape.get("part", ())))
        marking = _Restoring(plan, snapshot).marking()
        marking.kin = kin
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise JournalCorrupt(f"snapshot {snapshot.seq} does not fit: {error!r:.200}") from error
    last = shape["last"] and Event(EventKind(shape["last"][0]), {}, time=shape["last"][1])
    return Folded(marking, snapshot.seq, shape["active_s"], last or None)


# Taking -----------------------------------------------------------------------------------------


class _Taking:
    """One marking being written down."""

    def __init__(self, marking: Marking, one_of: Callable[[Json], Hashable]) -> None:
        """`one_of` says which values are one: the same object, or the same JSON."""
        self._marking = marking
        self._one_of = one_of
        self.values: list[Json] = []
        self._value_at: dict[Hashable, int] = {}
        self._tokens = {id(token): at for at, token in enumerate(marking.in_order())}
        self._versions: dict[int, int] = {}
        self._version_list: list[Version] = []

    def shape(self) -> dict[str, Any]:
        marking = self._marking
        tokens = [self._token(token) for token in marking.in_order()]
        return {
            "format": FORMAT,
            "graph": marking.plan.graph.hash,
            "part": [marking.plan.part.start, marking.plan.part.until],
            "status": marking.status.value,
            "error": _error(marking.error),
            "cancel_reason": marking.cancel_reason,
            "depth": marking.depth,
            "limits": marking.limits.as_dict(),
            "pinned": self._data(marking.pinned),
            "tools": marking.tools,
            "tokens": tokens,
            "versions": [self._version(version) for version in self._version_list],
            "commits": self._commits(),
            "ended": marking.ended,
            "terminated": self._maybe_token(marking.terminated),
            "activations": [self._activation(a) for a in marking.activations.values()],
            "ready": list(marking.ready),
            "inline": list(marking.inline),
            "troubled": list(marking.troubled),
            "waiting": list(marking.waiting),
            "maps": [[number, self._items(items)] for number, items in marking.maps.items()],
            "signals": [self._value(signal) for signal in marking.signals],
            "stage": self._stage(marking),
            "orphans": [
                {
                    "number": number,
                    "region": f"{stage.region:x}",
                    "race": stage.race,
                    **self._stage(stage),
                }
                for number, stage in marking.orphans.items()
            ],
            "next": [marking.next_activation, marking.next_commit, marking.next_orphans],
            "visits": [[at, count] for at, count in enumerate(marking.visits) if count],
            "steps": marking.steps,
            "final": None if marking.final is None else self._data(marking.final),
        }

    def _value(self, value: Json) -> int:
        """The value's position in the table. Values are never changed, so one object is one."""
        mark = self._one_of(value)
        at = self._value_at.get(mark)
        if at is None:
            at = self._value_at[mark] = len(self.values)
            self.values.append(value)
        return at

    def _data(self, data: Mapping[str, Json]) -> dict[str, int]:
        return {key: self._value(value) for key, value in data.items()}

    def _token(self, token: Token) -> list[Any]:
        orphans = None if token.orphans is None else token.orphans.number
        error = None if token.error is None else self._value(token.error)
        return [self._version_at(token.version), error, orphans]

    def _token_at(self, token: Token) -> int:
        return self._tokens[id(token)]

    def _maybe_token(self, token: Token | None) -> int | None:
        return None if token is None else self._token_at(token)

    def _version_at(self, version: Version) -> int:
        at = self._versions.get(id(version))
        if at is None:
            at = self._versions[id(version)] = len(self._version_list)
            self._version_list.append(version)
        return at

    def _version(self, version: Version) -> list[Any]:
        return [version.commit.id, self._data(version.data)]

    def _commits(self) -> list[list[Any]]:
        """The commits by which branches may still differ, parents first.

        What every branch has in its history can never make two of them conflict.
        """
        heads = {version.commit.id: version.commit for version in self._version_list}
        owners = _owners(heads.values())
        everyone = (1 << len(heads)) - 1
        return [
            [
                commit.id,
                [p.id for p in commit.parents if owners[p.id][1] != everyone or p.id in heads],
                [[*op[:2], *map(self._value, op[2:])] for op in commit.ops],
                commit.node,
            ]
            for commit, mask in sorted(owners.values(), key=lambda found: found[0].id)
            if mask != everyone or commit.id in heads
        ]

    def _activation(self, activation: Activation) -> dict[str, Any]:
        """Everything that is not as in a new activation."""
        made: dict[str, Any] = {"id": activation.id, "visit": activation.visit}
        if activation.of is None:
            made["place"] = activation.place.index
            made["token"] = self._token_at(activation.token)
        else:
            made["of"], made["index"] = activation.of.id, activation.index
        if activation.status is not ActivationStatus.READY:
            made["status"] = activation.status.value
        for key in ("attempts", "tries", "losses"):
            if getattr(activation, key):
                made[key] = getattr(activation, key)
        if activation.due:
            made["due"] = None if activation.due == float("inf") else activation.due
        if activation.error is not None:
            made["error"] = _error(activation.error)
        if activation.waits:
            made["waits"] = self._value(list(activation.waits))
        if activation.came is not None:
            made["came"] = self._value(activation.came)
        if activation.decided is not None:
            made["decided"] = self._value(activation.decided)
        if activation.asked is not None:
            asked = activation.asked
            said = [self._value(value) for value in (asked.memo, asked.wait, asked.answer)]
            made["asked"] = [asked.number, asked.answered, *said]
        if activation.child is not None:
            child = activation.child
            outcome = None if child.outcome is None else self._value(child.outcome)
            made["child"] = [child.run, child.status, outcome]
        return made

    def _items(self, items: Items) -> dict[str, Any]:
        return {
            "values": [self._value(value) for value in items.values],
            "next": items.next,
            "open": list(items.open),
            "aside": [self._activation(item) for item in items.aside],
            "results": [[at, self._value(result)] for at, result in items.results.items()],
            "failures": [
                [at, error.as_dict(), attempts] for at, (error, attempts) in items.failures.items()
            ],
            "over": items.over,
            "error": _error(items.error),
        }

    def _stage(self, stage: Stage) -> dict[str, Any]:
        return {
            "parked": [
                [group, [[at, [self._token_at(t) for t in queue]] for at, queue in ways.items()]]
                for group, ways in stage.parked.items()
            ],
            "present": [[at, count] for at, count in enumerate(stage.present) if count],
            "uses": list(stage.uses.items()),
            "rounds": [[way, self._data(data), idle] for way, (data, idle) in stage.rounds.items()],
        }


def _owners(heads: Iterable[Commit]) -> dict[int, tuple[Commit, int]]:
    """Every commit in the history of the heads, with the heads that have it, as bits."""
    found: dict[int, Commit] = {}
    masks: dict[int, int] = {}
    work = []
    for at, head in enumerate(heads):
        masks[head.id] = masks.get(head.id, 0) | 1 << at
        work.append(head)
    while work:
        commit = work.pop()
        if commit.id not in found:
            found[commit.id] = commit
            work.extend(commit.parents)
    for number in sorted(found, reverse=True):
        mask = masks[number]
        for parent in found[number].parents:
            masks[parent.id] = masks.get(parent.id, 0) | mask
    return {number: (commit, masks[number]) for number, commit in found.items()}


def _error(error: RunError | None) -> dict[str, Any] | None:
    return None if error is None else error.as_dict()


# Restoring --------------------------------------------------------------------------------------


class _Restoring:
    """One marking being made of what was written down."""

    def __init__(self, plan: Plan, snapshot: Snapshot) -> None:
        self._plan = plan
        self._shape = snapshot.shape
        self._values = snapshot.values
        self._tokens: list[Token] = []
        self._activations: dict[int, Activation] = {}

    def marking(self) -> Marking:
        shape, marking = self._shape, Marking(self._plan)
        marking.status = RunStatus(shape["status"])
        marking.error = _read_error(shape["error"])
        marking.cancel_reason = shape["cancel_reason"]
        marking.depth = shape.get("depth", 0)
        marking.limits = changed(marking.limits, shape["limits"])
        marking.pinned = self._data(shape["pinned"])
        marking.tools = shape.get("tools", {})
        marking.ended = shape["ended"]
        marking.signals = [self._values[at] for at in shape["signals"]]
        marking.next_activation, marking.next_commit, marking.next_orphans = shape["next"]
        for at, count in shape["visits"]:
            marking.visits[at] = count
        marking.steps = shape["steps"]
        marking.final = None if shape["final"] is None else self._data(shape["final"])
        self._put_tokens(marking)
        self._put_stages(marking)
        self._put_activations(marking)
        return marking

    def _data(self, data: Mapping[str, int]) -> dict[str, Json]:
        return {key: self._values[at] for key, at in data.items()}

    def _put_tokens(self, marking: Marking) -> None:
        versions = self._read_versions()
        for raw in self._shape["orphans"]:
            number = raw["number"]
            marking.orphans[number] = Orphans(
                self._plan, number, int(raw["region"], 16), raw.get("race", "")
            )
        last: Token | None = None
        for version, error, orphans in self._shape["tokens"]:
            token = Token(versions[version])
            token.version.holders += 1
            token.error = None if error is None else self._values[error]
            token.orphans = None if orphans is None else marking.orphans[orphans]
            marking.insert(token, last)
            self._tokens.append(token)
            last = token
        if self._shape["terminated"] is not None:
            marking.terminated = self._tokens[self._shape["terminated"]]

    def _read_versions(self) -> list[Version]:
        commits: dict[int, Commit] = {}
        for number, parents, ops, node in self._shape["commits"]:
            known = tuple(commits[parent] for parent in parents)
            read = [[*op[:2], *(self._values[at] for at in op[2:])] for op in ops]
            commits[number] = Commit(number, known, read, node)
        return [
            Version(commits[commit], self._data(data), holders=0)
            for commit, data in self._shape["versions"]
        ]

    def _put_stages(self, marking: Marking) -> None:
        self._fill_stage(marking, self._shape["stage"])
        for raw in self._shape["orphans"]:
            stage = marking.orphans[raw["number"]]
            stage.limits = marking.limits
            self._fill_stage(stage, raw)

    def _fill_stage(self, stage: Stage, raw: Mapping[str, Any]) -> None:
        for group, ways in raw["parked"]:
            stage.parked[group] = {
                at: deque(self._tokens[token] for token in queue) for at, queue in ways
            }
        for at, count in raw["present"]:
            stage.present[at] = count
            stage.live |= self._plan.places[at].bit
        stage.uses = dict(map(tuple, raw["uses"]))
        stage.rounds = {way: (self._data(data), idle) for way, data, idle in raw["rounds"]}

    def _put_activations(self, marking: Marking) -> None:
        shape, known = self._shape, self._activations
        maps = dict(map(tuple, shape["maps"]))
        lists = {number: [self._values[at] for at in raw["values"]] for number, raw in maps.items()}
        for raw in shape["activations"]:
            known[raw["id"]] = self._activation(raw, lists)
        marking.activations = dict(known)
        for name in ("ready", "inline", "troubled", "waiting"):
            setattr(marking, name, {number: known[number] for number in shape[name]})
        marking.running = sum(a.status is ActivationStatus.RUNNING for a in known.values())
        for number, raw in maps.items():
            marking.maps[number] = self._items(raw, lists)

    def _activation(self, raw: Mapping[str, Any], lists: Mapping[int, list[Json]]) -> Activation:
        if "of" in raw:
            of, index = self._activations[raw["of"]], raw["index"]
            body = of.place.body
            if body is None:
                raise ValueError(f"{of.place.id!r} has no items")
            made: Activation = Item(raw["id"], body, index, lists[of.id][index], of)
            made.visit = raw["visit"]
        else:
            place, token = self._plan.places[raw["place"]], self._tokens[raw["token"]]
            made = Activation(raw["id"], place, token, raw["visit"])
        made.status = ActivationStatus(raw.get("status", ActivationStatus.READY))
        made.attempts = raw.get("attempts", 0)
        made.tries = raw.get("tries", 0)
        made.losses = raw.get("losses", 0)
        due = raw.get("due", 0.0)
        made.due = float("inf") if due is None else due
        made.error = _read_error(raw.get("error"))
        made.waits = self._values[raw["waits"]] if "waits" in raw else ()
        made.came = self._values[raw["came"]] if "came" in raw else None
        made.decided = self._values[raw["decided"]] if "decided" in raw else None
        if "asked" in raw:
            number, answered, *said = raw["asked"]
            memo, wait, answer = (self._values[at] for at in said)
            made.asked = Asked(number, memo, wait)
            made.asked.answered, made.asked.answer = answered, answer
        if "child" in raw:
            run, status, outcome = raw["child"]
            made.child = Child(run)
            made.child.status = status
            made.child.outcome = None if outcome is None else self._values[outcome]
        return made

    def _items(self, raw: Mapping[str, Any], lists: Mapping[int, list[Json]]) -> Items:
        items = Items([self._values[at] for at in raw["values"]])
        items.next = raw["next"]
        items.open = {number: self._activations[number] for number in raw["open"]}
        items.aside = [
            # One that still waits for an answer is among the open activations as well.
            self._activations.get(item["id"]) or self._activation(item, lists)
            for item in raw["aside"]
        ]
        items.results = {at: self._values[result] for at, result in raw["results"]}
        items.failures = {
            at: (RunError.from_dict(error), attempts) for at, error, attempts in raw["failures"]
        }
        items.over = raw["over"]
        items.error = _read_error(raw["error"])
        return items


def _read_error(raw: Mapping[str, Any] | None) -> RunError | None:
    return None if raw is None else RunError.from_dict(raw)
