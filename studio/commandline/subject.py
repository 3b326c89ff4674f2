"""Who runs a command and what it names: users, workflows by key, id or file, texts from files."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.management.base import CommandError

from studio.accounts.first_run import ensure_admin
from studio.actions import document_text
from studio.actions.errors import ActionError
from studio.models import Run, Workflow
from studio.queries import runs, visible


def user_named(name: str | None) -> User:
    """The user of that name, or the administrator. Raises CommandError."""
    if name is None:
        try:
            return ensure_admin()
        except LookupError as error:
            raise CommandError(str(error)) from error
    found = User.objects.filter(username=name, is_active=True).first()
    if found is None:
        raise CommandError(f"There is no active user {name!r}.")
    return found


def workflow_named(name: str, user: User) -> Workflow:
    """The workflow with that key or id; of several with one key the user's own, then the newest."""
    rows = visible.workflows(user).select_related("published")
    try:
        found = rows.filter(public_id=UUID(name)).first()
    except ValueError:
        candidates = list(rows.filter(key=name).order_by("-id"))
        own = [row for row in candidates if row.owner_id == user.pk]
        found = next(iter(own or candidates), None)
    if found is None:
        known = rows.filter(hidden=False).order_by("key").values_list("key", flat=True)
        keys = ", ".join(known.distinct())
        raise CommandError(
            f"There is no workflow {name!r}: give a file, an id or one of these keys: {keys}."
        )
    return found


def run_named(name: str, user: User) -> Run:
    """The run with that id. Raises CommandError."""
    try:
        return runs.get_run(user, name)
    except Run.DoesNotExist:
        raise CommandError(
            f"There is no run {name!r}: give its whole id, as the run's page shows it."
        ) from None


def is_file(name: str) -> bool:
    return Path(name).suffix in document_text.SUFFIXES or Path(name).is_file()


def document_in(path: Path) -> dict[str, Any]:
    """The workflow document in a JSON or YAML file. Raises CommandError."""
    try:
        text = text_of(path)
        document = document_text.parse(text, document_text.format_of(text, path.name))
    except ActionError as error:
        raise CommandError(f"{path}: {error.message}") from error
    if not isinstance(document, dict):
        raise CommandError(f"{path}: a workflow document is an object.")
    return document


def state_from(argument: str | None, option: str = "--state") -> dict[str, Any]:
    """An object such as the start state: JSON text, `@file.json`, or nothing."""
    if not argument:
        return {}
    text = text_of(Path(argument[1:])) if argument.startswith("@") else argument
    try:
        state = json.loads(text)
    except ValueError as error:
        raise CommandError(f"{option} is not JSON: {error}. Write JSON or @file.json.") from error
    except RecursionError:
        raise CommandError(f"{option} is nested too deeply.") from None
    if not isinstance(state, dict):
        raise CommandError(f"{option} must be a JSON object.")
    return state


def text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{path} is not UTF-8 text.") from error
