"""`mail.send`: an e-mail through the server that the operator configured, and from his address."""

import re
import smtplib
from typing import Any

import django
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend
from django.core.validators import validate_email

from engine import ToolContext

TIMEOUT_S = 20
MAX_RECIPIENTS = 50
MAX_SUBJECT = 500
MAX_CHARACTERS = 1_000_000
# From Django 6.1 on a backend that is made for one use has a name.
_ALIAS: dict[str, Any] = {"alias": "treadle"} if django.VERSION >= (6, 1) else {}
_NAMED = re.compile(
    r'(?P<name>"[^"<>\\\r\n]{0,100}"|[^"<>\\\r\n]{0,100})\s{0,3}<(?P<address>[^<>]+)>'
)


def send(
    ctx: ToolContext,
    to: str | list[str],
    subject: str,
    text: str,
    html: str = "",
    cc: str | list[str] = "",
    reply_to: str = "",
) -> dict[str, Any]:
    """Send an e-mail. Returns {"sent", "message_id"}.

    Goes through the server of TREADLE_EMAIL_URL, from TREADLE_EMAIL_FROM. `html` is for readers
    that show it; `text` is always sent. Addresses are "a@b.org" or "Name <a@b.org>", at most 50.
    """
    if not settings.EMAIL_URL:
        raise ValueError("e-mail is switched off: the operator sets TREADLE_EMAIL_URL")
    receivers, copies = _addresses("to", to), _addresses("cc", cc)
    if not receivers:
        raise ValueError("to: name at least one address")
    if len(receivers) + len(copies) > MAX_RECIPIENTS:
        raise ValueError(f"at most {MAX_RECIPIENTS} addresses")
    _check_texts(subject, text, html)
    # The same for every attempt of a visit: whoever gets it twice can tell.
    message_id = f"<{re.sub(r'[^0-9A-Za-z]', '.', ctx.idempotency_key)}@{_domain()}>"
    message = EmailMultiAlternatives(
        subject,
        text,
        settings.DEFAULT_FROM_EMAIL,
        receivers,
        cc=copies,
        reply_to=_addresses("reply_to", reply_to),
        headers={"Message-ID": message_id},
    )
    if html:
        message.attach_alternative(html, "text/html")
    _deliver(message)
    return {"sent": len(receivers) + len(copies), "message_id": message_id}


def _check_texts(subject: str, text: str, html: str) -> None:
    if not subject.strip() or len(subject) > MAX_SUBJECT or not _is_line(subject):
        raise ValueError(f"subject is one line of 1 to {MAX_SUBJECT} characters")
    if len(text) > MAX_CHARACTERS or len(html) > MAX_CHARACTERS:
        raise ValueError(f"the text has more than {MAX_CHARACTERS:,} characters")


def _addresses(field: str, given: str | list[str]) -> list[str]:
    listed = [given] if isinstance(given, str) else given
    found = [item.strip() for item in listed if isinstance(item, str) and item.strip()]
    if len(found) != len([item for item in listed if item != ""]):
        raise ValueError(f"{field}: write addresses as texts")
    return [_address(field, item) for item in found]


def _address(field: str, item: str) -> str:
    """The address as a header takes it, its name in quotes. Raises ValueError."""
    named = _NAMED.fullmatch(item)
    try:
        if not _is_line(item) or (named is None and "," in item):
            raise ValidationError("not one line")
        validate_email(named["address"] if named else item)
    except ValidationError:
        raise ValueError(
            f'{field}: {item!r:.100} is no address: write "a@b.org" or "Name <a@b.org>", '
            "several as a list"
        ) from None
    name = named["name"].strip(' "') if named else ""
    return f'"{name}" <{named["address"]}>' if named and name else item


def _is_line(text: str) -> bool:
    """Whether a text can stand in a header: what begins a line of its own could add another."""
    return text.isprintable()


def _domain() -> str:
    return str(settings.DEFAULT_FROM_EMAIL).rpartition("@")[2].strip("<> ") or "localhost"


def _deliver(message: EmailMultiAlternatives) -> None:
    options: dict[str, Any] = {"timeout": TIMEOUT_S, **settings.EMAIL_URL, **_ALIAS}
    connection = EmailBackend(**options)
    try:
        connection.send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        refused = ", ".join(error.recipients)
        raise ValueError(f"the server refused {refused:.300}") from None
    except smtplib.SMTPAuthenticationError as error:
        raise ValueError(f"the server refused the operator's login ({error.smtp_code})") from None
    except smtplib.SMTPResponseException as error:
        said = (
            bytes(error.smtp_error).decode("utf-8", "replace")[:300]
            if isinstance(error.smtp_error, bytes)
            else str(error.smtp_error)[:300]
        )
        kind = ValueError if error.smtp_code >= 500 else ConnectionError
        raise kind(f"the server answered {error.smtp_code}: {said}") from None
    except (smtplib.SMTPException, OSError) as error:
        raise ConnectionError(f"the mail server cannot be reached: {error}") from None
    finally:
        # Django leaves a connection open whose login was refused.
        connection.close()
