"""`treadle token` and `treadle sign-in`: ways in for programs and for people."""

import argparse

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.db import transaction

from studio.accounts import sign_in_links
from studio.accounts.first_run import ensure_admin
from studio.actions import audit, tokens
from studio.commandline import subject, terminal
from studio.rights import Scope


def add_token(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--user", required=True, help="whose rights the token has")
    parser.add_argument("--create", action="store_true", help="make the account if need be")
    parser.add_argument("--name", default="command line", help="what lists call the token")
    parser.add_argument(
        "--scope",
        action="append",
        choices=list(Scope),
        help="what it may at most, reading included; may be given again",
    )
    parser.add_argument(
        "--workflow",
        action="append",
        metavar="WORKFLOW",
        help="the key or id of a workflow that it is for alone; may be given again",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


@transaction.atomic
def token(options: argparse.Namespace) -> int:
    user = _ensure_user(options.user) if options.create else subject.user_named(options.user)
    named = options.workflow and [subject.workflow_named(each, user) for each in options.workflow]
    row, secret = tokens.create_token(
        user=user, name=options.name, scopes=options.scope, workflows=named, by="command line"
    )
    if options.json:
        terminal.say_json({"token": secret, "id": str(row.public_id), "user": user.username})
    else:
        terminal.say(secret)
        terminal.complain(f"A token of {user.username}; it is not shown again.")
    return 0


def add_sign_in(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--user", default=None, help="who signs in; default: the administrator")
    parser.add_argument("--json", action="store_true", help="print JSON")


def sign_in(options: argparse.Namespace) -> int:
    user = subject.user_named(options.user)
    path = sign_in_links.create(user)
    if options.json:
        terminal.say_json({"path": path, "user": user.username, "url": address() + path})
    else:
        terminal.say(address() + path)
        terminal.complain(f"Signs {user.username} in once, within 15 minutes.")
    return 0


def address() -> str:
    """Where a browser on this machine finds the studio."""
    if settings.PUBLIC_ORIGINS:
        return str(settings.PUBLIC_ORIGINS[0])
    host = "127.0.0.1" if settings.HOST in {"0.0.0.0", "::", "[::]"} else settings.HOST
    shown = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return f"http://{shown}:{settings.PORT}"


def _ensure_user(name: str) -> User:
    found = User.objects.filter(username=name).first()
    if found is not None and found.is_active:
        return found
    if found is not None:
        raise CommandError(f"The account {name!r} is switched off.")
    try:
        UnicodeUsernameValidator()(name)
    except ValidationError as error:
        raise CommandError(f"{name!r} cannot be a user name: {error.messages[0]}") from error
    # On an empty database the administrator comes first, as at the first start.
    if ensure_admin().username == name:
        return ensure_admin()
    user = User.objects.create_user(name)
    audit.record(None, "user.create", name, by="command line")
    return user
