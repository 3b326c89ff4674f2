"""Sentences of answers in another language, for who names one in `Treadle-Language`."""

import json
import time
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import translation

from engine import Event, EventKind, RunError
from engine.said import say
from studio.actions.runs import start_run
from studio.actions.workflows import create_workflow
from studio.execution.service import Service
from studio.http.language import HEADER
from studio.journal import codec
from studio.journal.append import append_as_other
from studio.journal.raw_connection import DjangoConnection
from studio.models import Run, Workflow
from tests.studio import build
from tests.studio.api.calls import Api

BROKEN: dict[str, Any] = {
    "format": "treadle/1", "key": "k", "name": "Broken", "entry": ["a"],
    "nodes": {"a": {"type": "tool", "tool": "no.such"}, "b": {"type": "set", "set": {"x": "1 +"}}},
    "edges": [{"id": "e", "from": "a", "to": "b"}],
}  # fmt: skip
GERMAN = {HEADER: "de"}


@pytest.fixture
def workflow(alice: User) -> Workflow:
    return create_workflow(user=alice, document=BROKEN)


def said(body: dict[str, Any]) -> list[str]:
    return [problem["message"] for problem in body["problems"]]


def everywhere(api: Api, workflow: Workflow, **headers: str) -> dict[str, Any]:
    """Each answer that tells of problems."""
    path = f"/api/v1/workflows/{workflow.public_id}"
    given = {"document": BROKEN}
    text = '{"format": "treadle/1", "nodes": {"a": {"type": "magic"}}, "edges": []}'
    return {
        "read": api.get(path, **headers).body,
        "lint": api.post("/api/v1/validate", given, **headers).body,
        "validate": api.post(f"{path}/validate", given, **headers).body,
        "save": api.call("PUT", f"{path}/draft", given, **{"If-Match": '"1"'}, **headers).body,
        "publish": api.post(f"{path}/publish", {}, **headers).body,
        "run": api.post("/api/v1/runs", {"workflow": str(workflow.public_id), "draft": True},
                        **headers).body,
        "text": api.post("/api/v1/documents/read", {"text": text}, **headers).body,
        "no text": api.post("/api/v1/documents/read", {"text": '{"a" 1}'}, **headers).body,
        "import": api.post("/api/v1/workflows/import", {"text": "[1"}, **headers).body,
        "check": api.post("/api/v1/expressions/check", {"source": "1 +"}, **headers).body,
        "fault": api.post("/api/v1/expressions/check", {"source": "a", "state": {}},
                          **headers).body,
    }  # fmt: skip


ENGLISH_WORDS = ("there is", "no node", "expected", "The workflow", "is not", "no key", "ends")


def test_every_answer_about_problems_is_in_the_language_that_is_named(
    alice: User, workflow: Workflow
) -> None:
    told = everywhere(Api(alice), workflow, **GERMAN)

    assert "es gibt kein Werkzeug „no.such“" in said(told["lint"])
    for name in ("read", "lint", "validate", "save"):
        assert "der Ausdruck endet, wo ein Wert erwartet wird" in said(told[name]), name
    for name in ("publish", "run"):
        error = told[name]["error"]
        assert error["message"].startswith("Der Workflow hat 2 Fehler: "), name
        assert "es gibt kein Werkzeug „no.such“" in [
            detail["message"] for detail in error["details"]
        ]
        assert told[name]["detail"] == error["message"]
    assert said(told["text"])[0] == "kein Knotentyp „magic“"
    assert said(told["no text"]) == ["Das ist kein JSON: ein Doppelpunkt fehlt. Zeile 1, Spalte 6."]
    assert told["import"]["error"]["message"].startswith("Das ist kein JSON: ")
    assert told["check"]["error"]["message"] == "der Ausdruck endet, wo ein Wert erwartet wird"
    assert told["fault"]["error"]["message"] == "kein Schlüssel „a“ (hier sind keine Schlüssel)"
    for name, body in told.items():
        assert not [words for words in ENGLISH_WORDS if words in str(body)], name


def test_programs_that_name_none_get_english(alice: User, workflow: Workflow) -> None:
    plain = everywhere(Api(alice), workflow)
    browser = everywhere(Api(alice), workflow, **{"Accept-Language": "de"})
    strange = everywhere(Api(alice), workflow, **{HEADER: "tlh"})

    assert "there is no tool 'no.such'" in said(plain["lint"])
    for other in (browser, strange):
        for name, body in plain.items():
            assert without_ids(other[name]) == without_ids(body), name


