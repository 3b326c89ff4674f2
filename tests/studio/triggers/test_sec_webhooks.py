"""Webhooks against who cannot sign, who caught a message, and who sends too much."""

import hashlib
import logging
import time
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from studio.actions import deliveries, rotation, webhooks
from studio.models import AuditEntry, Delivery, Run, Webhook
from studio.seals import sealing
from studio.setup.rates import Rate
from studio.triggers.signatures import WINDOW_S
from tests.studio.api.calls import Answer
from tests.studio.triggers.conftest import Hook
from tests.studio.triggers.hooks import hexed

pytestmark = pytest.mark.django_db

MIB = 1024 * 1024
CANARY = "canary-5b1f"


def is_plain_refusal(answer: Answer) -> bool:
    """401 that tells nothing: the same sentence whatever was wrong."""
    error = {**answer.body["error"], "request_id": ""}
    return answer.status == 401 and error == {
        "code": "E_NOT_AUTHENTICATED",
        "message": "The signature is missing or wrong.",
        "details": [],
        "request_id": "",
    }


def reasons() -> list[str]:
    rows = Delivery.objects.filter(status="refused").order_by("pk")
    return list(rows.values_list("reason", flat=True))


def test_sec_webhook_wrong_key(hook: Hook) -> None:
    sender = hook()

    assert is_plain_refusal(sender.send({}, secret="whs_another"))
    assert reasons() == ["The signature is wrong: another secret, or another body."]
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("body", "signed"),
    [
        ({"amount": 9000}, {"amount": 9}),
        (b'{"a":1}', b'{"a": 1}'),
        (b'{"a":1}\n', b'{"a":1}'),
        (b"", b"{}"),
        (b"\xff\xfe", b"{}"),
    ],
)
def test_sec_webhook_altered(hook: Hook, body: Any, signed: Any) -> None:
    assert is_plain_refusal(hook().send(body, signed=signed))
    assert not Run.objects.exists()


@pytest.mark.parametrize("off", [-WINDOW_S - 30, WINDOW_S + 30, -86_400, 10**10])
def test_sec_webhook_late(hook: Hook, off: float) -> None:
    """Old messages and those from the future; one from within the window is taken."""
    sender = hook()

    assert is_plain_refusal(sender.send({}, at=time.time() + off))
    assert reasons() == ["It was signed more than five minutes ago, or ahead of time."]
    assert sender.send({}, at=time.time() - WINDOW_S + 30).status == 202
    assert Run.objects.count() == 1


def test_sec_webhook_time_is_signed(hook: Hook) -> None:
    """A caught message does not become fresh by a fresh time."""
    sender = hook()
    old = int(time.time()) - 3600
    mac = hexed(sender.secret, f"{old}.{{}}".encode())

    assert is_plain_refusal(
        sender.raw(b"{}", {"Treadle-Signature": f"t={int(time.time())},v1={mac}"})
    )


@pytest.mark.parametrize(
    "header",
    [
        "",
        "x",
        "t=,v1=",
        "t=1,v1",
        "v1=00",
        "t=1",
        "t=1,t=2,v1=00",
        "t=١,v1=00",
        "t=1e9,v1=00",
        "t=-1,v1=00",
        "t=" + "9" * 400 + ",v1=00",
        "t=1," + "v1=00," * 150,
        "t=1,v1=" + "0" * 5000,
        "t=1,v1=é",
        ",,,,",
        "sha256=00",
    ],
)
def test_sec_webhook_malformed_headers(hook: Hook, header: str) -> None:
    sender = hook()

    answer = sender.raw(b"{}", {"Treadle-Signature": header.encode().decode("latin-1")})

    assert is_plain_refusal(answer)
    assert len(reasons()) == 1


def test_sec_webhook_without_a_signature(hook: Hook) -> None:
    sender = hook()

    assert is_plain_refusal(sender.raw(b"{}", {}))
    assert is_plain_refusal(sender.raw(b"{}", {"X-Hub-Signature-256": "sha256=" + "0" * 64}))


