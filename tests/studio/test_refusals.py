"""What the studio refuses is told in the reader's language: its sources have no other sentences."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from studio.accounts import tokens as keys
from studio.actions import schedules, signals, webhooks
from studio.actions import tokens as token_verbs
from studio.actions.errors import ActionError
from studio.actions.schedules import ScheduleFields
from studio.actions.sharing import share
from studio.actions.webhooks import WebhookFields
from studio.http.language import HEADER
from studio.models import Signal, Version
from tests.studio import build
from tests.studio.api.calls import Api
from tests.studio.test_sentences import assert_german

STUDIO = Path(__file__).resolve().parents[2] / "studio"
SAID_AT = {
    "ActionError": 1,
    "NotAllowed": 0,
    "InvalidDocument": 0,
    "ApiError": 2,
    "CronRefused": 1,
    "MappingRefused": 1,
    "refused": 1,
    "_refused": 1,
    "_invalid": 1,
    "detail": 2,
}
"""Where a refusal's sentence stands among what it is made with."""
ENGLISH = {
    # A path of the API: nothing to translate.
    "actions/control.py",
}


def unsaid(tree: ast.AST) -> Iterator[str]:
    """The texts of refusals that no other language can have."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            at = SAID_AT.get(name)
            if at is not None and len(node.args) > at and is_plain(node.args[at]):
                yield ast.unparse(node.args[at])
        if isinstance(node, ast.Dict):
            members = {
                key.value: value
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant)
            }
            if "pointer" in members:
                for key in ("message", "hint"):
                    if key in members and is_plain(members[key]):
                        yield ast.unparse(members[key])


def is_plain(node: ast.expr) -> bool:
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value != ""
    return is_text or isinstance(node, (ast.JoinedStr, ast.BinOp))


def test_no_refusal_is_a_plain_text() -> None:
    found = {
        path.relative_to(STUDIO).as_posix(): texts
        for path in sorted(STUDIO.rglob("*.py"))
        if (texts := list(unsaid(ast.parse(path.read_text(encoding="utf-8")))))
    }

    assert set(found) == ENGLISH, "make them with `say`, then `make words` and translate them"


def test_a_plain_text_is_found() -> None:
    source = (
        'ActionError("E_X", f"no {x}")\nerrors.NotAllowed("no")\nrefused("a", "b" + "c")\n'
        'd = {"pointer": "/", "message": "no", "hint": ""}\nActionError("E_X", say("no"))\n'
        'ActionError("E_X", said)\n'
    )

    assert sorted(unsaid(ast.parse(source))) == ["'b' + 'c'", "'no'", "'no'", "f'no {x}'"]


CRON = "0 0 * * *"
Refuses = Callable[[User, Version], Any]
SCHEDULES: dict[str, dict[str, Any]] = {
    "name": {"name": ""},
    "time zone": {"time_zone": "Europe/Nowhere"},
    "fields": {"cron": "0 0"},
    "minute": {"cron": "99 0 * * *"},
    "hour": {"cron": "0 99 * * *"},
    "day": {"cron": "0 0 99 * *"},
    "month": {"cron": "0 0 * 99 *"},
    "weekday": {"cron": "0 0 * * 99"},
    "never": {"cron": "0 0 31 2 *"},
    "jitter": {"jitter_s": -1},
    "choice": {"overlap": "dance"},
    "tags": {"tags": ("",)},
    "state": {"state": {"n": "text"}},
}
WEBHOOKS: dict[str, dict[str, Any]] = {
    "name": {"name": " "},
    "scheme": {"scheme": "none"},
    "mapping": {"mapping": {"n": 1}},
    "names": {"mapping": {"n": "nobody"}},
    "expression": {"mapping": {"n": "1 +"}},
    "keys": {"mapping": {str(n): "1" for n in range(200)}},
    "member": {"action": "signal", "signal": {"more": "1"}},
    "signal": {"action": "signal", "signal": {}},
    "header": {"headers": ("a b",)},
    "cookie": {"headers": ("cookie",)},
    "headers": {"headers": tuple(f"x-{n}" for n in range(100))},
}


def refused_by(verb: Callable[[], Any]) -> ActionError:
    with pytest.raises(ActionError) as raised:
        verb()
    return raised.value


def assert_told_in_german(error: ActionError) -> None:
    assert_german(error.message)
    for detail in error.details:
        assert_german(detail["message"])
        if detail["hint"]:
            assert_german(detail["hint"])


@pytest.fixture
def version(alice: User) -> Version:
    document = build.chain("trial.count")
    document["state"] = {"schema": {"properties": {"n": {"type": "integer"}}}}
    return build.published(document, alice)


@pytest.mark.parametrize("wish", SCHEDULES)
def test_what_no_schedule_can_be_is_told_in_german(
    wish: str, alice: User, version: Version
) -> None:
    wanted = ScheduleFields(**{"name": "daily", "cron": CRON, **SCHEDULES[wish]})

    error = refused_by(
        lambda: schedules.create_schedule(user=alice, workflow=version.workflow, wanted=wanted)
    )

    assert_told_in_german(error)


@pytest.mark.parametrize("wish", WEBHOOKS)
def test_what_no_webhook_can_be_is_told_in_german(wish: str, alice: User, version: Version) -> None:
    wanted = WebhookFields(**{"name": "orders", **WEBHOOKS[wish]})

    error = refused_by(
        lambda: webhooks.create_webhook(user=alice, workflow=version.workflow, wanted=wanted)
    )

    assert_told_in_german(error)


def test_what_no_token_can_be_is_told_in_german(alice: User, version: Version) -> None:
    long_ago = version.created_at.replace(year=2001)
    for wish in ({"expires_at": long_ago}, {"workflows": []}, {"scopes": ["everything"]}):
        error = refused_by(
            lambda wish=wish: token_verbs.create_token(user=alice, name="x", **wish)  # type: ignore[misc]
        )
        assert_told_in_german(error)


def test_what_is_refused_of_signals_is_told_in_german(alice: User, version: Version) -> None:
    taken = signals.send_signal_to_runs(user=alice, name="paid").signal
    assert taken is not None
    Signal.objects.update(taken_at=taken.created_at)
    deep: Any = []
    for _ in range(200):
        deep = [deep]

    for verb in (
        lambda: signals.forget_signal(user=alice, signal=taken),
        lambda: signals.send_signal_to_runs(user=alice, name=""),
        lambda: signals.send_signal_to_runs(user=alice, name="x" * 1_000),
    ):
        assert_told_in_german(refused_by(verb))
    # What a value is refused for stays as the engine says it.
    message = refused_by(
        lambda: signals.send_signal_to_runs(user=alice, name="paid", payload=deep)
    ).message
    assert message.template == "{what} is refused: {problem}."  # type: ignore[attr-defined]


def test_a_trigger_whose_owner_lost_his_right_says_so_in_german(
    alice: User, bob: User, version: Version
) -> None:
    workflow = version.workflow
    grant = share(user=alice, workflow=workflow, role="operator", person="bob").grant
    schedule = schedules.create_schedule(
        user=bob, workflow=workflow, wanted=ScheduleFields("daily", CRON)
    )
    hook, _ = webhooks.create_webhook(user=bob, workflow=workflow, wanted=WebhookFields("orders"))
    grant.delete()

    for trigger, path in ((schedule, "schedules"), (hook, "webhooks")):
        path = f"/api/v1/{path}/{trigger.public_id}/run"
        english, german = Api(bob).post(path, {}), Api(bob).post(path, {}, **{HEADER: "de"})
        assert english.status == german.status == 404
        assert english.body["error"]["message"] == (
            "The workflow was deleted, or is no longer visible."
        )
        assert german.body["error"]["message"] == (
            "Der Workflow wurde gelöscht oder ist nicht mehr sichtbar."
        )


def test_a_token_for_certain_workflows_is_refused_in_the_language_that_is_named(
    alice: User, version: Version
) -> None:
    _, plain = keys.create(user=alice, name="cut", workflows=[version.workflow])
    api = Api(alice)
    api.headers["Authorization"] = f"Bearer {plain}"

    english = api.post("/api/v1/signals", {"name": "paid"})
    german = api.post("/api/v1/signals", {"name": "paid"}, **{HEADER: "de"})

    assert english.status == german.status == 403
    assert english.body["error"]["message"] == (
        "This token is for certain workflows alone, and such a signal reaches runs of all: send it"
        " to one run, by POST /api/v1/runs/{id}/signals."
    )
    assert german.body["error"]["message"].startswith("Dieses Token gilt nur für bestimmte")
    assert german.body["error"]["message"].endswith("POST /api/v1/runs/{id}/signals an einen"
                                                    " Lauf senden.")  # fmt: skip