def without_ids(body: dict[str, Any]) -> dict[str, Any]:
    """Without what differs from request to request."""
    error = {**body["error"], "request_id": ""} if body.get("error") else None
    return {**body, "error": error, "saved_at": None, "draft_saved_at": None, "rev": 0}


def test_codes_and_places_are_the_same_in_every_language(alice: User, workflow: Workflow) -> None:
    english = everywhere(Api(alice), workflow)["lint"]["problems"]
    german = everywhere(Api(alice), workflow, **GERMAN)["lint"]["problems"]

    def bare(problems: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{**problem, "message": "", "hint": ""} for problem in problems]

    assert bare(german) == bare(english)


def test_the_answer_says_which_language_it_is_in(alice: User) -> None:
    api = Api(alice)

    assert api.get("/api/v1/tools", **GERMAN).headers["Content-Language"] == "de"
    assert "Content-Language" not in api.get("/api/v1/tools").headers


def test_the_editors_page_tells_problems_in_the_language_of_the_reader(
    alice: User, workflow: Workflow, client: Client
) -> None:
    client.force_login(alice)
    path = f"/workflows/{workflow.public_id}/edit"

    german = client.get(path, headers={"accept-language": "de"}).content.decode()
    english = client.get(path).content.decode()

    assert "erwartet wird" in german
    assert "is expected" not in german
    assert "is expected" in english


def test_the_page_of_an_import_refuses_in_the_language_of_the_reader(
    alice: User, client: Client
) -> None:
    client.force_login(alice)
    text = '{"format": "treadle/1", "nodes": 7, "edges": []}'

    page = client.post("/workflows/import", {"text": text}, headers={"accept-language": "de"})

    assert "„nodes“ muss ein Objekt aus Knoten nach ihrer ID sein." in page.content.decode()
    assert "must be" not in page.content.decode()


def test_the_page_that_starts_a_run_refuses_in_the_language_of_the_reader(
    alice: User, workflow: Workflow, client: Client
) -> None:
    client.force_login(alice)
    path = f"/workflows/{workflow.public_id}/run"

    page = client.post(
        path, {"which": "draft", "state": "{}"}, headers={"accept-language": "de"}
    ).content.decode()

    assert "Der Workflow hat 2 Fehler: " in page
    assert "es gibt kein Werkzeug" in page
    assert "there is no tool" not in page


def test_people_read_what_a_run_waits_for_with_the_titles_of_its_steps(
    alice: User, engine: Service
) -> None:
    document = {
        "format": "treadle/1", "key": "k", "entry": ["a"], "edges": [],
        "nodes": {"a": {"type": "human", "title": "Approve it", "form": {}}},
    }  # fmt: skip
    run = start_run(user=alice, version=build.published(document, alice))
    api, path = Api(alice), f"/api/v1/runs/{run.public_id}/explain"
    deadline = time.monotonic() + 20
    while not texts(api, path) and time.monotonic() < deadline:
        time.sleep(0.05)

    assert texts(api, path) == ["'a' waits for an answer of somebody who sees the run."]
    assert texts(api, path, **{HEADER: "en"}) == [
        "“Approve it” waits for an answer of somebody who sees the run."
    ]
    assert texts(api, path, **GERMAN) == [
        "„Approve it“ wartet auf eine Antwort von jemandem, der den Lauf sieht."
    ]


def texts(api: Api, path: str, **headers: str) -> list[str]:
    """Why a run waits for a person."""
    told = api.get(path, **headers).body["reasons"]
    return [reason["text"] for reason in told if reason["what"] == "human"]


def test_problems_name_steps_by_their_titles_to_who_names_a_language(alice: User) -> None:
    nodes = {"a": {"type": "set", "set": {"n": "1"}, "title": "First"}, "b": {"type": "end"}}
    document = {
        "format": "treadle/1", "key": "k", "entry": ["a"], "nodes": nodes,
        "edges": [{"id": "e", "from": "a", "to": "b", "when": "n > 1"}],
    }  # fmt: skip
    api = Api(alice)

    def of_a(**headers: str) -> list[str]:
        return said(api.post("/api/v1/validate", {"document": document}, **headers).body)

    assert of_a() == ["if no condition on the edges of 'a' holds, the run fails"]
    assert of_a(**{HEADER: "en"}) == [
        "if no condition on the edges of “First” holds, the run fails"
    ]
    assert "„First“" in of_a(**GERMAN)[0]


