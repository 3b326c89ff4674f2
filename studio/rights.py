"""Who may do what: one table, and nothing else.

A person stands to a workflow or a run in some ways (he owns it, it was shared with him as
operator, everybody may use it), and each way allows some verbs. A ceiling, of his account or of the
token that he shows, takes verbs away and never gives any. What stands in the database is looked up
by `studio.queries.visible`, which asks these tables.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop


class Verb(StrEnum):
    """What somebody may want."""

    SEE = "see"
    """Read it, and what belongs to it: versions, runs, triggers, questions."""
    EDIT = "edit"
    """Its draft, its name, its limit of runs; publish it."""
    DELETE = "delete"
    SHARE = "share"
    """Say who else may do what with it."""
    RUN = "run"
    """Start and fork runs of it."""
    TRIGGER = "trigger"
    """Make, change and delete what starts runs of it: schedules, webhooks."""
    STEER = "steer"
    """Cancel, pause, resume, retry and move a run; answer what it asks; send it a signal."""
    CREATE = "create"
    """A workflow of his own: blank, copied, imported."""
    ACCOUNT = "account"
    """His own tokens and secrets."""


class Role(StrEnum):
    """What a workflow is shared as. It is also the name of a ceiling.

    Each adds to reading; who is to change and to run has two.
    """

    VIEWER = "viewer"
    EDITOR = "editor"
    OPERATOR = "operator"


class Scope(StrEnum):
    """What a token may at most. Without one it may what its user may."""

    READ = "read"
    EDIT = "edit"
    OPERATE = "operate"


class Standing(StrEnum):
    """How somebody stands to a workflow, or to a run."""

    ADMIN = "admin"
    OWNER = "owner"
    STARTER = "starter"
    """He started the run."""
    EVERYBODY = "everybody"
    """The workflow belongs to nobody: the shipped examples."""
    VIEWER = "viewer"
    EDITOR = "editor"
    OPERATOR = "operator"


_WHOLE = frozenset(Verb) - {Verb.CREATE, Verb.ACCOUNT}
_RUN = frozenset({Verb.SEE, Verb.RUN, Verb.TRIGGER})
_SEE = frozenset({Verb.SEE})

ON_WORKFLOW: dict[Standing, frozenset[Verb]] = {
    Standing.ADMIN: _WHOLE,
    Standing.OWNER: _WHOLE,
    Standing.EVERYBODY: _RUN,
    Standing.VIEWER: _SEE,
    Standing.EDITOR: frozenset({Verb.SEE, Verb.EDIT}),
    Standing.OPERATOR: _RUN | {Verb.STEER},
}
"""What a standing to a workflow allows with it."""

ON_RUN: dict[Standing, frozenset[Verb]] = {
    Standing.ADMIN: frozenset({Verb.SEE, Verb.STEER}),
    Standing.OWNER: frozenset({Verb.SEE, Verb.STEER}),
    Standing.STARTER: frozenset({Verb.SEE, Verb.STEER}),
    Standing.VIEWER: _SEE,
    Standing.EDITOR: _SEE,
    Standing.OPERATOR: frozenset({Verb.SEE, Verb.STEER}),
}
"""What a standing to a run, or to its workflow, allows with the run."""

ON_TRIGGER: dict[Standing, frozenset[Verb]] = {
    Standing.ADMIN: frozenset({Verb.SEE, Verb.TRIGGER}),
    Standing.OWNER: frozenset({Verb.SEE, Verb.TRIGGER}),
    Standing.STARTER: frozenset({Verb.SEE, Verb.TRIGGER}),
    Standing.VIEWER: _SEE,
    Standing.EDITOR: _SEE,
    Standing.OPERATOR: _SEE,
}
"""With a schedule or a webhook: OWNER is that of the workflow, STARTER he whose runs it starts.

