"""Webhooks: what a delivery becomes, once, and what is written about it."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections
from hypothesis import given
from hypothesis import strategies as st

from studio.actions import deliveries, webhooks, workflows
from studio.actions.errors import ActionError
from studio.actions.runs import start_run
from studio.execution.service import Service
from studio.journal import codec
from studio.models import AuditEntry, Delivery, Run, RunEvent, Signal, Version, Webhook
from studio.triggers.signatures import Scheme, SignatureRefused, check, signed_header
from tests.studio import build
from tests.studio.api.calls import Answer
from tests.studio.triggers.conftest import Hook
from tests.studio.triggers.hooks import hexed

pytestmark = pytest.mark.django_db


def state_of(answer: Answer) -> Any:
    run = Run.objects.get(public_id=answer.body["run_id"])
    return codec.decode(RunEvent.objects.get(run=run, seq=1).data)["state"]


def test_a_delivery_becomes_a_run_of_the_owner(hook: Hook, alice: User) -> None:
    sender = hook(
        mapping={
            "order": "body.order.id",
            "total": "body.lines.map(l, l.price * l.count)[0]",
            "shop": "headers['x-shop']",
            "lang": "query.?lang.orValue('en')",
        },
        headers=("X-Shop", "X-Absent"),
        tags=("shop",),
    )
    body = {"order": {"id": "o-17"}, "lines": [{"price": 3, "count": 4}]}

    answer = sender.send(body, delivery="d-1", query="?lang=de", X_Shop="berlin", X_Other="no")

    run = Run.objects.get()
    assert answer.body == {"run_id": str(run.public_id), "repeat": False}
    assert state_of(answer) == {"order": "o-17", "total": 12, "shop": "berlin", "lang": "de"}
    assert (run.source, run.owner, run.tags) == ("webhook", alice, ["shop"])
    row = Delivery.objects.get()
    assert (row.status, row.delivery_id, row.run) == ("accepted", "d-1", run)
    entry = AuditEntry.objects.get(verb="run.start")
    assert (entry.user, entry.ip, entry.data) == (alice, "127.0.0.1", {"source": "webhook"})


def test_without_a_mapping_the_state_is_empty(hook: Hook) -> None:
    assert state_of(hook(mapping={}).send({"a": 1})) == {}


@pytest.mark.parametrize(("body", "state"), [(b"", None), (b"[1,2]", [1, 2]), (b'"x"', "x")])
def test_a_body_need_not_be_an_object(hook: Hook, body: bytes, state: Any) -> None:
    assert state_of(hook().send(body)) == {"order": state}


def test_headers_that_are_not_allowed_are_not_seen(hook: Hook) -> None:
    sender = hook(mapping={"all": "headers"}, headers=("x-one",))

    assert state_of(sender.send({}, X_One="1", X_Two="2", Authorization="Bearer x")) == {
        "all": {"x-one": "1"}
    }


def test_a_body_that_does_not_fit_is_said_and_may_come_again(hook: Hook, alice: User) -> None:
    sender = hook(mapping={"order": "body.order.id"})

    answer = sender.send({"odrer": {}}, delivery="d-1")

    detail = answer.body["error"]["details"][0]
    assert (answer.status, answer.code) == (422, "E_MAPPING")
    assert detail["pointer"] == "/mapping/order"
    assert "no key 'order'" in detail["message"]
    row = Delivery.objects.get()
    assert (row.status, row.delivery_id) == ("refused", None)
    assert "no key 'order'" in row.reason
    webhooks.change_webhook(
        user=alice, webhook=sender.webhook, changes={"mapping": {"order": "body.odrer"}}
    )
    assert sender.send({"odrer": {}}, delivery="d-1").status == 202


def test_a_switched_off_webhook_starts_nothing(hook: Hook, alice: User) -> None:
    sender = hook()
    webhooks.change_webhook(user=alice, webhook=sender.webhook, changes={"enabled": False})

    assert (sender.send({}).status, sender.send({}, secret="whs_wrong").status) == (409, 401)
    assert not Run.objects.exists()


@pytest.mark.parametrize("spoil", ["deleted", "unpublished", "inactive"])
def test_what_its_owner_may_not_start_is_refused(hook: Hook, alice: User, spoil: str) -> None:
    sender = hook()
    workflow = sender.webhook.workflow
    if spoil == "deleted":
        workflows.delete_workflow(user=alice, workflow=workflow)
    elif spoil == "unpublished":
        workflow.published = None
        workflow.save()
    else:
        User.objects.update(is_active=False)

    answer = sender.send({}, delivery="d-1")

    assert answer.status in (404, 409)
    assert not Run.objects.exists()
    assert Delivery.objects.get().status == "refused"


@pytest.mark.parametrize(
    ("wanted", "pointer"),
    [
        ({"mapping": {"a": "body.("}}, "/mapping/a"),
        ({"mapping": {"a": 3}}, "/mapping/a"),
        ({"mapping": {"a/b": "state.x"}}, "/mapping/a~1b"),
        ({"mapping": {"a": "order"}}, "/mapping/a"),
        ({"mapping": {"a": ""}}, "/mapping/a"),
        ({"mapping": {str(number): "body" for number in range(101)}}, "/mapping"),
        ({"headers": ("x shop",)}, "/headers"),
        ({"headers": ("x\r\nshop",)}, "/headers"),
        ({"headers": tuple(f"x-{number}" for number in range(21))}, "/headers"),
        ({"name": ""}, "/name"),
        ({"scheme": "none"}, "/scheme"),
        ({"tags": ("",)}, "/tags"),
        ({"action": "stop"}, "/action"),
        ({"action": "signal"}, "/signal/name"),
        ({"action": "signal", "signal": {"name": ""}}, "/signal/name"),
        ({"action": "signal", "signal": {"name": "x" * 201}}, "/signal/name"),
        ({"action": "signal", "signal": {"name": "a", "key": "order"}}, "/signal/key"),
        ({"action": "signal", "signal": {"name": "a", "payload": "("}}, "/signal/payload"),
        ({"action": "signal", "signal": {"name": "a", "run": "x"}}, "/signal/run"),
    ],
)
def test_wrong_fields_are_named(hook: Hook, wanted: dict[str, Any], pointer: str) -> None:
    with pytest.raises(ActionError) as caught:
        hook(**wanted)

    assert caught.value.details[0]["pointer"] == pointer
    assert not Webhook.objects.exists()


@pytest.mark.parametrize("secret", ["short", "x" * 201, "é" * 20, "a\nb" * 10, ""])
def test_a_secret_of_the_senders_must_be_one(hook: Hook, alice: User, secret: str) -> None:
    webhook = hook().webhook

    with pytest.raises(ActionError, match="16 to 200"):
        webhooks.rotate_secret(user=alice, webhook=webhook, secret=secret)


def test_old_deliveries_are_forgotten(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "MOST_PRUNED", 2)
    sender = hook()
    for number in range(4):
        sender.send({"n": number})
    old = deliveries.now() - deliveries.KEPT - timedelta(minutes=1)
    kept = Delivery.objects.latest("pk")
    Delivery.objects.exclude(pk=kept.pk).update(at=old)

    assert deliveries.prune() == 0
    assert deliveries.prune() == deliveries.PRUNE_EVERY_S
    assert list(Delivery.objects.all()) == [kept]
    assert Run.objects.count() == 4


def test_each_verb_leaves_one_row_without_the_secret(hook: Hook, alice: User) -> None:
    sender = hook()
    for _ in range(2):
        webhooks.change_webhook(user=alice, webhook=sender.webhook, changes={"name": "Other"})
    _, plain = webhooks.rotate_secret(user=alice, webhook=sender.webhook)
    webhooks.delete_webhook(user=alice, webhook=sender.webhook)

    entries = AuditEntry.objects.filter(verb__startswith="webhook.").order_by("pk")
    assert [entry.verb for entry in entries] == [
        "webhook.create",
        "webhook.change",
        "webhook.rotate",
        "webhook.delete",
    ]
    assert plain not in str(list(entries.values()))


def waiting(user: User) -> Version:
    """A workflow whose runs wait for the payment of their order."""
    document = build.chain("trial.count", 2, key="waits")
    outputs = {"paid": "payload.amount"}
    document["nodes"]["s1"] = {
        "type": "wait", "signal": "payment", "key": "order", "outputs": outputs
    }  # fmt: skip
    return build.published(document, user)


@pytest.mark.django_db(transaction=True)
def test_a_signal_reaches_the_run_that_waits_for_it(
    hook: Hook, engine: Service, alice: User
) -> None:
    runs = [start_run(user=alice, version=waiting(alice), state={"order": n}) for n in (1, 2)]
    until(lambda: Run.objects.filter(status="waiting").count() == 2)
    signal = {"name": "payment", "key": "body.order", "payload": "{'amount': body.cents / 100}"}
    sender = hook(action="signal", signal=signal)

    answer = sender.send({"order": 2, "cents": 900}, delivery="d-1")
    again = sender.send({"order": 2, "cents": 900}, delivery="d-1")

    assert answer.body == {"run_id": str(runs[1].public_id), "repeat": False}
    assert again.body == {"run_id": str(runs[1].public_id), "repeat": True}
    until(lambda: Run.objects.get(pk=runs[1].pk).status == "completed")
    state = codec.decode(Run.objects.get(pk=runs[1].pk).final_state or "")
    assert (state["paid"], Run.objects.get(pk=runs[0].pk).status) == (9, "waiting")
    assert Run.objects.count() == 2
    assert Delivery.objects.get().reason == "A run took the signal."


@pytest.mark.django_db(transaction=True)
def test_a_signal_that_nobody_waits_for_is_kept_once(
    hook: Hook, engine: Service, alice: User
) -> None:
    sender = hook(action="signal", signal={"name": "payment", "key": "body.order"})
    answers = [sender.send({"order": 7, "amount": 3}, delivery="d-1") for _ in range(2)]
    assert [answer.body["run_id"] for answer in answers] == [None, None]
    assert Signal.objects.count() == 1

    run = start_run(user=alice, version=waiting(alice), state={"order": 7})

    until(lambda: Run.objects.get(pk=run.pk).status == "completed")
    assert codec.decode(Run.objects.get(pk=run.pk).final_state or "")["paid"] == 3


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_signals_expressions_are_held_against_the_body(hook: Hook) -> None:
    sender = hook(action="signal", signal={"name": "payment", "key": "body.order"})

    answer = sender.send({}, delivery="d-1")

    assert (answer.status, answer.code) == (422, "E_MAPPING")
    assert answer.body["error"]["details"][0]["pointer"] == "/signal/key"
    assert not Signal.objects.exists()


@pytest.mark.parametrize("spoil", ["deleted", "inactive"])
def test_a_signal_needs_its_owner_and_its_workflow(hook: Hook, alice: User, spoil: str) -> None:
    sender = hook(action="signal", signal={"name": "payment"})
    if spoil == "deleted":
        workflows.delete_workflow(user=alice, workflow=sender.webhook.workflow)
    else:
        User.objects.update(is_active=False)

    assert sender.send({}).status in (404, 409)
    assert not Signal.objects.exists()


def test_a_webhook_that_sends_signals_starts_nothing_by_hand(hook: Hook, alice: User) -> None:
    sender = hook(action="signal", signal={"name": "payment"})

    with pytest.raises(ActionError, match="sends a signal"):
        webhooks.run_now(user=alice, webhook=sender.webhook, names={"body": {}})


@pytest.mark.django_db(transaction=True)
def test_one_delivery_from_many_sides_at_once_is_one_run(hook: Hook, engine: Service) -> None:
    sender, gate = hook(), threading.Barrier(8)

    def send(number: int) -> Answer:
        gate.wait(10)
        try:
            return sender.send({"n": 1}, delivery="d-1")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))

    assert [answer.status for answer in answers] == [202] * 8
    assert len({answer.body["run_id"] for answer in answers}) == 1
    assert [answer.body["repeat"] for answer in answers].count(False) == 1
    assert engine.wait_ended_blocking(answers[0].body["run_id"], 20)
    assert Run.objects.get().status == "completed"


def test_our_own_signing_is_what_is_documented() -> None:
    """The value is another implementation's:
    printf '%s' '1700000000.{"a":1}' | openssl dgst -sha256 -hmac secret
    """
    right = "49f24e537407743fa4a0242bb63b94b9a47ee99cbbe071ccd8a22550ae411686"
    body = b'{"a":1}'

    assert signed_header("secret", 1_700_000_000, body) == f"t=1700000000,v1={right}"
    assert hexed("secret", b"1700000000." + body) == right


@given(
    secret=st.text(st.characters(codec="ascii", min_codepoint=33), min_size=16, max_size=40),
    body=st.binary(max_size=200),
    other=st.binary(max_size=200),
    ahead=st.integers(-300, 300),
)
def test_a_signature_fits_its_body_alone(
    secret: str, body: bytes, other: bytes, ahead: int
) -> None:
    header = {"treadle-signature": signed_header(secret, 1_700_000_000, body)}
    now = 1_700_000_000 + ahead

    assert check(Scheme.TREADLE, header, body, ["another secret", secret], now)
    if other != body:
        with pytest.raises(SignatureRefused):
            check(Scheme.TREADLE, header, other, [secret], now)
    with pytest.raises(SignatureRefused):
        check(Scheme.TREADLE, header, body, [secret + "x"], now)
