"""Every operation of the API for every role: what is foreign is not found, what is seen and may not
be done is refused with a sentence, what is allowed is done.

The table below has a row for each operation of the OpenAPI schema; one without a row fails.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import transaction
from drf_spectacular.generators import SchemaGenerator

from engine.policies import WaitKind
from studio.accounts import tokens
from studio.actions.examples import install_examples
from studio.actions.runs import start_run
from studio.actions.schedules import ScheduleFields, create_schedule
from studio.actions.secrets import create_secret
from studio.actions.sharing import share
from studio.actions.signals import send_signal_to_runs
from studio.actions.webhooks import WebhookFields, create_webhook
from studio.api import rates
from studio.journal import codec
from studio.models import Grant, Run, Schedule, Secret, Signal, Version, Wait, Webhook, Workflow
from studio.rights import Scope
from studio.waits.outcome_rows import OUTCOME
from tests.studio import build
from tests.studio.api.calls import Answer, Api

pytestmark = pytest.mark.django_db

OPEN, FREE, OWN, MOVE = "open", "free", "own", "move"
"""Open: for everybody signed in. Free: without sign-in, or signed. Own: about an account's own
things. Move: only who started a run, or an administrator."""
DRAFT = {"format": "treadle/1", "key": "k", "name": "n", "entry": [], "nodes": {}, "edges": []}
DEMO = {"nodes": [{"name": "a", "tool": "trial.count"}], "edges": [], "start_node": "a"}

ROWS: dict[str, tuple[str, Any]] = {
    "POST /api/v1/documents/read": (OPEN, {"text": "{}"}),
    "GET /api/v1/engine": ("staff", None),
    "GET /api/v1/metrics": ("staff", None),
    "POST /api/v1/expressions/check": (OPEN, {"source": "1"}),
    "POST /api/v1/expressions/try": (
        "see",
        {"workflow": "{workflow_id}", "source": "1", "node": "s1"},
    ),
    "POST /api/v1/reviews": ("start", {"code": "x = 1"}),
    "GET /api/v1/reviews/{run_id}": ("see", None),
    "GET /api/v1/runs": (OPEN, None),
    "POST /api/v1/runs": ("run", {"workflow": "{workflow_id}"}),
    "GET /api/v1/runs/{run_id}": ("see", None),
    "POST /api/v1/runs/{run_id}/cancel": ("steer", {}),
    "GET /api/v1/runs/{run_id}/compare": ("see", None),
    "GET /api/v1/runs/{run_id}/document": ("see", None),
    "GET /api/v1/runs/{run_id}/download": ("see", None),
    "GET /api/v1/runs/{run_id}/events": ("see", None),
    "GET /api/v1/runs/{run_id}/explain": ("see", None),
    "POST /api/v1/runs/{run_id}/fork": ("run", {"seq": 1}),
    "PUT /api/v1/runs/{run_id}/keep": ("steer", {"kept": True}),
    "POST /api/v1/runs/{run_id}/move": (MOVE, {"version": "{other_version}"}),
    "POST /api/v1/runs/{run_id}/pause": ("steer", {}),
    "POST /api/v1/runs/{run_id}/resume": ("steer", {}),
    "POST /api/v1/runs/{run_id}/retry": ("steer", {}),
    "POST /api/v1/runs/{run_id}/signals": ("steer", {"name": "paid"}),
    "GET /api/v1/runs/{run_id}/state": ("see", None),
    "GET /api/v1/runs/{run_id}/visit": ("see", None),
    "GET /api/v1/schedules": (OPEN, None),
    "POST /api/v1/schedules": (
        "trigger",
        {"workflow": "{workflow_id}", "name": "x", "cron": "0 0 * * *"},
    ),
    "GET /api/v1/schedules/{schedule_id}": ("see", None),
    "PATCH /api/v1/schedules/{schedule_id}": ("others-trigger", {"name": "x"}),
    "DELETE /api/v1/schedules/{schedule_id}": ("others-trigger", None),
    "GET /api/v1/schedules/{schedule_id}/firings": ("see", None),
    "POST /api/v1/schedules/{schedule_id}/run": ("run", None),
    "POST /api/v1/schedules/preview": (OPEN, {"cron": "0 0 * * *"}),
    "GET /api/v1/secrets": ("account", None),
    "POST /api/v1/secrets": ("account", {"name": "mine", "value": "some value"}),
    "GET /api/v1/secrets/{secret_id}": (OWN, None),
    "PUT /api/v1/secrets/{secret_id}": (OWN, {"value": "another value"}),
    "DELETE /api/v1/secrets/{secret_id}": (OWN, None),
    "GET /api/v1/signals": (OPEN, None),
    "POST /api/v1/signals": ("signal", {"name": "paid"}),
    "DELETE /api/v1/signals/{signal_id}": ("own-signal", None),
    "GET /api/v1/tokens": ("account", None),
    "POST /api/v1/tokens": ("account", {"name": "x"}),
    "DELETE /api/v1/tokens/{token_id}": (OWN, None),
    "GET /api/v1/tools": (OPEN, None),
    "GET /api/v1/tools/{name}": (OPEN, None),
    "POST /api/v1/validate": (OPEN, {"document": DRAFT}),
    "GET /api/v1/versions/{version_id}": ("see", None),
    "GET /api/v1/outcomes": (OPEN, None),
    "GET /api/v1/outcomes/{outcome_id}": ("see", None),
    "POST /api/v1/outcomes/{outcome_id}/decide": ("steer", {"choice": "skip"}),
    "GET /api/v1/runs/{run_id}/outcomes": ("see", None),
    "GET /api/v1/waits": (OPEN, None),
    "POST /api/v1/waits/{wait_id}/answer": ("steer", {"answer": {}}),
    "GET /api/v1/webhooks": (OPEN, None),
    "POST /api/v1/webhooks": ("trigger", {"workflow": "{workflow_id}", "name": "x"}),
    "GET /api/v1/webhooks/{webhook_id}": ("see", None),
    "PATCH /api/v1/webhooks/{webhook_id}": ("others-trigger", {"name": "x"}),
    "DELETE /api/v1/webhooks/{webhook_id}": ("others-trigger", None),
    "GET /api/v1/webhooks/{webhook_id}/deliveries": ("see", None),
    "POST /api/v1/webhooks/{webhook_id}/rotate": ("others-trigger", {}),
    "POST /api/v1/webhooks/{webhook_id}/run": ("run", {}),
    "GET /api/v1/workflows": (OPEN, None),
    "POST /api/v1/workflows": ("create", {"name": "x"}),
    "GET /api/v1/workflows/{workflow_id}": ("see", None),
    "PATCH /api/v1/workflows/{workflow_id}": ("edit", {"name": "x"}),
    "DELETE /api/v1/workflows/{workflow_id}": ("delete", None),
    "GET /api/v1/workflows/{workflow_id}/changes": ("see", None),
    "PUT /api/v1/workflows/{workflow_id}/concurrency": ("edit", {"limit": 2}),
    "PUT /api/v1/workflows/{workflow_id}/retention": ("delete", {"keep": "30 days"}),
    "GET /api/v1/workflows/{workflow_id}/diff": ("see", None),
    "PUT /api/v1/workflows/{workflow_id}/draft": ("edit", {"document": DRAFT, "shrink": True}),
    "POST /api/v1/workflows/{workflow_id}/duplicate": ("copy", {}),
    "GET /api/v1/workflows/{workflow_id}/export": ("see", None),
    "GET /api/v1/workflows/{workflow_id}/grants": ("share", None),
    "POST /api/v1/workflows/{workflow_id}/grants": ("share", {"user": "carol", "role": "viewer"}),
    "DELETE /api/v1/workflows/{workflow_id}/grants/{grant_id}": ("share", None),
    "POST /api/v1/workflows/{workflow_id}/publish": ("edit", {}),
    "POST /api/v1/workflows/{workflow_id}/shuffle": ("see", {"schedules": 1}),
    "POST /api/v1/workflows/{workflow_id}/validate": ("see", {}),
    "GET /api/v1/workflows/{workflow_id}/versions": ("see", None),
    "POST /api/v1/workflows/import": ("create", {"text": "{}"}),
    "POST /graph/create": ("create", DEMO),
    "POST /graph/create_sample/code_review": (OPEN, None),
    "POST /graph/run": ("run", {"graph_id": "{workflow_id}"}),
    "POST /graph/run_async": ("run", {"graph_id": "{workflow_id}"}),
    "GET /graph/state/{run_id}": ("see", None),
    "POST /hooks/{hook_id}": (FREE, None),
}
QUERIES = {
    "GET /api/v1/runs/{run_id}/compare": "?with={run_id}",
    "GET /api/v1/runs/{run_id}/visit": "?node=s1",
    "GET /api/v1/workflows/{workflow_id}/diff": "?from=1&to=draft",
    "POST /graph/run": "?wait=0",
}
ANYBODYS = {OPEN, FREE}
WITHOUT_OBJECT = {OPEN, FREE, "staff", "start", "account", "signal", "create"}
OF_NOBODY_ELSE = {OWN, "own-signal"}

EVERYTHING = {verb for verb, _ in ROWS.values()}
SEES = {*ANYBODYS, "see", "copy", "start", "account", "signal", "create"}
"""What every member may with a workflow that he sees: of his own account, and copies."""
WITH_FOREIGN = {
    "viewer": SEES,
    "editor": {*SEES, "edit"},
    "operator": {*SEES, "run", "steer", "trigger"},
    "editor+operator": {*SEES, "edit", "run", "steer", "trigger"},
    "admin": EVERYTHING - OF_NOBODY_ELSE,
}
"""What somebody may with a workflow of bob's, and with what belongs to it."""
READS = {*ANYBODYS, "see", "staff"}
OPERATES = {
    *READS,
    "run",
    "start",
    "steer",
    "trigger",
    "others-trigger",
    "signal",
    "own-signal",
    MOVE,
}
EDITS = {*READS, "edit", "delete", "create", "copy"}
UNDER = {
    "viewer": READS,
    "editor": EDITS,
    "operator": OPERATES,
    "editor+operator": EDITS | OPERATES,
}
"""What is left to bob of his own things under a ceiling."""
SCOPES = {
    "viewer": [Scope.READ],
    "editor": [Scope.EDIT],
    "operator": [Scope.READ, Scope.OPERATE],
    "editor+operator": [Scope.EDIT, Scope.OPERATE],
}