def stopped(alice: User) -> Run:
    """A run that stands still at a step with a title, as a journal of its own tells it."""
    document = build.chain("trial.count")
    document["nodes"]["s1"]["title"] = "Score it"
    run = start_run(user=alice, version=build.published(document, alice))
    said = "no edge of node 's1' matched; draw an else edge, or set on_no_route to 'end'"
    error = {"code": "E_NO_ROUTE", "message": said, "node": "s1", "edge": None, "details": {}}
    looked = {"edge": "s1-s2", "taken": False, "when": "n < 3", "reason": "exhausted"}
    paused = {"code": "E_PAUSED", "reason": "Paused on the run page"}
    events = [
        Event(EventKind.EDGES_TAKEN, {"edges": [looked], "error": error}, "s1", 1),
        Event(EventKind.RUN_PAUSED, {"reason": said, "code": "E_NO_ROUTE", "error": error}),
        Event(EventKind.RUN_PAUSED, paused),
        Event(EventKind.ATTEMPT_FAILED, {"error": {**error, "code": "E_TOOL"}}, "s1", 1),
    ]
    append_as_other(DjangoConnection(), run.pk, events)
    Run.objects.filter(pk=run.pk).update(status="failed", error=json.dumps(error))
    return run


ENGLISH, SAID_IN_GERMAN = (
    "no edge of node 's1' matched",
    "keine Kante des Schritts „Score it“ passte",
)


def test_people_read_events_with_the_titles_of_steps(alice: User) -> None:
    run = stopped(alice)
    api, path = Api(alice), f"/api/v1/runs/{run.public_id}/events?after=1"

    plain, german = api.get(path).body["items"], api.get(path, **GERMAN).body["items"]

    assert plain[0]["data"]["error"]["message"].startswith(ENGLISH)
    assert german[0]["data"]["error"]["message"].startswith(SAID_IN_GERMAN)
    assert german[0]["data"]["edges"][0]["reason"].startswith("sie wurde so oft genommen")
    assert german[1]["data"]["reason"] == german[1]["data"]["error"]["message"]
    assert german[2]["data"]["reason"] == "Auf der Seite des Laufs angehalten"
    # What a tool said stays, and so does everything that programs read.
    assert german[3] == plain[3]
    assert [without_sentences(each) for each in german] == [without_sentences(e) for e in plain]


def without_sentences(event: dict[str, Any]) -> dict[str, Any]:
    data = event["data"]
    error = {**data.get("error", {}), "message": ""}
    edges = [{**each, "reason": ""} for each in data.get("edges", [])]
    return {**event, "data": {**data, "error": error, "edges": edges, "reason": ""}}


def test_people_read_why_a_visit_failed_in_their_language(alice: User, engine: Service) -> None:
    document = build.chain("trial.count", 1)
    document["nodes"]["s1"] |= {"title": "Nap", "type": "map", "over": "1"}
    document["nodes"]["s1"]["body"] = {"tool": document["nodes"]["s1"].pop("tool")}
    run = start_run(user=alice, version=build.published(document, alice))
    engine.wait_ended_blocking(run.public_id, 20)
    api, path = Api(alice), f"/api/v1/runs/{run.public_id}/visit?node=s1"

    english, german = api.get(path).body["visit"], api.get(path, **GERMAN).body["visit"]

    assert english["error"]["message"] == "'s1' needs a list, but '1' gives 1"
    assert german["error"]["message"] == "„Nap“ braucht eine Liste, aber „1“ ergibt 1"
    assert german["error"]["code"] == english["error"]["code"] == "E_INPUT"


