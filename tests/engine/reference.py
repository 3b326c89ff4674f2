"""A second engine, as naive as possible, that the real one is compared with.

It shares no code with `engine`: its own reading of documents, dominance by deletion, reachability
by search, states folded from the very first commit, conflicts by ancestor sets. It runs one
activation at a time, in an order its dice choose; a map, its retries included, in one go.

Tools are functions of the state and the number of the attempt. What they answer is a dict of
updates, where `Over` writes past a reducer and `GONE` removes a key; one that never returns raises
`Hangs`. Expressions are `value`, or `value op value`, where a value is JSON or a dotted name.
"""

import copy
import json
import operator
import random
from dataclasses import dataclass
from typing import Any

SET, RED, OVER, DEL = "set", "red", "over", "del"
GONE: Any = object()
"""The update that removes a key."""
OPERATORS = {
    "<": operator.lt,
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "+": operator.add,
    "*": operator.mul,
}
RACES = ("first", "first_cancel", "n_of_m")


@dataclass(frozen=True)
class Over:
    """The update that writes a key past its reducer."""

    value: Any


class Hangs(Exception):
    """A tool does not return before its timeout."""


class Conflict(Exception):
    """Two branches disagree."""


class Failure(Exception):
    """The run fails with a code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NodeFailed(Exception):
    """A node failed for good."""

    def __init__(self, attempts: int, *, timed_out: bool = False) -> None:
        super().__init__()
        self.attempts = attempts
        self.timed_out = timed_out


@dataclass
class Commit:
    parents: list[int]
    ops: list[tuple[str, str, Any]]


@dataclass(eq=False)
class Token:
    line: tuple[int, ...]
    commit: int
    node: str | None = None  # on a node, ready to run
    edge: int | None = None  # waiting on an edge before a join
    arrived: int = 0
    ended: bool = False
    error: dict[str, Any] | None = None  # what failed before, until the next success


@dataclass
class Outcome:
    status: str
    state: dict[str, Any] | None
    code: str | None
    visits: dict[str, int]


class Reference:
    """One run of a `treadle/1` document whose expressions are as simple as this file says."""

    def __init__(self, document: dict[str, Any], tools: dict[str, Any], seed: int = 0) -> None:
        self.nodes = document["nodes"]
        self.edges = [dict(edge) for edge in document["edges"]]
        self.entry = document["entry"]
        self.tools = tools
        self.reducers = document.get("state", {}).get("reducers", {})
        self.defaults = document.get("state", {}).get("defaults", {})
        self.on_conflict = document.get("state", {}).get("on_conflict", {})
        self.no_progress = document.get("limits", {}).get("no_progress", 3)
        self.dice = random.Random(seed)
        self.commits: list[Commit] = []
        self.tokens: list[Token] = []
        self.uses: dict[int, int] = {}
        self.rounds: dict[int, tuple[dict[str, Any], int]] = {}
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
        self.dominated = dominated
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
        """The ways into a node that wait for each other, the start of the run first."""
        ways = [i for i, e in enumerate(self.edges) if e["to"] == node and (i in self.back) == back]
        return sorted(ways, key=lambda i: (self.edges[i]["from"] is not None, i))

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
                if kind == RED:
                    state[key] = self.reduce(key, state.get(key), value)
                elif kind == DEL:
                    state.pop(key, None)
                else:
                    state[key] = value
        return copy.deepcopy(state)

    def reduce(self, key, old, update):
        rule = self.reducers[key]
        if rule == "append":
            return (old or []) + (update if isinstance(update, list) else [update])
        if rule == "sum":
            return update if old is None else old + update
        if rule == "max":
            return update if old is None else max(old, update)
        if rule == "min":
            return update if old is None else min(old, update)
        if rule == "merge":
            return {**(old or {}), **update}
        if rule == "union":
            made = list(old or [])
            for item in update if isinstance(update, list) else [update]:
                if item not in made:
                    made.append(item)
            return made
        raise AssertionError(rule)

    def merged(self, commits, policy="error"):
        """One commit on top of several, or Conflict."""
        distinct = list(dict.fromkeys(commits))
        if len(distinct) == 1:
            return distinct[0]
        pasts = [set(self.history(c)) for c in distinct]
        sides = set.union(*pasts) - set.intersection(*pasts)
        before = {c: set(self.history(c)) - {c} for c in sides}
        settled = []
        for key in sorted({op[1] for c in sides for op in self.commits[c].ops}):
            writes = {c: op for c in sides for op in self.commits[c].ops if op[1] == key}
            fighting = self.fighting(key, writes, before)
            if fighting:
                settled.append(self.settled(key, fighting, distinct, pasts, policy))
        self.commits.append(Commit(distinct, settled))
        return len(self.commits) - 1

    def fighting(self, key, writes, before):
        """The writes of a key that stand beside each other and disagree; none if all is well."""
        values = {c: GONE if op[0] == DEL else op[2] for c, op in writes.items()}
        if key not in self.reducers:
            standing = [c for c in writes if not any(c in before[d] for d in writes)]
            return standing if any(values[c] != values[standing[0]] for c in standing) else []
        overs = [c for c in writes if writes[c][0] != RED]
        left = [c for c in writes if not any(c in before[over] for over in overs)]
        overs = [c for c in overs if c in left]
        beside = [c for c in left if c not in overs and any(o not in before[c] for o in overs)]
        different = any(values[c] != values[overs[0]] for c in overs)
        return overs + beside if beside or different else []

    def settled(self, key, fighting, heads, pasts, policy):
        """The op by which a policy decides a key that was fought over."""
        policy = self.on_conflict.get(key, policy)
        if policy == "error":
            raise Conflict
        said = [
            self.folded(head).get(key, GONE)
            for head, past in zip(heads, pasts, strict=True)
            if past & set(fighting)
        ]
        if policy == "collect":
            kept: list[Any] = []
            kept += [v for at, v in enumerate(said) if v is not GONE and v not in said[:at]]
            return (OVER, key, kept)
        value = said[0] if policy == "first" else said[-1]
        return (DEL, key, None) if value is GONE else (OVER, key, value)

    def ops(self, updates, state):
        """The ops that a dict of updates means; what changes nothing is no write."""
        made = []
        for key, value in updates.items():
            if value is GONE:
                made += [(DEL, key, None)] if key in state else []
            elif isinstance(value, Over):
                made.append((OVER, key, value.value))
            elif key in self.reducers:
                made.append((RED, key, value))
            elif key not in state or state[key] != value:
                made.append((SET, key, value))
        return made

    # Expressions --------------------------------------------------------------------------------

    def value(self, text, names):
        words = text.split(" ")
        if len(words) == 3:
            return OPERATORS[words[1]](self.atom(words[0], names), self.atom(words[2], names))
        return self.atom(text, names)

    def atom(self, word, names):
        try:
            return json.loads(word)
        except ValueError:
            pass
        found = names
        for part in word.split("."):
            if not isinstance(found, dict) or part not in found:
                raise Failure("E_EXPRESSION")
            found = found[part]
        return found

    def names(self, token, **more):
        names = {**self.folded(token.commit), **more}
        return names if token.error is None else {**names, "error": token.error}

    # Tokens -------------------------------------------------------------------------------------

    def move(self, token, i):
        edge = self.edges[i]
        if i not in self.back:
            for j in range(len(self.edges)):
                if self.limit(j) is not None and self.loop_of(j) == edge["to"] in self.loops:
                    self.forget(j)
        for j, other in enumerate(self.edges):
            if other.get("id") in edge.get("resets", ()):
                self.forget(j)
        if self.limit(i) is not None:
            self.uses[i] = self.uses.get(i, 0) + 1
        if i in self.back:
            state = self.folded(token.commit)
            self.rounds[i] = state, self.idle(i, state)
        self.clock += 1
        token.arrived = self.clock
        policy = self.policy(edge["to"])
        if len(self.group(edge["to"], i in self.back)) == 1 or policy == "each":
            self.activate(token, edge["to"])
        else:
            token.node, token.edge = None, i

    def forget(self, i):
        self.uses.pop(i, None)
        self.rounds.pop(i, None)

    def idle(self, i, state):
        """How many rounds in a row, this one included, have left the state as it was."""
        last = self.rounds.get(i)
        return last[1] + 1 if last is not None and last[0] == state else 0

    def policy(self, node):
        return self.nodes[node].get("join", {}).get("policy", "all_active")

    def activate(self, token, node):
        token.node, token.edge = node, None
        self.visits[node] = self.visits.get(node, 0) + 1

    def holds(self, edge, token):
        if edge.get("when") in (None, "true"):
            return True
        return self.value(edge["when"], self.names(token))

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
        stopped = [i for i in taken if self.stops(i, token)]
        if stopped:
            instead = self.route(token, node, "exhausted")
            if not instead:
                raise Failure("E_LOOP_EXHAUSTED")
            taken = [i for i in taken if i not in stopped] + instead
        return taken

    def stops(self, i, token):
        """Whether an edge is used up, or closes a loop that stands still."""
        if self.limit(i) is not None and self.uses.get(i, 0) >= self.limit(i):
            return True
        if i not in self.back or not self.no_progress:
            return False
        return self.idle(i, self.folded(token.commit)) >= self.no_progress

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

    # Work ---------------------------------------------------------------------------------------

    def perform(self, token):
        node = token.node
        try:
            updates = self.work(node, token)
        except NodeFailed as failure:
            self.fail(token, node, failure)
            return
        token.error = None
        ops = self.ops(updates, self.folded(token.commit))
        self.commits.append(Commit([token.commit], ops))
        token.commit = len(self.commits) - 1
        self.follow(token, self.route(token, node))

    def work(self, node, token):
        """The updates that a node makes."""
        spec, names = self.nodes[node], self.names(token)
        try:
            if spec["type"] == "map":
                return self.mapped(node, spec, token)
            if spec["type"] != "tool":
                return {key: self.value(text, names) for key, text in spec.get("set", {}).items()}
            given = self.attempted(spec, self.folded(token.commit)) or {}
            if "outputs" not in spec:
                return given
            names["result"] = given
            return {key: self.value(text, names) for key, text in spec["outputs"].items()}
        except Failure:
            raise NodeFailed(1) from None

    def attempted(self, spec, state):
        """What a tool answers, after retries."""
        default = {"max_attempts": 3, "on": ["ConnectionError"]}
        retry = {**({"on": ["Exception"]} if "retry" in spec else default), **spec.get("retry", {})}
        most = retry.get("max_attempts", 3)
        for attempt in range(1, most + 1):
            try:
                return self.tools[spec["tool"]](copy.deepcopy(state), attempt)
            except Exception as error:
                hangs = isinstance(error, Hangs)
                kind = TimeoutError if hangs else type(error)
                if attempt == most or not {c.__name__ for c in kind.__mro__} & set(retry["on"]):
                    raise NodeFailed(attempt, timed_out=hangs) from None
        raise AssertionError

    def mapped(self, node, spec, token):
        """The updates of a map, whose items are done one after the other."""
        state, mode = self.folded(token.commit), spec.get("on_item_error", "fail")
        results: list[Any] = []
        items = self.value(spec["over"], self.names(token))
        seen = {"done": 0, "failed": 0, "total": len(items), "results": results}
        for at, item in enumerate(items):
            try:
                there = {**state, spec.get("as", "item"): item, "index": at}
                results.append(self.attempted(spec["body"], there))
                seen["done"] += 1
            except NodeFailed as failure:
                if mode == "fail":
                    raise NodeFailed(1, timed_out=failure.timed_out) from None
                seen["failed"] += 1
                code = "E_TIMEOUT" if failure.timed_out else "E_TOOL"
                results += [{"error": code}] if mode == "collect" else []
            if "complete_when" in spec and self.value(spec["complete_when"], {**state, **seen}):
                break
        collect = spec.get("collect", {node: "results"})
        return {key: self.value(text, {**state, **seen}) for key, text in collect.items()}

    def fail(self, token, node, failure):
        """A node failed for good: an edge for that, `on_error`, or the end of the run."""
        token.error = {"node": node, "attempts": failure.attempts}
        for on in ("timeout", "error") if failure.timed_out else ("error",):
            try:
                ways = self.route(token, node, on)
            except Failure:
                ways = []
            if ways:
                self.follow(token, ways)
                return
        mode = self.nodes[node].get("on_error", "fail")
        if mode == "fail":
            raise Failure("E_TOOL")
        self.follow(token, [] if mode == "end_branch" else self.route(token, node))

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
        if self.policy(node) in RACES:
            chosen.sort(key=lambda t: t.arrived)
            chosen = chosen[: self.needed(node, back)]
            chosen.sort(key=lambda t: self.group(node, back).index(t.edge))
            self.drop_losers(node, back, chosen)
        first = chosen[0]
        policy = self.nodes[node].get("join", {}).get("on_conflict", "error")
        first.commit = self.merged([t.commit for t in chosen], policy)
        for other in chosen[1:]:
            self.tokens.remove(other)
            first.error = first.error or other.error
        self.activate(first, node)

    def needed(self, node, back):
        return min(self.nodes[node]["join"].get("n", 1), len(self.group(node, back)))

    def drop_losers(self, node, back, winners):
        """A race is decided: what is left between its fork and the join is gone."""
        above = [d for d in self.dominated if d != node and node in self.dominated[d]]
        fork = min(above, key=lambda d: len(self.dominated[d]))
        banned = {i for i in self.back if node in self.loops[self.edges[i]["to"]]}
        region = {
            n
            for n in self.dominated[fork] - {fork, node}
            if any(self.edges[i]["from"] in self.reachable([n], node, banned)
                   for i in self.group(node, back))
        }  # fmt: skip
        for token in list(self.tokens):
            at = token.node if token.edge is None else self.edges[token.edge]["to"]
            waits = token.edge in self.group(node, back)
            if not token.ended and (at in region or waits) and token not in winners:
                self.tokens.remove(token)

    def fires(self, node, back):
        """Whether a join that holds tokens takes them now."""
        ways = self.group(node, back)
        empty = [i for i in ways if not any(t.edge == i for t in self.tokens)]
        policy = self.policy(node)
        if policy in RACES:
            return len(ways) - len(empty) >= self.needed(node, back)
        return not empty or (policy != "all" and not any(self.can_come(node, i) for i in empty))

    def fire_ready(self):
        for node, back in self.pending():
            if self.fires(node, back):
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
