"""A second engine, as naive as possible, that the real one is compared with.

It shares no code with `engine`: its own reading of documents, dominance by deletion, reachability
by search, states folded from the very first commit, conflicts by ancestor sets. It runs one
activation at a time, in an order its dice choose.
"""

import copy
import random
from dataclasses import dataclass
from typing import Any

SET, RED = "set", "red"


class Conflict(Exception):
    """Two branches disagree."""


class Failure(Exception):
    """The run fails with a code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Commit:
    parents: list[int]
    ops: list[tuple[str, str, Any]]


@dataclass
class Token:
    line: tuple[int, ...]
    commit: int
    node: str | None = None  # on a node, ready to run
    edge: int | None = None  # waiting on an edge before a join
    arrived: int = 0
    ended: bool = False
    error: bool = False


@dataclass
class Outcome:
    status: str
    state: dict[str, Any] | None
    code: str | None
    visits: dict[str, int]


class Reference:
    """One run of a `treadle/1` document whose conditions are `key op integer` or `true`."""

    def __init__(self, document: dict[str, Any], tools: dict[str, Any], seed: int = 0) -> None:
        self.nodes = document["nodes"]
        self.edges = [dict(edge) for edge in document["edges"]]
        self.entry = document["entry"]
        self.tools = tools
        self.reducers = document.get("state", {}).get("reducers", {})
        self.defaults = document.get("state", {}).get("defaults", {})
        self.dice = random.Random(seed)
        self.commits: list[Commit] = []
        self.tokens: list[Token] = []
        self.uses: dict[int, int] = {}
        self.visits: dict[str, int] = {}
        self.clock = 0
        self.entry_edges = [len(self.edges) + i for i in range(len(self.entry))]
        for name in self.entry:
            self.edges.append({"from": None, "to": name})
        self.find_loops()

    # Shape --------------------------------------------------------------------------------------

    def reachable(self, starts, without=None, banned=frozenset()):
        seen, work = set(), [s for s in starts if s != without]
        while work:
            node = work.pop()
            if node in seen:
                continue
            seen.add(node)
            for i, edge in enumerate(self.edges):
                if edge["from"] == node and i not in banned and edge["to"] != without:
                    work.append(edge["to"])
        return seen

    def find_loops(self):
        everything = self.reachable(self.entry)
        dominated = {n: everything - self.reachable(self.entry, without=n) for n in everything}
        self.back = {
            i
            for i, e in enumerate(self.edges)
            if e["from"] in everything and e["from"] in dominated[e["to"]]
        }
        self.loops: dict[str, set[str]] = {}
        for i in self.back:
            head, tail = self.edges[i]["to"], self.edges[i]["from"]
            body, work = {head}, [tail]
            while work:
                node = work.pop()
                if node not in body:
                    body.add(node)
                    work += [e["from"] for e in self.edges if e["to"] == node and e["from"]]
            self.loops.setdefault(head, set()).update(body)

    def group(self, node, back):
        return [i for i, e in enumerate(self.edges) if e["to"] == node and (i in self.back) == back]

    def loop_of(self, i):
        edge = self.edges[i]
        if i in self.back:
            return edge["to"]
        around = [h for h, b in self.loops.items() if edge["from"] in b and edge["to"] in b]
        return min(around, key=lambda h: len(self.loops[h]), default=None)

    def limit(self, i):
        edge = self.edges[i]
        if "max" in edge:
            return edge["max"]
        return 100 if i in self.back else None

    # State --------------------------------------------------------------------------------------

    def history(self, commit):
        done: list[int] = []
        stack = [(commit, False)]
        while stack:
            c, leaving = stack.pop()
            if c in done:
                continue
            if leaving:
                done.append(c)
            else:
                stack.append((c, True))
                stack += [(p, False) for p in reversed(self.commits[c].parents)]
        return done

    def folded(self, commit):
        state: dict[str, Any] = {}
        for c in self.history(commit):
            for kind, key, value in self.commits[c].ops:
                if kind == SET:
                    state[key] = value
                else:
                    state[key] = self.reduce(key, state.get(key), value)
        return copy.deepcopy(state)

    def reduce(self, key, old, update):
        rule = self.reducers[key]
        if rule == "append":
            return (old or []) + (update if isinstance(update, list) else [update])
        if rule == "sum":
            return update if old is None else old + update
        if rule == "max":
            return update if old is None else max(old, update)
        if rule == "union":
            made = list(old or [])
            for item in update if isinstance(update, list) else [update]:
                if item not in made:
                    made.append(item)
            return made
        raise AssertionError(rule)

    def merged(self, commits):
        """One commit on top of several, or Conflict."""
        distinct = list(dict.fromkeys(commits))
        if len(distinct) == 1:
            return distinct[0]
        pasts = [set(self.history(c)) for c in distinct]
        common = set.intersection(*pasts)
        ancestors = {c: set(self.history(c)) - {c} for c in set.union(*pasts)}
        written: dict[str, dict[int, Any]] = {}
        for c in set.union(*pasts) - common:
            for kind, key, value in self.commits[c].ops:
                if kind == SET and key not in self.reducers:
                    written.setdefault(key, {})[c] = value
        for writes in written.values():
            standing = [c for c in writes if not any(c in ancestors[d] for d in writes)]
            if any(writes[c] != writes[standing[0]] for c in standing):
                raise Conflict
        self.commits.append(Commit(distinct, []))
        return len(self.commits) - 1

    # Tokens -------------------------------------------------------------------------------------

    def move(self, token, i):
        edge = self.edges[i]
        if i not in self.back:
            for j in range(len(self.edges)):
                if self.limit(j) is not None and self.loop_of(j) == edge["to"] in self.loops:
                    self.uses.pop(j, None)
        if self.limit(i) is not None:
            self.uses[i] = self.uses.get(i, 0) + 1
        self.clock += 1
        token.arrived = self.clock
        if len(self.group(edge["to"], i in self.back)) == 1:
            self.activate(token, edge["to"])
        else:
            token.node, token.edge = None, i

    def activate(self, token, node):
        token.node, token.edge = node, None
        self.visits[node] = self.visits.get(node, 0) + 1

    def holds(self, edge, token):
        when = edge.get("when")
        if when is None or when == "true":
            return True
        key, op, number = when.split()
        state = self.folded(token.commit)
        if key not in state:
            raise Failure("E_CONDITION")
        left, right = state[key], int(number)
        return {"<": left < right, "==": left == right, ">=": left >= right}[op]

    def route(self, token, node, on="ok"):
        ways = [
            i for i, e in enumerate(self.edges) if e["from"] == node and e.get("on", "ok") == on
        ]
        first = self.nodes[node].get("route") == "first"
        taken, conditional, matched = [], False, False
        for i in ways:
            edge = self.edges[i]
            if edge.get("else"):
                continue
            conditional |= "when" in edge
            if self.holds(edge, token):
                taken.append(i)
                matched |= "when" in edge
                if first:
                    break
        if not (matched or (first and taken)):
            taken += [i for i in ways if self.edges[i].get("else")]
        if ways and not taken and self.nodes[node].get("on_no_route") != "end":
            raise Failure("E_NO_ROUTE")
        used_up = [
            i for i in taken if self.limit(i) is not None and self.uses.get(i, 0) >= self.limit(i)
        ]
        if used_up:
            instead = self.route(token, node, "exhausted")
            if not instead:
                raise Failure("E_LOOP_EXHAUSTED")
            taken = [i for i in taken if i not in used_up] + instead
        return taken

    def follow(self, token, ways):
        if not ways:
            token.node, token.ended = None, True
            return
        line = token.line
        born = [token]
        for _ in ways[1:]:
            child = copy.copy(token)
            self.tokens.append(child)
            born.append(child)
        for at, (child, way) in enumerate(zip(born, ways, strict=True)):
            child.line = (*line, at) if len(ways) > 1 else line
            self.move(child, way)

    def perform(self, token):
        node = token.node
        spec = self.nodes[node]
        state = self.folded(token.commit)
        updates: dict[str, Any] = {}
        if spec["type"] == "tool":
            try:
                updates = self.tools[spec["tool"]](state) or {}
            except Exception:
                ways = self.route(token, node, "error")
                if not ways:
                    raise Failure("E_TOOL") from None
                self.follow(token, ways)
                return
        ops = []
        for key, value in updates.items():
            if key in self.reducers:
                ops.append((RED, key, value))
            elif key not in state or state[key] != value:
                ops.append((SET, key, value))
        self.commits.append(Commit([token.commit], ops))
        token.commit = len(self.commits) - 1
        self.follow(token, self.route(token, node))

    # Joins --------------------------------------------------------------------------------------

    def pending(self):
        found = {}
        for token in self.tokens:
            if token.edge is not None:
                node = self.edges[token.edge]["to"]
                found[node, token.edge in self.back] = True
        return list(found)

    def can_come(self, node, way):
        """Whether a live token elsewhere can still reach the way into `node`."""
        source = self.edges[way]["from"]
        if source is None:
            return False
        banned = {i for i in self.back if node in self.loops[self.edges[i]["to"]]}
        for token in self.tokens:
            at = token.node if token.edge is None else self.edges[token.edge]["to"]
            if token.ended or at == node:
                continue
            if source in self.reachable([at], without=node, banned=banned):
                return True
        return False

    def fire(self, node, back):
        chosen = []
        for i in self.group(node, back):
            waiting = [t for t in self.tokens if t.edge == i]
            if waiting:
                chosen.append(min(waiting, key=lambda t: t.arrived))
        first = chosen[0]
        first.commit = self.merged([t.commit for t in chosen])
        for other in chosen[1:]:
            self.tokens.remove(other)
        self.activate(first, node)

    def fire_ready(self):
        for node, back in self.pending():
            ways = self.group(node, back)
            empty = [i for i in ways if not any(t.edge == i for t in self.tokens)]
            strict = self.nodes[node].get("join", {}).get("policy") == "all"
            if not empty or (not strict and not any(self.can_come(node, i) for i in empty)):
                self.fire(node, back)
                return True
        return False

    # The run ------------------------------------------------------------------------------------

    def run(self, initial):
        try:
            state = self.go({**self.defaults, **initial})
        except Conflict:
            return Outcome("failed", None, "E_STATE_CONFLICT", self.visits)
        except Failure as failure:
            return Outcome("failed", None, failure.code, self.visits)
        return Outcome("completed", state, None, self.visits)

    def go(self, initial):
        self.commits.append(Commit([], [(SET, k, v) for k, v in initial.items()]))
        for at, way in enumerate(self.entry_edges):
            token = Token((at,), 0)
            self.tokens.append(token)
            self.move(token, way)
        while True:
            if self.fire_ready():
                continue
            ready = [t for t in self.tokens if t.node is not None]
            if ready:
                self.perform(self.dice.choice(ready))
                continue
            if not self.pending():
                break
            raise Failure("E_JOIN_STARVED")
        tokens = sorted(self.tokens, key=lambda t: t.line)
        return self.folded(self.merged([t.commit for t in tokens]))
