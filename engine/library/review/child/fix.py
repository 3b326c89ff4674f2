"""Apply a round of suggested edits to one file and keep those that pass every guard.

All edits are tried together; when that fails, halves, then single ones, so that one bad edit does
not cost the good ones. What remains is accepted with a level of evidence, or refused with a reason.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from typing import Any

from .imports import imports_of
from .verify import Program, evidence, lost_comments

IMPORT_RULES = frozenset({"F401", "F811"})
TYPING_MODULES = frozenset({"typing", "typing_extensions"})

Candidate = dict[str, Any]


def fix_round(request: dict[str, Any]) -> dict[str, Any]:
    """One round over one text.

    Request: text, candidates [{n, rule, safe, name, line, edits: [[start, end, content]]}] with
    offsets in characters, group, protected {names, star}, is_package.
    Answer: text, applied [{n, evidence}], refused [{n, reason}], deferred [n] (overlapping, to be
    looked at again on the new text).
    """
    try:
        return _Round(request).run()
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = f"the file could not be compared: {type(error).__name__}"
        refused = [{"n": c["n"], "reason": reason} for c in request["candidates"]]
        return {"text": request["text"], "applied": [], "refused": refused, "deferred": []}


class _Round:
    def __init__(self, request: dict[str, Any]) -> None:
        self.before = Program(request["text"])
        self.candidates: list[Candidate] = request["candidates"]
        self.proof_needed = request["group"] == "proven"
        self.group: str = request["group"]
        self.protected = frozenset(request["protected"]["names"])
        self.starred: bool = request["protected"]["star"]
        self.is_package: bool = request["is_package"]
        self.accepted: list[list[Candidate]] = []
        self.levels: dict[int, str] = {}
        self.refused: list[dict[str, Any]] = []

    def run(self) -> dict[str, Any]:
        usable = self.guarded_imports()
        bundles, deferred = non_overlapping(usable)
        self.accept(bundles)
        text = apply_edits(self.before.text, self.accepted)
        return {
            "text": text,
            "applied": [{"n": n, "evidence": level} for n, level in sorted(self.levels.items())],
            "refused": sorted(self.refused, key=lambda item: item["n"]),
            "deferred": deferred,
        }

    def guarded_imports(self) -> list[Candidate]:
        """The candidates without the imports that may be there for somebody else."""
        imports: list[dict[str, Any]] | None = None
        blocked_edits: set[str] = set()
        reasons: dict[int, str] = {}
        for candidate in self.candidates:
            if candidate["rule"] not in IMPORT_RULES:
                continue
            if imports is None:
                imports = imports_of(self.before.tree)
            reason = self.import_reason(candidate, imports)
            if reason:
                reasons[candidate["n"]] = reason
                blocked_edits.add(repr(candidate["edits"]))
        usable = []
        for candidate in self.candidates:
            # Names of one statement share one edit: if one of them has to stay, all do.
            if candidate["rule"] in IMPORT_RULES and repr(candidate["edits"]) in blocked_edits:
                reason = reasons.get(candidate["n"], "another name of the statement has to stay")
                self.refuse(candidate, reason)
            else:
                usable.append(candidate)
        return usable

    def import_reason(self, candidate: Candidate, imports: list[dict[str, Any]]) -> str:
        """Why this import has to stay, or an empty string."""
        line = candidate["line"]
        fact = next((f for f in imports if f["line"] <= line <= f["end_line"]), None)
        if fact is None:
            return "its import statement was not found"
        if fact["scope"] == "guarded":
            return "it is imported under a condition, a try or a class"
        if self.group == "modernise" and fact["module"] not in TYPING_MODULES:
            return "only typing imports are removed while modernising"
        if fact["scope"] == "function":
            return ""
        if self.is_package:
            return "imports of a package's __init__ are its interface"
        if self.starred:
            return "another file imports * from this module"
        return self.name_reason(fact, candidate["name"])

    def name_reason(self, fact: dict[str, Any], wanted: str) -> str:
        for name in fact["names"]:
            if wanted and wanted not in (
                name["name"],
                name["bound"],
                f"{fact['module']}.{name['name']}",
            ):
                continue
            bound = name["bound"]
            if bound.startswith("__") and bound.endswith("__"):
                return "dunder names are read from outside"
            if name["asname"] and name["asname"] == name["name"]:
                return "`import x as x` marks a name as exported"
            if bound in self.protected:
                return "another file takes this name from this module"
        return ""

    def accept(self, bundles: list[list[Candidate]]) -> None:
        """Take as many bundles as pass together with those already taken."""
        if not bundles:
            return
        reason, level = self.judge([*self.accepted, *bundles], bundles)
        if not reason:
            self.accepted.extend(bundles)
            for candidate in _flat(bundles):
                self.levels[candidate["n"]] = level
        elif len(bundles) == 1:
            for candidate in bundles[0]:
                self.refuse(candidate, reason)
        else:
            middle = len(bundles) // 2
            self.accept(bundles[:middle])
            self.accept(bundles[middle:])

    def judge(self, chosen: list[list[Candidate]], new: list[list[Candidate]]) -> tuple[str, str]:
        """(reason to refuse or "", level of evidence) of applying `chosen`."""
        text = apply_edits(self.before.text, chosen)
        try:
            after = Program(text)
        except (SyntaxError, ValueError):
            return "the result does not compile", ""
        level = evidence(self.before, after)
        if level == "guarded" and self.proof_needed:
            return "the compiled code would change", ""
        if level == "guarded" and not all(c["safe"] for c in _flat(new)):
            return "it is not safe in general and could not be proven here", ""
        if lost_comments(self.before, after):
            return "a comment would be lost", ""
        if self.before.interface != after.interface:
            return "the module's interface would change", ""
        if self.lost_imports(after):
            return "an import that has to stay would be removed", ""
        return "", level

    def lost_imports(self, after: Program) -> set[str]:
        """Imported names that vanish though the import guard did not clear them."""
        lost = self.before.imported_names() - after.imported_names()
        if not lost:
            return lost
        if self.is_package or self.starred:
            return lost
        return {n for n in lost if n in self.protected or (n.startswith("__") and n.endswith("__"))}

    def refuse(self, candidate: Candidate, reason: str) -> None:
        self.refused.append({"n": candidate["n"], "reason": reason})


def _flat(bundles: Iterable[Sequence[Candidate]]) -> Iterable[Candidate]:
    return (candidate for bundle in bundles for candidate in bundle)


def non_overlapping(candidates: list[Candidate]) -> tuple[list[list[Candidate]], list[int]]:
    """Bundles of candidates with equal edits, first come first served; overlapping ones wait."""
    by_edits: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        by_edits.setdefault(repr(candidate["edits"]), []).append(candidate)
    taken: list[tuple[int, int]] = []
    bundles: list[list[Candidate]] = []
    deferred: list[int] = []
    for bundle in sorted(by_edits.values(), key=lambda b: (b[0]["edits"][0], b[0]["n"])):
        spans = [(edit[0], edit[1]) for edit in bundle[0]["edits"]]
        if _collide(spans, taken):
            deferred.extend(c["n"] for c in bundle)
        else:
            for span in spans:
                insort(taken, span)
            bundles.append(bundle)
    return bundles, sorted(deferred)


def _collide(spans: list[tuple[int, int]], taken: list[tuple[int, int]]) -> bool:
    """Whether a span overlaps one that is taken, or inserts at its very edge.

    `taken` is sorted and its spans are disjoint, so only two neighbours have to be looked at.
    """
    for span in spans:
        place = bisect_left(taken, span)
        for start, end in taken[max(place - 1, 0) : place + 1]:
            if span[0] < end and start < span[1]:
                return True
            if span in ((start, start), (end, end)) or (start, end) in (
                (span[0],) * 2,
                (span[1],) * 2,
            ):
                return True
    return False


def apply_edits(text: str, bundles: Iterable[Sequence[Candidate]]) -> str:
    """`text` with the edits of each bundle; they must not overlap."""
    parts: list[str] = []
    position = 0
    for start, end, content in sorted(edit for bundle in bundles for edit in bundle[0]["edits"]):
        parts += (text[position:start], content)
        position = end
    return "".join([*parts, text[position:]])
