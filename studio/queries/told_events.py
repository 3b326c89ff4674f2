"""Events of a journal for people: what the engine says in their language, steps by their titles.

A journal is English, and programs read it as it is stored. Only the texts that are shown change:
`message` of errors, and `reason` of decisions and pauses. Codes, ids and everything else stay.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import override

from engine.failing import Names
from engine.said import say
from engine.telling.edge_story import REASONS
from studio import sentences
from studio.journal import codec
from studio.models import Run
from studio.queries.step_titles import StepTitles

Raw = Mapping[str, Any]


def told_event(event: Raw, names: Names) -> dict[str, Any]:
    """An event of the API's shape, for the reader of this thread."""
    data = event.get("data")
    if not isinstance(data, Mapping) or not _MARKS & data.keys():
        return dict(event)
    return {**event, "data": told_data(data, names)}


_MARKS = {"error", "edges", "reason"}
_ASKED = {
    str(said): said
    for said in (
        say("paused on request"),
        say("paused on its page"),
        say("stopped on its page"),
        say("Paused on the run page"),
        say("Stopped on the run page"),
    )
}
"""Reasons that nobody wrote by hand, by what the journal keeps of them."""


def told_data(data: Raw, names: Names) -> dict[str, Any]:
    """What an event carries, its sentences for people."""
    told = dict(data)
    error = data.get("error")
    if isinstance(error, Mapping):
        told["error"] = sentences.error_told(error, names)
        if data.get("reason") == error.get("message"):
            told["reason"] = told["error"]["message"]
    elif data.get("reason") in _ASKED:
        told["reason"] = sentences.told(_ASKED[data["reason"]], by_title=True)
    if isinstance(data.get("edges"), list):
        told["edges"] = [_decision(each) for each in data["edges"]]
    return told


def _decision(report: Any) -> Any:
    """A report about an edge, its reason as a sentence."""
    if not isinstance(report, Mapping) or "reason" not in report:
        return report
    said = REASONS.get((report["reason"], bool(report.get("taken"))))
    return report if said is None else {**report, "reason": sentences.told(said, by_title=True)}


def teller(run: Run, language: str) -> Callable[[str], str]:
    """For the events of a run as JSON text, one or many in it, under `items` or `ev`."""
    names: list[Names] = []

    def tell(text: str) -> str:
        if not may_say(text):
            return text
        if not names:
            names.append(StepTitles([run]).names(run))
        told = codec.decode(text)
        with override(language):
            for key in ("items", "ev"):
                if key in told:
                    told[key] = [told_event(event, names[0]) for event in told[key]]
        return codec.encode(told)

    return tell


def may_say(text: str) -> bool:
    """Whether something may be in the JSON text of events that is told to people otherwise."""
    return '"error":' in text or '"reason":' in text
