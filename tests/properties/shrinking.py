"""Making a case that fails smaller, as long as it fails and is still a proper one."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from engine import validate
from tests.properties.comparing import Case, expected_of
from tests.properties.deeds import Deed

Fails = Callable[[Case], bool]
DICE = range(4)
"""Ways of the reference that must agree: else the case is not one that is free of timing."""
_OPTIONAL = (
    "retry", "timeout", "lock", "outputs", "collect", "complete_when", "max_concurrency",
    "on_error", "on_no_route", "route", "join", "when", "max", "resets",
)  # fmt: skip


def shrunk(case: Case, fails: Fails, *, tries: int = 2_000) -> Case:
    """The smallest case found that fails like this one."""
    left = tries
    smaller = True
    while smaller and left > 0:
        smaller = False
        for candidate in _smaller(case):
            left -= 1
            if left <= 0:
                break
            if _is_proper(candidate) and fails(candidate):
                case, smaller = candidate, True
                break
    return case


def _is_proper(case: Case) -> bool:
    if any(problem.severity == "error" for problem in validate(case.document)):
        return False
    try:
        outcomes = [expected_of(case, dice) for dice in DICE]
    except Exception:
        return False
    return all((o.status, o.state) == (outcomes[0].status, outcomes[0].state) for o in outcomes)


def _smaller(case: Case) -> Iterator[Case]:
    """Each case with one thing less, big things first."""
    document = case.document
    for name in document["nodes"]:
        yield _changed(case, lambda d, name=name: _without(d, name))
        yield _changed(case, lambda d, name=name: _bridged(d, name))
    for at in range(len(document["edges"])):
        yield _changed(case, lambda d, at=at: d["edges"].pop(at))
    for at in range(len(document["entry"])):
        yield _changed(case, lambda d, at=at: d["entry"].pop(at))
    for name, spec in document["nodes"].items():
        for key in _OPTIONAL:
            if key in spec:
                yield _changed(case, lambda d, n=name, k=key: d["nodes"][n].pop(k))
    for at, edge in enumerate(document["edges"]):
        for key in _OPTIONAL:
            if key in edge:
                yield _changed(case, lambda d, at=at, k=key: d["edges"][at].pop(k))
    for name, deed in case.deeds.items():
        if isinstance(deed, Deed) and deed.do != "nothing":
            quiet = replace(deed, do="nothing")
            yield replace(case, deeds={**case.deeds, name: quiet})


def _changed(case: Case, change: Callable[[dict[str, Any]], object]) -> Case:
    document = copy.deepcopy(case.document)
    change(document)
    return replace(case, document=document)


def _without(document: dict[str, Any], name: str) -> None:
    del document["nodes"][name]
    document["edges"] = [e for e in document["edges"] if name not in (e["from"], e["to"])]
    document["entry"] = [entry for entry in document["entry"] if entry != name]


def _bridged(document: dict[str, Any], name: str) -> None:
    """Without a node that has one way on: what led to it leads further."""
    out = [e for e in document["edges"] if e["from"] == name]
    if len(out) != 1 or out[0]["to"] == name:
        document["nodes"] = {}
        return
    further = out[0]["to"]
    del document["nodes"][name]
    document["edges"].remove(out[0])
    for edge in document["edges"]:
        if edge["to"] == name:
            edge["to"] = further
    entry = [further if e == name else e for e in document["entry"]]
    document["entry"] = list(dict.fromkeys(entry))