def test_sec_webhook_of_another_scheme(hook: Hook) -> None:
    """Each webhook takes its own scheme only: the github one has no time in it."""
    sender = hook()
    mac = hexed(sender.secret, b"{}")

    assert is_plain_refusal(sender.raw(b"{}", {"X-Hub-Signature-256": f"sha256={mac}"}))


def test_sec_webhook_that_is_none_answers_like_a_wrong_signature(hook: Hook) -> None:
    sender = hook()
    sender.webhook.public_id = "019a0000-0000-7000-8000-000000000000"  # type: ignore[assignment]

    assert is_plain_refusal(sender.send({}))
    assert not Delivery.objects.exists()


def test_sec_webhook_replay(hook: Hook) -> None:
    """The very same request again, and again under a new delivery id: the same run."""
    sender = hook()
    moment = int(time.time())
    mac = hexed(sender.secret, f"{moment}.{{}}".encode())
    header = {"Treadle-Signature": f"t={moment},v1={mac}"}

    first = sender.raw(b"{}", {**header, "Treadle-Delivery": "d-1"})
    answers = [
        sender.raw(b"{}", {**header, "Treadle-Delivery": "d-1"}),
        sender.raw(b"{}", {**header, "Treadle-Delivery": "d-2"}),
        sender.raw(b"{}", header),
        sender.raw(b"{}", {"Treadle-Signature": f"t={moment},v1=00,v1={mac.upper()}"}),
    ]

    assert (first.status, first.body["repeat"]) == (202, False)
    assert [answer.status for answer in answers] == [202] * 4
    assert {answer.body["run_id"] for answer in answers} == {first.body["run_id"]}
    assert {answer.body["repeat"] for answer in answers} == {True}
    assert Run.objects.count() == Delivery.objects.count() == 1


def test_sec_webhook_duplicate_delivery_id(hook: Hook) -> None:
    """Sent again with a fresh signature: the same run. With another body: refused."""
    sender = hook()
    first = sender.send({"n": 1}, delivery="d-1", at=time.time() - 60)
    again = sender.send({"n": 1}, delivery="d-1")
    other = sender.send({"n": 2}, delivery="d-1")

    assert again.body == {"run_id": first.body["run_id"], "repeat": True}
    assert (other.status, other.code) == (422, "E_DELIVERY")
    assert Run.objects.count() == 1


def test_sec_webhook_ids_cannot_be_used_up_by_strangers(hook: Hook) -> None:
    sender = hook()
    sender.send({}, delivery="d-1", secret="whs_wrong")

    assert sender.send({}, delivery="d-1").body["repeat"] is False


def test_sec_webhook_ids_are_each_webhooks_own(hook: Hook) -> None:
    answers = [hook().send({}, delivery="d-1") for _ in range(2)]

    assert len({answer.body["run_id"] for answer in answers}) == 2


@pytest.mark.parametrize("delivery", ["x" * 201, "a\x7fb", "a\x01b"])
def test_sec_webhook_odd_delivery_ids(hook: Hook, delivery: str) -> None:
    answer = hook().send({}, delivery=delivery)

    assert (answer.status, answer.code) == (400, "E_DELIVERY")
    assert not Run.objects.exists()


def test_sec_webhook_github_scheme(hook: Hook) -> None:
    """No time is signed there: a body is taken once, whatever its delivery id says."""
    sender = hook(scheme="github")
    mac = hexed(sender.secret, b'{"a":1}')
    header = {"X-Hub-Signature-256": f"sha256={mac}", "X-GitHub-Delivery": "g-1"}

    first = sender.raw(b'{"a":1}', header)
    again = sender.raw(b'{"a":1}', {**header, "X-GitHub-Delivery": "g-2"})

    assert (first.status, again.body["run_id"]) == (202, first.body["run_id"])
    assert Delivery.objects.get().delivery_id == "g-1"
    for wrong in (f"sha1={mac}", mac, f"sha256={mac[:-1]}", "sha256=", f"sha256={'0' * 64}"):
        assert is_plain_refusal(sender.raw(b'{"a":1}', {"X-Hub-Signature-256": wrong}))
    assert is_plain_refusal(sender.raw(b'{"a":2}', header))


