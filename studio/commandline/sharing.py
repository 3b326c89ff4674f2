"""`treadle share`, `treadle role`: who else may do what, and what an account may at most."""

import argparse

from django.contrib.auth.models import Group, User
from django.core.management.base import CommandError
from django.db import transaction

from studio.actions import audit, sharing
from studio.commandline import subject, terminal
from studio.models import Workflow
from studio.queries.sharing import grants
from studio.rights import GROUPS, Role

MEMBER = "member"
"""No ceiling: what every account is that nobody gave a role."""


def add_share(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("workflow", metavar="WORKFLOW", help="its key or id")
    whom = parser.add_mutually_exclusive_group()
    whom.add_argument("--with", dest="person", metavar="NAME", help="the account to share it with")
    whom.add_argument("--group", metavar="NAME", help="the group to share it with")
    parser.add_argument("--role", choices=list(Role), default=Role.VIEWER.value, help="as what")
    parser.add_argument("--remove", action="store_true", help="take that role back")
    parser.add_argument("--user", default=None, help="who shares; default: the administrator")
    parser.add_argument("--json", action="store_true", help="print JSON")


def share(options: argparse.Namespace) -> int:
    """Share, take back, or without a name list with whom it is shared."""
    user = subject.user_named(options.user)
    workflow = subject.workflow_named(options.workflow, user)
    if options.remove:
        _unshare(options, user, workflow)
    elif options.person or options.group:
        sharing.share(
            user=user,
            workflow=workflow,
            role=options.role,
            person=options.person,
            group=options.group,
        )
    listed = [sharing.told(grant) for grant in grants(workflow)]
    if options.json:
        terminal.say_json({"workflow": workflow.key, "grants": listed})
        return 0
    for told in listed:
        whom = told.get("person") or f"group {told['group']}"
        terminal.say(f"{told['role']:<9} {whom}")
    if not listed:
        terminal.complain(f"{workflow.key} is shared with nobody.")
    return 0


def _unshare(options: argparse.Namespace, user: User, workflow: Workflow) -> None:
    rows = grants(workflow).filter(role=options.role)
    if options.person:
        rows = rows.filter(user__username=options.person)
    elif options.group:
        rows = rows.filter(group__name=options.group)
    else:
        raise CommandError("Say from whom: --with NAME, or --group NAME.")
    found = rows.first()
    if found is None:
        raise CommandError(f"{options.person or options.group} is no {options.role} of it.")
    sharing.unshare(user=user, grant=found)


def add_role(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the account")
    parser.add_argument(
        "roles",
        metavar="ROLE",
        nargs="*",
        help=f"{', '.join(Role)}, or {MEMBER} for no ceiling; none: say what it is",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


@transaction.atomic
def role(options: argparse.Namespace) -> int:
    """Set, or say, what an account may at most."""
    user = subject.user_named(options.name)
    if options.roles:
        _set(user, options.roles)
    names = user.groups.filter(name__in=GROUPS).order_by("name").values_list("name", flat=True)
    roles = [GROUPS[name].value for name in names]
    if user.is_superuser:
        said = "administrator: no role is a ceiling"
    else:
        said = " and ".join(roles) or MEMBER
    if options.json:
        terminal.say_json({"user": user.username, "roles": roles, "admin": user.is_superuser})
    else:
        terminal.say(f"{user.username}: {said}")
    return 0


def _set(user: User, roles: list[str]) -> None:
    known = [*map(str, Role), MEMBER]
    unknown = [each for each in roles if each not in known]
    if unknown:
        raise CommandError(f"There is no role {unknown[0]!r}: write one of {', '.join(known)}.")
    if MEMBER in roles and len(roles) > 1:
        raise CommandError(f"{MEMBER} is no ceiling at all: write it alone.")
    user.groups.remove(*Group.objects.filter(name__in=GROUPS))
    wanted = [name for name, role in GROUPS.items() if role.value in roles]
    user.groups.add(*(Group.objects.get_or_create(name=name)[0] for name in wanted))
    audit.record(None, "user.role", user.username, roles=sorted(roles), by="command line")
