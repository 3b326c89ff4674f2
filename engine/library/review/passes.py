"""One pass of the loop: pick the next group of fixes that can do something, fix every file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic
from typing import Any

from engine.library.review import limits
from engine.library.review.catalogue import GROUPS, rules
from engine.library.review.fixing import PROOF, FileFix, Job, Protection, fix_file, weakest
from engine.library.review.inspection import measure_all
from engine.library.review.patch import patch_of
from engine.library.review.sources import Source

_PARALLEL = 2
_REASONS_PER_FILE = 30

Finding = dict[str, Any]
Refusals = Sequence[Mapping[str, Any]]
"""{path, sha256, group, line, rule, reason}: not to be tried again while the file has this text."""


def imports_index(sources: Iterable[Source]) -> dict[str, dict[str, Any]]:
    """Per module, the imported names that other files of the batch take from it.

    {path: {names: [...], star: bool}}, only where there is something to protect.
    """
    measures = measure_all(sources := list(sources))
    takers: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    stars: defaultdict[str, set[str]] = defaultdict(set)
    for path, measure in measures.items():
        for stem, name in measure.facts["references"]["pairs"]:
            takers[stem][name].add(path)
        for stem in measure.facts["references"]["stars"]:
            stars[stem].add(path)
    index: dict[str, dict[str, Any]] = {}
    for source in sources:
        imported = {n["bound"] for f in measures[source.path].facts["imports"] for n in f["names"]}
        wanted = takers[source.stem]
        names = sorted(n for n in imported if wanted.get(n, set()) - {source.path})
        star = bool(stars.get(source.stem, set()) - {source.path})
        if names or star:
            index[source.path] = {"names": names, "star": star}
    return index


def open_candidates(
    issues: Iterable[Finding], shas: Mapping[str, str], refusals: Refusals
) -> dict[str, set[str]]:
    """By group: the files with a fix that has not been refused on their present text."""
    refused = {(r["path"], r["sha256"], r["group"]) for r in refusals}
    files: defaultdict[str, set[str]] = defaultdict(set)
    for issue in issues:
        rule = rules().get(issue["rule"])
        path = issue["path"]
        if issue["fix"] != "auto" or rule is None or rule.fix_group is None or path not in shas:
            continue
        if (path, shas[path], rule.fix_group) not in refused:
            files[rule.fix_group].add(path)
    return dict(files)


@dataclass(frozen=True, slots=True)
class PassResult:
    number: int
    group: str | None
    """The group that changed something; None when none could."""
    fixes: tuple[FileFix, ...]
    """Every file that this group was tried on, changed or not, sorted by path."""
    refusals: tuple[dict[str, Any], ...]
    limits_hit: tuple[dict[str, str | None], ...] = ()

    def changed(self, befores: Mapping[str, Source]) -> dict[str, Source]:
        return {
            fix.source.path: fix.source
            for fix in self.fixes
            if fix.source.text != befores[fix.source.path].text
        }


@dataclass(frozen=True, slots=True)
class Pass:
    """Everything one pass needs to know."""

    number: int
    sources: Mapping[str, Source]
    issues: Sequence[Finding]
    refusals: Refusals
    index: Mapping[str, Mapping[str, Any]]
    target: str
    last_group: str | None = None

    def run(self) -> PassResult:
        """Try the groups in order, beginning after the last pass's, until one changes a file."""
        shas = {path: source.sha256 for path, source in self.sources.items()}
        candidates = open_candidates(self.issues, shas, self.refusals)
        deadline = monotonic() + limits.PASS_SECONDS
        refusals: list[dict[str, Any]] = []
        for group in rotated(self.last_group):
            fixes = self.fix(group, sorted(candidates.get(group, ())), deadline)
            refusals += [entry for fix in fixes for entry in _refusal_entries(fix, group)]
            if any(fix.source.text != self.sources[fix.source.path].text for fix in fixes):
                return PassResult(
                    self.number, group, tuple(fixes), tuple(refusals), self.late(deadline)
                )
        return PassResult(self.number, None, (), tuple(refusals), self.late(deadline))

    def fix(self, group: str, paths: Sequence[str], deadline: float) -> list[FileFix]:
        def one(path: str) -> FileFix | None:
            if monotonic() > deadline:
                return None
            known = self.index.get(path, {})
            protection = Protection(tuple(known.get("names", ())), bool(known.get("star", False)))
            job = Job(group, self.target, protection, monotonic() + limits.FILE_SECONDS)
            return fix_file(self.sources[path], job)

        if len(paths) < 2:
            results = [one(path) for path in paths]
        else:
            with ThreadPoolExecutor(_PARALLEL) as executor:
                results = list(executor.map(one, paths))
        return [fix for fix in results if fix is not None]

    def late(self, deadline: float) -> tuple[dict[str, str | None], ...]:
        if monotonic() <= deadline:
            return ()
        detail = (
            f"pass {self.number} ran out of its {limits.PASS_SECONDS:g} s; some files were left"
        )
        return (limits.hit("pass_seconds", detail),)


def rotated(last_group: str | None) -> tuple[str, ...]:
    """The groups in the order they are tried in, beginning after the one used last."""
    if last_group not in GROUPS:
        return GROUPS
    start = GROUPS.index(last_group) + 1
    return GROUPS[start:] + GROUPS[:start]


def _refusal_entries(fix: FileFix, group: str) -> list[dict[str, Any]]:
    # One entry is enough to keep the group from this text; the others only give reasons.
    kept = fix.refused[:_REASONS_PER_FILE]
    return [{**refusal, "sha256": fix.source.sha256, "group": group} for refusal in kept]


def pass_entry(
    result: PassResult, befores: Mapping[str, Source], earlier: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The pass as the report shows it, its diff as long as those of earlier passes leave room."""
    changed = result.changed(befores)
    old = {path: befores[path].text for path in changed}
    new = {path: source.text for path, source in changed.items()}
    used = sum(limits.text_weight(one["diff"]) for one in earlier)
    room = max(0, min(limits.MAX_PASS_DIFF_CHARS, limits.MAX_DIFFS_WEIGHT - used))
    diff, cut = patch_of(old, new, room)
    applied = [fix for item in result.fixes for fix in item.applied]
    return {
        "n": result.number,
        "group": result.group,
        "applied": [
            {**fix, "fixed_in_pass": result.number} for fix in applied[: limits.MAX_FIXES_LISTED]
        ],
        "applied_count": len(applied),
        "refused": [
            {key: refusal[key] for key in ("path", "rule", "line", "message", "reason")}
            for refusal in result.refusals[: limits.MAX_FIXES_LISTED]
        ],
        "refused_count": len(result.refusals),
        "evidence": evidence_counts(result),
        "diff": diff,
        "diff_truncated": cut,
        "files_changed": sorted(changed),
    }


def evidence_counts(result: PassResult) -> dict[str, int]:
    """How many files changed at each level of proof: a file's is that of its weakest fix."""
    levels = [weakest(fix.applied) for fix in result.fixes if fix.applied]
    return {level: levels.count(level) for level in PROOF if level in levels}