@dataclass
class World:
    """Bob's workflow and all that belongs to it."""

    run: Run
    ids: dict[str, str]

    @property
    def workflow(self) -> Workflow:
        return self.run.workflow


@pytest.fixture
def world(bob: User) -> World:
    install_examples()
    version = build.published(build.chain("trial.count"), bob)
    workflow = version.workflow
    other = Version.objects.create(
        workflow=workflow, number=7, document=version.document, hash=version.hash, created_by=bob
    )
    schedule = create_schedule(
        user=bob, workflow=workflow, wanted=ScheduleFields("daily", "0 0 * * *")
    )
    webhook, _ = create_webhook(user=bob, workflow=workflow, wanted=WebhookFields("orders"))
    sent = send_signal_to_runs(user=bob, name="paid")
    secret = create_secret(user=bob, name="openai", value="some value")
    token, _ = tokens.create(user=bob, name="laptop")
    User.objects.create_user("carol")
    dave = User.objects.create_user("dave")
    grant = share(user=bob, workflow=workflow, role="viewer", person=dave.username).grant
    run = start_run(user=bob, version=version, state={})
    Wait.objects.create(
        run=run,
        kind=WaitKind.HUMAN.value,
        ref="1",
        data=codec.encode({"node": "s1", "form": {}, "id": "1", "wait": "1"}),
        created_at=run.created_at,
        activation=1,
    )
    Wait.objects.create(
        run=run,
        kind=OUTCOME,
        ref="1.1",
        data=codec.encode({"node": "s1", "att": 1}),
        created_at=run.created_at,
        activation=1,
    )
    assert sent.signal is not None
    ids = {
        "workflow_id": workflow.public_id,
        "run_id": run.public_id,
        "version_id": version.public_id,
        "other_version": other.public_id,
        "schedule_id": schedule.public_id,
        "webhook_id": webhook.public_id,
        "signal_id": sent.signal.public_id,
        "secret_id": secret.public_id,
        "token_id": token.public_id,
        "grant_id": grant.public_id,
        "wait_id": f"{run.public_id}.1",
        "outcome_id": f"{run.public_id}.1.1",
        "name": "trial.count",
        "hook_id": webhook.public_id,
    }
    return World(run, {key: str(value) for key, value in ids.items()})