def test_sec_webhook_oversized(hook: Hook) -> None:
    """More than 1 MiB is refused before anything is signed, stored or parsed."""
    sender = hook(mapping={})
    whole = b'{"a":"' + b"x" * (MIB - 8) + b'"}'

    answer = sender.send(whole + b" ")

    assert len(whole) == MIB
    assert (answer.status, answer.code) == (413, "E_BODY_SIZE")
    assert not Delivery.objects.exists()
    assert sender.send(whole).status == 202


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"[" * 1_000_000, "E_JSON_DEPTH"),
        (b'{"a":' * 100 + b"1" + b"}" * 100, "E_JSON_DEPTH"),
        (b'{"a":NaN}', "E_JSON_NUMBER"),
        (b"{not json", "E_JSON"),
        (b"\xff", "E_JSON"),
        (b'{"a":1,"a":2}', "E_JSON_KEY"),
    ],
)
def test_sec_webhook_json_bombs(hook: Hook, body: bytes, code: str) -> None:
    started = time.perf_counter()
    answer = hook().send(body)

    assert (answer.status, answer.code) == (400, code)
    assert time.perf_counter() - started < 1
    assert len(reasons()) == 1


@pytest.mark.parametrize(
    "body",
    [rb'{"\u0000": 1}', rb'{"\ud800": 1}', b'{"' + b"k" * 100_000 + b'": 1}', rb'{"id": "\u0000"}'],
)
def test_sec_webhook_bodies_that_a_database_refuses(hook: Hook, body: bytes) -> None:
    """Quoted in a reason, or taken into a state: nothing breaks."""
    answer = hook(mapping={"order": "body.id"}).send(body)

    assert answer.status in (202, 422)
    assert len(Delivery.objects.get().reason) <= 1000


