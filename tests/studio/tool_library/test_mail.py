"""`mail.send` against a mail server of the test's own."""

import email
import email.policy
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User

from engine import ToolContext, default_registry
from studio.actions.runs import start_run
from studio.execution.service import Service
from studio.models import Run
from studio.setup import env
from studio.tools import mail
from tests.studio import build
from tests.studio.tool_library.smtp import Mailbox

CTX = ToolContext("0199-run", "node", 3, 1, None, lambda event: None)
GOOD = {"to": "ann@example.org", "subject": "Hi", "text": "Good day"}


@pytest.fixture
def box(settings: Any) -> Iterator[Mailbox]:
    """A mail server, configured as an operator would."""
    made = Mailbox()
    configure(settings, f"smtp://127.0.0.1:{made.port}")
    yield made
    made.close()


def configure(settings: Any, url: str) -> None:
    settings.EMAIL_URL = env.mail_server(url)
    settings.DEFAULT_FROM_EMAIL = "Treadle <studio@example.org>"


def test_a_mail_arrives(box: Mailbox) -> None:
    answer = mail.send(
        CTX,
        to=["ann@example.org", "Bo Ö. <bo@example.org>"],
        subject="Grüße",
        text="Guten Tag, ✓\n.\nline after a dot",
        html="<p>Guten Tag</p>",
        cc="cy@example.org",
        reply_to="desk@example.org",
    )

    ((sender, receivers, content),) = box.messages
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert sender.startswith("<studio@example.org>")
    assert receivers == ["ann@example.org", "bo@example.org", "cy@example.org"]
    assert message["Subject"] == "Grüße"
    assert message["From"] == "Treadle <studio@example.org>"
    assert message["Reply-To"] == "desk@example.org"
    assert message["Message-ID"] == "<0199.run.3@example.org>" == answer["message_id"]
    plain = message.get_body(("plain",))
    assert plain is not None
    assert "✓" in plain.get_content()
    assert message.get_body(("html",)) is not None
    assert answer["sent"] == 3


def test_it_is_off_until_it_is_configured() -> None:
    with pytest.raises(ValueError, match="switched off: the operator sets TREADLE_EMAIL_URL"):
        mail.send(CTX, **GOOD)


INJECTIONS = [
    "a\r\nBcc: x@evil.test",
    "a\nBcc: x@evil.test",
    "a\rBcc: x",
    "a\x0bb",
    "a\x85b",
    "a\u2028b",
]


@pytest.mark.parametrize("text", INJECTIONS)
@pytest.mark.parametrize("field", ["to", "subject", "cc", "reply_to"])
def test_sec_mail_header_injection(field: str, text: str, box: Mailbox) -> None:
    for shape in (text, f"ann@example.org{text[1:]}", f"{text} <ann@example.org>"):
        for given in (shape, [shape]) if field in ("to", "cc") else (shape,):
            with pytest.raises(ValueError, match=r"address|one line"):
                mail.send(CTX, **{**GOOD, field: given})
    assert box.messages == []


@pytest.mark.parametrize(
    "to",
    ["", [], "ann", "ann@", "@example.org", "ann@example.org, bo@example.org", [3], [["a@b.org"]],
     "<a@b.org>, <c@d.org>", "a@b.org;c@d.org", ["a@example.org"] * 51],
)  # fmt: skip
def test_wrong_addresses_are_refused(to: Any, box: Mailbox) -> None:
    with pytest.raises(ValueError, match="address"):
        mail.send(CTX, **{**GOOD, "to": to})
    assert box.messages == []


@pytest.mark.parametrize(
    ("answers", "error", "said"),
    [
        ({"RCPT": "550 no such user"}, ValueError, "refused ann@example.org"),
        ({"MAIL": "451 come back later"}, ConnectionError, "answered 451: come back later"),
        ({"DATA": "554 spam"}, ValueError, "answered 554: spam"),
        (
            {"EHLO": "421 too busy", "HELO": "421 too busy"},
            ConnectionError,
            "421|cannot be reached",
        ),
    ],
)
def test_what_the_server_refuses_is_told(
    answers: dict[str, str], error: type[Exception], said: str, box: Mailbox
) -> None:
    box.answers = answers

    with pytest.raises(error, match=said):
        mail.send(CTX, **GOOD)
    assert box.messages == []


def test_a_login_is_used_and_its_refusal_told(box: Mailbox, settings: Any) -> None:
    configure(settings, f"smtp://me:p%40ss@127.0.0.1:{box.port}")
    mail.send(CTX, **GOOD)
    box.answers = {"AUTH": "535 no"}

    with pytest.raises(ValueError, match=r"refused the operator's login \(535\)"):
        mail.send(CTX, **GOOD)
    assert len(box.logins) == 1
    assert len(box.messages) == 1


def test_a_server_that_is_away_may_be_back_later(settings: Any) -> None:
    configure(settings, "smtp://127.0.0.1:1")

    with pytest.raises(ConnectionError, match="cannot be reached"):
        mail.send(CTX, **GOOD)


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtp://mail.example.org", 25, False, False),
        ("smtp+tls://me:x@mail.example.org", 587, True, False),
        ("smtps://me:x@mail.example.org:4650", 4650, False, True),
    ],
)
def test_the_setting_is_read(url: str, port: int, tls: bool, ssl: bool) -> None:
    found = env.mail_server(url)

    assert (found["host"], found["port"]) == ("mail.example.org", port)
    assert (found["use_tls"], found["use_ssl"]) == (tls, ssl)


@pytest.mark.parametrize(
    "url", ["mail.example.org", "http://me:hunter2@x", "smtp://", "smtp://x/y"]
)
def test_a_wrong_setting_is_refused_without_the_password(url: str) -> None:
    with pytest.raises(env.SettingError, match=r"TREADLE_EMAIL_URL=…: write smtp") as refused:
        env.read_all({"TREADLE_EMAIL_URL": url})
    assert "hunter2" not in str(refused.value)


@pytest.mark.django_db(transaction=True)
def test_a_workflow_sends_it_once(box: Mailbox, engine: Service, alice: User) -> None:
    document = build.chain("mail.send", 1)
    inputs = {"to": "who", "subject": "'Hi'", "text": "'You are ' + who"}
    document["nodes"]["s1"] |= {"inputs": inputs, "outputs": {"id": "result.message_id"}}
    version = build.published(document, alice)
    run = start_run(user=alice, version=version, state={"who": "ann@example.org"})
    assert engine.wait_ended_blocking(run.public_id, 20)

    assert Run.objects.get(pk=run.pk).status == "completed"
    assert len(box.messages) == 1
    assert default_registry.get("mail.send").effect == "once"