def filled(what: Any, ids: dict[str, str]) -> Any:
    if isinstance(what, str):
        for key, value in ids.items():
            what = what.replace("{" + key + "}", value)
        return what
    if isinstance(what, dict):
        return {key: filled(value, ids) for key, value in what.items()}
    return what


def call(api: Api, operation: str, ids: dict[str, str]) -> Answer:
    """One operation; whatever it did is undone, and it pays for nobody's rate."""
    method, path = operation.split(" ")
    rates.buckets.clear()
    with transaction.atomic():
        address = filled(path + QUERIES.get(operation, ""), ids)
        answer = api.call(method, address, filled(ROWS[operation][1], ids), If_Match='"1"')
        transaction.set_rollback(True)
    return answer


def fingerprint() -> list[Any]:
    kinds: Any = (Workflow, Version, Run, Schedule, Webhook, Secret, Signal, Grant)
    return [list(kind.objects.order_by("pk").values_list()) for kind in kinds]


def answers(api: Api, world: World, without: set[str]) -> Iterator[tuple[str, str, Answer]]:
    for operation, (verb, _) in ROWS.items():
        if verb not in without and verb is not FREE:
            yield operation, verb, call(api, operation, world.ids)


def wrong(answer: Answer, verb: str, allowed: set[str]) -> bool:
    """Whether an answer tells another right than is meant."""
    if verb in allowed:
        return answer.status in (401, 403, 404, 405) or answer.status >= 500
    refused = answer.status == 403 and answer.code == "E_NOT_ALLOWED"
    return not refused or len(answer.body["error"]["message"]) < 20