An operator may start a run as it would, which is RUN with the workflow; to change what starts with
somebody else's rights is not his.
"""

CEILINGS: dict[Role, frozenset[Verb]] = {
    Role.VIEWER: _SEE,
    Role.EDITOR: frozenset({Verb.SEE, Verb.EDIT, Verb.DELETE, Verb.CREATE}),
    Role.OPERATOR: _RUN | {Verb.STEER},
}
"""What is left at most. Nobody gives others what he may not do himself: no ceiling has SHARE."""

ROLE_OF_SCOPE = {
    Scope.READ: Role.VIEWER,
    Scope.EDIT: Role.EDITOR,
    Scope.OPERATE: Role.OPERATOR,
}
GROUPS = {f"treadle-{role}": role for role in Role}
"""The groups that are ceilings of the accounts in them."""


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What an account, or a token of it, may at most. None: no ceiling."""

    account: frozenset[Role] | None = None
    scopes: frozenset[Scope] | None = None
    workflows: frozenset[int] | None = None
    """The keys of the only workflows that a token is for."""

    @property
    def of_token(self) -> bool:
        return self.scopes is not None or self.workflows is not None

    def allows(self, verb: Verb) -> bool:
        return self._account_allows(verb) and self._token_allows(verb)

    def reaches(self, workflow_id: int) -> bool:
        return self.workflows is None or workflow_id in self.workflows

    def refusal(self, verb: Verb) -> str | None:
        """Why it does not allow the verb, and what to do; None where it does."""
        if self.allows(verb):
            return None  # as nearly always: nothing is put into words then
        does = _(_DOES[verb])
        if not self._token_allows(verb):
            if self.scopes is None:
                said = _("This token is for certain workflows alone and may not {do}: use another.")
                return said.format(do=does)
            said = _("This token may not {do}: make one that may under Settings, API tokens.")
            return said.format(do=does)
        said = _("Your account may not {do}: ask an administrator for the right.")
        return said.format(do=does)

    def _account_allows(self, verb: Verb) -> bool:
        # Tokens and secrets are his own affair: those of a viewer may do no more than he.
        return self.account is None or verb is Verb.ACCOUNT or verb in _most(self.account)

    def _token_allows(self, verb: Verb) -> bool:
        if self.of_token and verb in _NEVER_OF_A_CUT_TOKEN:
            return False
        if self.workflows is not None and verb is Verb.CREATE:
            return False
        return self.scopes is None or verb in _most(ROLE_OF_SCOPE[each] for each in self.scopes)


NO_CEILING = Ceiling()
# It could make itself a token without a ceiling, or give its user's workflows to others.
_NEVER_OF_A_CUT_TOKEN = frozenset({Verb.ACCOUNT, Verb.SHARE})

_DOES = {
    Verb.SEE: gettext_noop("read"),
    Verb.EDIT: gettext_noop("change workflows"),
    Verb.DELETE: gettext_noop("delete workflows"),
    Verb.SHARE: gettext_noop("share workflows"),
    Verb.RUN: gettext_noop("start runs"),
    Verb.TRIGGER: gettext_noop("change what starts runs"),
    Verb.STEER: gettext_noop("steer runs or answer them"),
    Verb.CREATE: gettext_noop("make workflows"),
    Verb.ACCOUNT: gettext_noop("see or change tokens and secrets"),
}


def allowed(
    table: dict[Standing, frozenset[Verb]], standings: Iterable[Standing], ceiling: Ceiling
) -> frozenset[Verb]:
    """The verbs that these standings allow together, under the ceiling."""
    together = frozenset(verb for each in standings for verb in table.get(each, ()))
    return frozenset(verb for verb in together if ceiling.allows(verb))


def standings_for(table: dict[Standing, frozenset[Verb]], verb: Verb) -> frozenset[Standing]:
    """The standings that allow the verb."""
    return frozenset(each for each, verbs in table.items() if verb in verbs)


def roles_for(table: dict[Standing, frozenset[Verb]], verb: Verb) -> list[str]:
    """The roles that allow the verb, as they are stored."""
    return [role.value for role in Role if verb in table[Standing(role.value)]]


def _most(roles: Iterable[Role]) -> frozenset[Verb]:
    return frozenset(verb for role in roles for verb in CEILINGS[role])