def test_sec_webhook_reasons_that_a_database_refuses(
    hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise webhooks.ActionError("E_MAPPING", "a\0b\ud800" + "c" * 5000, 422)

    monkeypatch.setattr(deliveries, "state_for", refuse)

    assert hook().send({}).status == 422
    assert reasons() == ["a\ufffdb\ufffd" + "c" * 996]


def test_sec_webhook_bodies_are_not_parsed_before_they_are_signed(
    hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise AssertionError("parsed")

    monkeypatch.setattr("studio.api.guard.load", fail)

    assert is_plain_refusal(hook().send({}, secret="whs_wrong"))


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_sec_webhook_takes_json_only(hook: Hook, content_type: str) -> None:
    assert hook().send(b"a=1", content_type=content_type).status == 415


def test_sec_webhook_rate_limits(hook: Hook, settings: Any) -> None:
    """Too many signed ones: 429. What strangers send uses up nothing of it."""
    settings.RATES = {**settings.RATES, "hooks": Rate(3, 60)}
    sender, other = hook(), hook()
    for _ in range(10):
        sender.send({}, secret="whs_wrong")

    answers = [sender.send({"n": number}) for number in range(5)]

    assert [answer.status for answer in answers] == [202, 202, 202, 429, 429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert other.send({}).status == 202


def test_sec_webhook_strangers_cannot_flood_the_table(
    hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = hook()
    for _ in range(100):
        assert is_plain_refusal(sender.send({}, secret="whs_wrong"))

    assert 30 <= Delivery.objects.count() <= 32
    monkeypatch.setattr(deliveries, "MOST_REFUSED", 5)
    sender.send(b"{broken")
    assert Delivery.objects.count() == 5


def test_sec_webhook_nothing_leaks(
    hook: Hook, caplog: pytest.LogCaptureFixture, alice: User
) -> None:
    """Neither secrets nor what strangers sent is in answers, logs, rows or the audit."""
    caplog.set_level(logging.DEBUG)
    sender = hook(headers=("x-shop",))
    answers = [
        sender.send({"a": CANARY}, secret="whs_wrong", X_Shop=CANARY, delivery=CANARY),
        sender.raw(b"{}", {"Treadle-Signature": f"t=1,v1={CANARY}"}),
        sender.raw(b"{}", {"Treadle-Signature": CANARY}),
        sender.send({"a": CANARY}, at=1, delivery=CANARY),
    ]
    webhooks.rotate_secret(user=alice, webhook=sender.webhook)

    assert all(is_plain_refusal(answer) for answer in answers)
    tables = [list(model.objects.values()) for model in (Delivery, Webhook, AuditEntry, Run)]
    everything = f"{tables} {caplog.text} {[answer.body for answer in answers]}"
    assert CANARY not in everything
    assert sender.secret not in everything
    assert hashlib.sha256(sender.secret.encode()).hexdigest() not in everything


def test_sec_webhook_secrets_are_sealed(hook: Hook) -> None:
    sender = hook()
    row = Webhook.objects.get()

    assert sealing.unseal(row.secret) == sender.secret
    assert row.secret.startswith("s1.")


def test_sec_webhook_secrets_follow_the_keys_of_the_seals(
    hook: Hook, alice: User, settings: Any, tmp_path: Path
) -> None:
    """Replacing the sealing keys covers both secrets, and deliveries go on."""
    settings.DATA_DIR = tmp_path
    sender = hook()
    _, second = webhooks.rotate_secret(user=alice, webhook=sender.webhook)
    before = Webhook.objects.get()

    rotation.rotate()

    after = Webhook.objects.get()
    for one, other in ((before.secret, after.secret), (before.old_secret, after.old_secret)):
        assert sealing.key_of(one) != sealing.key_of(other)
    assert [sender.send({"n": 1}, secret=one).status for one in (sender.secret, second)] == [
        202,
        202,
    ]


def test_sec_webhook_secret_that_cannot_be_read(
    hook: Hook, caplog: pytest.LogCaptureFixture
) -> None:
    """A lost key is no open door, and the sender is told to come again."""
    sender = hook()
    Webhook.objects.update(secret="s1.gone.xyz")

    answer = sender.send({})

    assert (answer.status, answer.code) == (503, "E_UNAVAILABLE")
    assert "cannot check signatures" in caplog.text


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_sec_webhook_only_takes_posts(hook: Hook, method: str) -> None:
    answer = Client().generic(method, f"/hooks/{hook().webhook.public_id}")

    assert answer.status_code == 405


@pytest.mark.parametrize(
    "name", ["Authorization", "cookie", "Treadle-Signature", "x-hub-signature-256", "X-API-Key"]
)
def test_sec_webhook_headers_that_prove_identity_are_never_read(hook: Hook, name: str) -> None:
    with pytest.raises(webhooks.ActionError, match="proves who somebody is"):
        hook(headers=(name,))


def test_sec_webhook_rotation(hook: Hook, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two secrets for a day, then one; with `at_once` the old one ends."""
    sender = hook()
    first = sender.secret
    _, second = webhooks.rotate_secret(user=alice, webhook=sender.webhook)
    assert [sender.send({"n": 1}, secret=one).status for one in (first, second)] == [202, 202]

    later = Webhook.objects.get().old_until
    monkeypatch.setattr(deliveries, "now", lambda: later)
    moment = later.timestamp() if later else 0
    statuses = [sender.send({"n": 2}, secret=one, at=moment).status for one in (first, second)]
    assert statuses == [401, 202]
    monkeypatch.undo()

    _, third = webhooks.rotate_secret(user=alice, webhook=sender.webhook)
    _, fourth = webhooks.rotate_secret(user=alice, webhook=sender.webhook, at_once=True)
    sent = [sender.send({"n": 3}, secret=one).status for one in (first, second, third, fourth)]
    assert sent == [401, 401, 401, 202]
    assert len({first, second, third, fourth}) == 4