def test_every_operation_has_a_row() -> None:
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    there = {
        f"{method.upper()} {path}"
        for path, methods in schema["paths"].items()
        for method in methods
    }

    assert there - set(ROWS) == set(), "say in ROWS which verb it is"
    assert set(ROWS) - there == set(), "gone: take the row out"


@pytest.mark.parametrize("role", [None, *WITH_FOREIGN])
def test_sec_roles(role: str | None, alice: User, bob: User, root: User, world: World) -> None:
    """Somebody else's workflow, shared in a role or not, beside one that never was."""
    who = root if role == "admin" else alice
    for each in (role or "").split("+"):
        if each in ("viewer", "editor", "operator"):
            share(user=bob, workflow=world.workflow, role=each, person="alice")
    api, before = Api(who), fingerprint()
    absent = dict.fromkeys(world.ids, "019a0000-0000-7000-8000-000000000000") | {
        "wait_id": "019a0000-0000-7000-8000-000000000000.1",
        "outcome_id": "019a0000-0000-7000-8000-000000000000.1.1",
        "name": "trial.count",
    }

    without = WITHOUT_OBJECT | (OF_NOBODY_ELSE if role == "admin" else set())
    bad: list[object] = []
    for operation, verb, answer in answers(api, world, without):
        nothing = call(api, operation, absent)
        if nothing.status != 404:
            bad.append((operation, "absent", nothing.status, nothing.body))
        if role is None or verb in OF_NOBODY_ELSE:
            if (answer.status, answer.body["error"]["message"]) != (
                404,
                nothing.body["error"]["message"],
            ):
                bad.append((operation, answer.status, answer.body))
        elif wrong(answer, verb, WITH_FOREIGN[role]):
            bad.append((operation, answer.status, answer.body))
    assert bad == []
    assert fingerprint() == before


@pytest.mark.parametrize("role", UNDER)
def test_sec_token_scopes(role: str, bob: User, world: World) -> None:
    """A token never may more than its scopes, whatever its user owns."""
    api = Api(bob)
    _, plain = tokens.create(user=bob, name="cut", scopes=[str(each) for each in SCOPES[role]])
    api.headers["Authorization"] = f"Bearer {plain}"

    assert [
        (operation, answer.status, answer.body)
        for operation, verb, answer in answers(api, world, {"staff"})
        if wrong(answer, verb, UNDER[role])
    ] == []


@pytest.mark.parametrize("role", UNDER)
def test_sec_roles_of_accounts(role: str, bob: User, world: World) -> None:
    """The groups of an account are ceilings, also over what it owns."""
    for each in role.split("+"):
        bob.groups.add(Group.objects.get_or_create(name=f"treadle-{each}")[0])
    api = Api(User.objects.get(pk=bob.pk))

    assert [
        (operation, answer.status, answer.body)
        for operation, verb, answer in answers(api, world, {"staff"})
        if wrong(answer, verb, {*UNDER[role], "account", OWN})
    ] == []


def test_sec_token_workflows(bob: User, world: World) -> None:
    """A token for certain workflows: nothing else is there, nothing is made, nothing is shared."""
    second = build.published(build.chain("trial.count", key="second"), bob)
    start_run(user=bob, version=second)
    cut: dict[str, Api] = {}
    for name, workflow in (("here", world.workflow), ("elsewhere", second.workflow)):
        cut[name] = Api(bob)
        _, plain = tokens.create(user=bob, name=name, workflows=[workflow])
        cut[name].headers["Authorization"] = f"Bearer {plain}"

    never = {"create", "copy", "share", "account", OWN, "signal"}
    for operation, verb, answer in answers(cut["here"], world, {"staff", "start", OPEN}):
        if verb == "own-signal":
            assert answer.status == 404
        else:
            assert not wrong(answer, verb, EVERYTHING - never), (operation, answer.body)
    for operation, verb, answer in answers(cut["elsewhere"], world, WITHOUT_OBJECT | {OWN}):
        assert answer.status == 404, (operation, verb, answer)
    for path in ("workflows", "runs"):
        listed = cut["here"].get(f"/api/v1/{path}").body["items"]
        assert len(listed) == 1 < len(Api(bob).get(f"/api/v1/{path}").body["items"])
    assert cut["here"].get("/api/v1/signals").body["items"] == []