def test_people_read_the_mistake_of_an_expression_in_their_language(
    alice: User, engine: Service
) -> None:
    document = build.chain("trial.count", 2)
    document["nodes"]["s1"]["title"] = "Score it"
    document["edges"][0]["when"] = "n / (n - n) > 1"
    run = start_run(user=alice, version=build.published(document, alice), state={"n": 1})
    engine.wait_ended_blocking(run.public_id, 20)
    api, path = Api(alice), f"/api/v1/runs/{run.public_id}"

    def failed(**headers: str) -> list[dict[str, Any]]:
        events = api.get(f"{path}/events", **headers).body["items"]
        return [event["data"]["error"] for event in events if event["k"] == "run.failed"]

    (english,), (german,) = failed(), failed(**GERMAN)
    (place,) = [line for line in english["message"].splitlines() if line.strip() == "^"]
    assert english["message"].splitlines()[0] == (
        "the condition of edge 'e1' cannot be evaluated: '/' by zero; test the divisor first:"
        " n != 0 && …"
    )
    assert (
        german["message"]
        .splitlines()[0]
        .endswith(": „/“ durch null; prüfen Sie zuerst den Teiler: n != 0 && …")
    )
    assert german["message"].splitlines()[1:] == ["n / (n - n) > 1", place]
    assert german["details"]["message"] == "„/“ durch null"
    assert german["details"]["source"] == english["details"]["source"] == "n / (n - n) > 1"


def test_what_a_run_refuses_is_told_in_the_language_that_is_named(alice: User) -> None:
    run = start_run(user=alice, version=build.published(build.chain("trial.count"), alice))
    Run.objects.filter(pk=run.pk).update(status="completed")
    api, path = Api(alice), f"/api/v1/runs/{run.public_id}/pause"

    english, german = api.post(path, {}).body["error"], api.post(path, {}, **GERMAN).body["error"]

    assert english["message"] == (
        f"Run {run.public_id} is completed. It has completed: start another run."
    )
    assert german["message"] == (
        f"Der Lauf {run.public_id} steht auf „abgeschlossen“. "
        "Er ist abgeschlossen: Starten Sie einen anderen Lauf."
    )
    assert german["code"] == english["code"] == "E_STATE"


def test_a_run_that_asks_for_a_secret_is_refused_by_the_name_of_the_secret(alice: User) -> None:
    document = build.chain("trial.count", 1)
    document["nodes"]["s1"] = {"type": "tool", "tool": "http.request", "inputs": {
        "url": "'https://example.org'", "bearer": "'no-such'"}}  # fmt: skip
    version = build.published(document, alice)
    body = {"version": str(version.public_id)}

    refused = Api(alice).post("/api/v1/runs", body, **GERMAN).body["error"]

    assert refused["message"] == (
        "Ihre Läufe haben kein Geheimnis „no-such“: siehe Einstellungen, Geheimnisse."
    )
    assert refused["details"][0]["pointer"] == "/nodes/s1"
    assert "„no-such“" in refused["details"][0]["message"]


def test_the_page_of_a_run_refuses_in_the_language_of_the_reader(
    alice: User, client: Client
) -> None:
    run = start_run(user=alice, version=build.published(build.chain("trial.count"), alice))
    Run.objects.filter(pk=run.pk).update(status="completed")
    client.force_login(alice)

    client.post(f"/runs/{run.public_id}/pause", headers={"accept-language": "de"})
    page = client.get(f"/runs/{run.public_id}", headers={"accept-language": "de"}).content.decode()

    assert "Er ist abgeschlossen: Starten Sie einen anderen Lauf." in page


def test_the_page_of_a_run_tells_what_failed_in_the_language_of_the_reader(
    alice: User, client: Client
) -> None:
    run = stopped(alice)
    client.force_login(alice)

    page = client.get(f"/runs/{run.public_id}", headers={"accept-language": "de"}).content.decode()

    # The banner, the log below it; and what the scripts of the page are given.
    assert page.count(SAID_IN_GERMAN) == 2
    assert page.count("keine Kante des Schritts") == 6
    # What a tool said, in the log and for the scripts.
    assert page.count("no edge of node") == 2


def test_what_is_kept_is_english(db: None) -> None:
    said = say("no node {name}", name="a")
    error = RunError("E_TEST", said, details={"said": said})

    with translation.override("de"):
        kept = codec.decode(codec.encode({"error": error.as_dict(), "said": said}))

    assert kept["said"] == kept["error"]["message"] == "no node a"
    assert kept["error"]["details"] == {"said": "no node a"}
    with pytest.raises(TypeError, match="object is not JSON"):
        codec.encode({"said": object()})
