"""`POST /graph/run` past the middleware: the same answers; all the rest goes the ordinary way."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User

from studio.accounts import tokens
from studio.actions import sharing
from studio.api import rates, shortcut
from studio.api.shortcut import Shortcut
from studio.execution import handover as handover_module
from studio.execution.service import Service
from studio.http.body import Receive, Scope, Send
from studio.http.handler import OneHopHandler
from studio.journal import graphs
from studio.journal.raw_connection import Unavailable
from studio.models import ApiToken, AuditEntry, Run, Workflow
from studio.rights import Role
from studio.setup.rates import Rate
from tests.studio import tools
from tests.studio.api import documents
from tests.studio.api.calls import Api
from tests.studio.http.asgi_client import Answer, ask


@dataclass
class Ways:
    """The shortcut before a handler that counts whom it was left to."""

    handler: OneHopHandler = field(default_factory=OneHopHandler)
    ordinary: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.ordinary += 1
        await self.handler(scope, receive, send)

    async def in_thread(self, work: Callable[[], Any]) -> Any:
        return await self.handler.in_thread(work)

    async def ended_before_client(self, wait: Any, receive: Receive) -> bool:
        return await self.handler.ended_before_client(wait, receive)


@dataclass
class Program:
    """A program with a token that memory knows, and a graph that ran before."""

    api: Api
    ways: Ways
    graph_id: str

    def post(
        self, body: Any, path: str = "/graph/run", query: str = "", **headers: str
    ) -> tuple[Answer, bool]:
        """The answer, and whether it came by the shortcut."""
        before = self.ways.ordinary
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {
            "authorization": f"Bearer {self.api.token}",
            "content-type": "application/json",
            "content-length": str(len(content)),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        app = Shortcut(self.ways)  # type: ignore[arg-type]
        answer = asyncio.run(ask(app, "POST", path, body=content, headers=given, query=query))
        return answer, self.ways.ordinary == before

    def run(self, **state: Any) -> dict[str, Any]:
        return {"graph_id": self.graph_id, "initial_state": state}


@pytest.fixture
def ways() -> Iterator[Ways]:
    made = Ways()
    yield made
    made.handler.close()


@pytest.fixture
def program(engine: Service, alice: User, ways: Ways, monkeypatch: pytest.MonkeyPatch) -> Program:
    monkeypatch.setattr(tokens, "TTL_S", 3600)
    return program_of(Api(alice), ways)


def program_of(api: Api, ways: Ways, document: Any = None) -> Program:
    created = api.post("/graph/create", document or documents.demo())
    graph_id = created.body["graph_id"]
    assert api.post("/graph/run", {"graph_id": graph_id}).status == 200
    return Program(api, ways, graph_id)


def without_ids(answer: Answer) -> dict[str, Any]:
    body = json.loads(answer.content)
    body.pop("run_id", None)
    body.get("error") and isinstance(body["error"], dict) and body["error"].pop("request_id")
    return body  # type: ignore[no-any-return]


@pytest.mark.parametrize("path", ["/graph/run", "/graph/run/"])
def test_it_answers_with_the_run_that_was_written(program: Program, path: str) -> None:
    answer, was_short = program.post(program.run(n=1, kept="yes"), path)

    body = json.loads(answer.content)
    run = Run.objects.get(public_id=body["run_id"])
    assert was_short
    assert answer.status == 200
    assert body["final_state"] == {"n": 4, "kept": "yes"}
    assert [step["node"] for step in body["log"]] == ["a", "a", "b"]
    assert (run.status, run.source, run.owner) == ("completed", "demo", User.objects.get())
    audit = AuditEntry.objects.get(object=str(run.public_id))
    assert (audit.verb, audit.ip) == ("run.start", "127.0.0.1")


@pytest.mark.parametrize("public", ["", "https://studio.example"])
@pytest.mark.parametrize("forwarded", ["", "https", "http", "https, http"])
def test_both_ways_answer_alike(
    program: Program, settings: Any, public: str, forwarded: str
) -> None:
    if public:
        settings.SECURE_HSTS_SECONDS = 31_536_000
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    headers = {"x_forwarded_proto": forwarded} if forwarded else {}
    program.ways.handler.close()
    program.ways.handler = OneHopHandler()  # its middleware reads settings once

    short, was_short = program.post(program.run(), x_request_id="told-by-a-proxy", **headers)
    # The least that only the ordinary way understands.
    long, was_long_short = program.post(
        program.run(), query="wait=60", x_request_id="told-by-a-proxy", **headers
    )

    assert (was_short, was_long_short) == (True, False)
    assert without_ids(short) == without_ids(long)
    assert {**short.headers, "content-length": ""} == {
        **{name: value for name, value in long.headers.items() if name != "allow"},
        "content-length": "",
    }
    assert short.headers["content-length"] == str(len(short.content))
    is_secure = bool(public) and forwarded.startswith("https")
    assert ("strict-transport-security" in short.headers) == is_secure


def test_each_answer_has_a_request_id_of_its_own(program: Program) -> None:
    answers = [program.post(program.run(), **given)[0] for given in ({}, {}, {"x_request_id": "<"})]

    assert len({answer.headers["x-request-id"] for answer in answers}) == 3


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b'{"graph_id": 5}'])
def test_what_is_no_run_is_told_by_the_ordinary_way(program: Program, body: bytes) -> None:
    answer, was_short = program.post(body)

    assert not was_short
    assert answer.status == 422


@pytest.mark.parametrize("state", [0, "", False, [], 1, "x", ["x"]])
def test_a_state_that_is_no_object_is_refused(program: Program, state: Any) -> None:
    answer, was_short = program.post({"graph_id": program.graph_id, "initial_state": state})

    assert not was_short
    assert answer.status == 422


@pytest.mark.parametrize("extra", [{}, {"initial_state": None}, {"initial_state": {}}])
def test_the_state_may_be_left_out(program: Program, extra: dict[str, Any]) -> None:
    answer, was_short = program.post({"graph_id": program.graph_id, **extra})

    assert was_short
    assert json.loads(answer.content)["final_state"] == {"n": 4}


@pytest.mark.parametrize(
    "body",
    [
        {"unknown": 1},
        {"initial_state": {"n": "x" * shortcut.MOST_BYTES}},
        {"initial_state": {"deep": json.loads("[" * 60 + "]" * 60)}},
    ],
)
def test_unusual_bodies_are_answered_as_ever(program: Program, body: dict[str, Any]) -> None:
    whole = {"graph_id": program.graph_id, **body}

    answer, was_short = program.post(whole)
    expected = program.api.post("/graph/run", whole)

    assert answer.status == expected.status
    assert was_short == ("deep" in body.get("initial_state", {}))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "evil.example"}, 400),
        ({"host": ""}, 400),
        ({"authorization": ""}, 401),
        ({"authorization": "Bearer trd_wrong"}, 401),
        ({"authorization": "Basic eA=="}, 401),
        ({"content_type": "text/plain"}, 415),
        ({"content_type": "application/json; charset=utf-8"}, 200),
        ({"idempotency_key": "once"}, 200),
    ],
)
def test_headers_that_say_more_go_the_ordinary_way(
    program: Program, headers: dict[str, str], status: int
) -> None:
    given = {name.replace("_", "-"): value for name, value in headers.items()}

    answer, was_short = program.post(program.run(), **given)

    assert not was_short
    assert answer.status == status


def test_a_graph_that_is_not_there_is_not_found(program: Program, bob: User) -> None:
    foreign = program_of(Api(bob), program.ways).graph_id

    for graph_id in (str(uuid4()), foreign, "x" * 36):
        answer, was_short = program.post({"graph_id": graph_id})
        assert (answer.status, was_short) == (404, False)
        assert json.loads(answer.content)["detail"] == "Graph not found"


def test_a_token_that_was_revoked_is_refused_at_once(program: Program) -> None:
    tokens.revoke(ApiToken.objects.get())

    answer, _ = program.post(program.run())

    assert answer.status == 401


def test_a_token_that_may_not_run_is_refused(program: Program, alice: User) -> None:
    _, program.api.token = tokens.create(user=alice, name="reads", scopes=["read"])
    tokens.authenticate(program.api.token)

    answer, was_short = program.post(program.run())

    assert (answer.status, was_short) == (403, False)
    assert Run.objects.count() == 1


def test_a_token_of_other_workflows_finds_nothing(program: Program, alice: User) -> None:
    other = program_of(program.api, program.ways, documents.demo()).graph_id
    only = Workflow.objects.filter(public_id=other)
    _, program.api.token = tokens.create(user=alice, name="one", workflows=list(only))
    tokens.authenticate(program.api.token)

    assert program.post(program.run())[0].status == 404
    assert program.post({"graph_id": other})[0].status == 200


@pytest.mark.parametrize(("role", "status"), [(Role.OPERATOR, 200), (Role.VIEWER, 403)])
def test_a_shared_graph_is_asked_about_the_ordinary_way(
    program: Program, bob: User, role: Role, status: int
) -> None:
    theirs = program_of(Api(bob), program.ways).graph_id
    workflow = Workflow.objects.get(public_id=theirs)
    sharing.share(user=bob, workflow=workflow, role=role, person="alice")

    answer, was_short = program.post({"graph_id": theirs})

    assert (answer.status, was_short) == (status, False)


def test_a_new_version_counts_from_its_publication(program: Program) -> None:
    version = Workflow.objects.get(public_id=program.graph_id).published
    assert version is not None
    graphs._kept.clear()

    first, first_was_short = program.post(program.run())
    second, second_was_short = program.post(program.run())

    assert (first.status, second.status) == (200, 200)
    assert (first_was_short, second_was_short) == (False, True)


def test_a_rate_that_is_used_up_is_told(program: Program, settings: Any) -> None:
    settings.RATES = {**settings.RATES, rates.STARTS: Rate(3, 3600)}
    rates.buckets.clear()

    answers = [program.post(program.run())[0] for _ in range(4)]

    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    assert "retry-after" in answers[-1].headers


def test_what_goes_the_ordinary_way_is_counted_once(program: Program, settings: Any) -> None:
    settings.RATES = {**settings.RATES, rates.STARTS: Rate(3, 3600)}
    rates.buckets.clear()

    answers = [program.post({"graph_id": str(uuid4())})[0] for _ in range(4)]

    assert [answer.status for answer in answers] == [404, 404, 404, 429]


def test_a_start_state_that_is_refused_is_told(program: Program) -> None:
    answer, was_short = program.post(program.run(n=2**70))
    expected = program.api.post("/graph/run", program.run(n=2**70))

    assert (answer.status, was_short) == (expected.status, expected.status == 200)


def test_a_run_that_takes_its_time_is_waited_for(program: Program) -> None:
    slow = documents.demo(nodes=[{"name": "a", "tool": "trial.wait"}], edges=[])
    slow_id = program.api.post("/graph/create", slow).body["graph_id"]
    program.api.post("/graph/run?wait=0.01", {"graph_id": slow_id})
    threading.Timer(shortcut.SOON_S * 2, tools.gate.set).start()

    answer, was_short = program.post({"graph_id": slow_id})

    assert (answer.status, was_short) == (200, True)
    assert json.loads(answer.content)["final_state"] == {"waited": True}


def test_who_hangs_up_leaves_his_run_going_on(program: Program, engine: Service) -> None:
    slow = documents.demo(nodes=[{"name": "a", "tool": "trial.wait"}], edges=[])
    slow_id = program.api.post("/graph/create", slow).body["graph_id"]
    program.api.post("/graph/run?wait=0.01", {"graph_id": slow_id})
    content = json.dumps({"graph_id": slow_id}).encode()
    headers = {
        "authorization": f"Bearer {program.api.token}",
        "content-type": "application/json",
    }

    async def hang_up() -> Answer:
        gone = asyncio.Event()
        asyncio.get_running_loop().call_later(shortcut.SOON_S * 2, gone.set)
        app = Shortcut(program.ways)  # type: ignore[arg-type]
        return await ask(app, "POST", "/graph/run", body=content, headers=headers, hang_up=gone)

    answer = asyncio.run(hang_up())
    run = Run.objects.latest("pk")
    tools.gate.set()

    assert (answer.status, program.ways.ordinary) == (0, 0)
    assert engine.wait_ended_blocking(run.public_id, 10)


def test_a_long_journal_is_read_back(program: Program) -> None:
    edges = [
        {"from_node": "a", "to_node": "a", "condition_key": "n", "operator": "lt", "value": 200},
        {"from_node": "a", "to_node": "b"},
    ]
    many = program_of(program.api, program.ways, documents.demo(edges=edges))

    answer, was_short = program.post({"graph_id": many.graph_id})

    assert was_short
    assert len(json.loads(answer.content)["log"]) == 201


def test_a_database_that_is_away_costs_no_run(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise Unavailable("locked")

    monkeypatch.setattr("studio.journal.births.insert", away)

    answer, was_short = program.post(program.run(n=2))

    assert (answer.status, was_short) == (200, True)
    assert Run.objects.count() == 2


def test_a_stuck_engine_costs_no_run(
    program: Program, engine: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handover_module, "BEGIN_TIMEOUT_S", 0.2)
    release = threading.Event()
    engine._hint(lambda _: release.wait(20))  # type: ignore[arg-type]
    threading.Timer(1.5, release.set).start()

    answer, _ = program.post(program.run(n=2))

    assert answer.status == 200
    assert Run.objects.count() == 2
