"""What people do to workflows: make, save, publish, copy, delete."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from engine import Graph, GraphError, PartRefused, Problem, Severity, lint, validate
from engine.graph.difference import difference
from engine.graph.document import try_read
from engine.graph.part import Part, stubbed
from engine.planning.child_calls import Workflows
from engine.said import counted, say
from studio import sentences
from studio.actions import audit, authorship, courses, documents, doubles, sharing
from studio.actions.errors import (
    ActionError,
    DraftShrinks,
    InvalidDocument,
    RevisionConflict,
)
from studio.actions.permission import require
from studio.actions.pins import without_pins
from studio.journal import codec
from studio.live import rooms
from studio.models import PartOf, Version, Workflow
from studio.queries.subgraphs import OwnedWorkflows, pinned
from studio.queries.visible import Viewer
from studio.rights import Verb
from studio.setup import toolbox

NAME_MAX = 200
SHRINK_FROM = 3
"""Drafts of fewer nodes may be emptied without saying that it is meant."""
SHRINK_SHARE = 0.8
"""Of the nodes of a draft, what one save may remove without saying so."""


@transaction.atomic
def create_workflow(
    *,
    user: User | None,
    document: dict[str, Any] | None = None,
    name: str | None = None,
    key: str | None = None,
    hidden: bool = False,
    keeps_key: bool = False,
    beside: Workflow | None = None,
) -> Workflow:
    """A new workflow of this user (shared when `user` is None) with its first draft.

    `beside` names one that is to run it, whose part it is: it gets the same owner, whose workflows
    find it by its key, and is shared with the same people.

    Reads `treadle/1`, which may be unfinished, and the demo's format, which must be whole. With
    `keeps_key` the draft keeps the key that the document has, also where the workflow gets
    another one because that is taken.
    """
    require(user, Verb.CREATE)
    if beside is not None:
        require(user, Verb.EDIT, beside)
    owner = user if beside is None else beside.owner
    document = document or {}
    title = _title(name or document.get("name") or document.get("key") or "Untitled workflow")
    slug = _free_key(owner, key or document.get("key") or title)
    draft = draft_of(document, _own_key(document) or slug if keeps_key else slug, title)
    now = timezone.now()
    workflow = Workflow.objects.create(
        key=slug,
        name=title,
        description=_description(draft),
        owner=owner,
        draft=codec.encode(documents.checked_draft(draft)),
        draft_saved_at=now,
        draft_saved_by=user,
        hidden=hidden,
    )
    if beside is not None:
        PartOf.objects.create(workflow=workflow, whole=beside)
        sharing.share_alike(workflow, beside)
    authorship.brought(workflow, user, now)
    audit.record(user, "workflow.create", workflow.public_id)
    return workflow


@transaction.atomic
def save_draft(
    *,
    user: User | None,
    workflow: Workflow,
    rev: int,
    document: dict[str, Any],
    shrink: bool = False,
    by_browser: bool = False,
) -> Workflow:
    """Replace the draft that was read at `rev`. Raises RevisionConflict when it moved on since.

    Saving the very document that is stored already changes nothing: a repeated request is safe.
    Without `shrink`, one that lacks nearly all nodes of the draft is refused: DraftShrinks.
    Numbers that a browser cannot hold stay as they are where it sends them back: `by_browser`.
    """
    require(user, Verb.EDIT, workflow)
    checked = documents.checked_draft(document)
    head = _locked(workflow)
    former = codec.decode(head.draft)
    if by_browser and doubles.may_change(head.draft):
        checked = doubles.kept(former, checked)
    text = codec.encode(checked)
    if head.draft == text:
        return head
    if head.draft_rev != rev:
        raise _conflict(head, rev)
    if not shrink:
        _refuse_to_shrink(former["nodes"], checked["nodes"])
    # The row's name leads; the document changes it only by holding another one than before.
    new_name = document.get("name")
    if new_name and new_name != former.get("name"):
        head.name = _title(new_name)
    now = timezone.now()
    authorship.note(head, user, difference(former, checked), now)
    head.draft = text
    head.draft_rev += 1
    head.draft_saved_at = now
    head.draft_saved_by = user
    head.description = _description(document)
    head.save()
    audit.record(user, "workflow.save", head.public_id, rev=head.draft_rev)
    transaction.on_commit(lambda: rooms.draft_saved(head.pk))
    return head


def is_live(user: Viewer, workflow: Workflow) -> bool:
    """Whether publishing the draft now would only give the version again that is live."""
    live = workflow.published
    if live is None or workflow.draft_saved_at > live.created_at:
        return False
    # Its name may be another by now, and so may the versions of the workflows that it runs.
    draft = pinned(_to_run(workflow), OwnedWorkflows(workflow.owner_id, user))
    try:
        return codec.encode(Graph.from_dict(draft).to_dict()) == live.document
    except GraphError:
        return False


@transaction.atomic
def publish(
    *, user: User | None, workflow: Workflow, rev: int | None = None, note: str = ""
) -> Version:
    """The draft as the next numbered Version. Publishing what is published gives that one again."""
    require(user, Verb.EDIT, workflow)
    head = _locked(workflow)
    if rev is not None and rev != head.draft_rev:
        raise _conflict(head, rev)
    others = OwnedWorkflows(head.owner_id, user)
    graph = valid_graph(pinned(_to_run(head), others), others)
    text = codec.encode(graph.to_dict())
    published = head.published
    if published is not None and published.document == text:
        return published
    last = head.versions.exclude(number=None).order_by("-number").first()
    changed = difference(codec.decode(published.document) if published else {}, graph.to_dict())
    version = Version.objects.create(
        workflow=head,
        number=(last.number or 0) + 1 if last else 1,
        document=text,
        hash=graph.hash,
        note=note[:500],
        created_by=user,
    )
    authorship.hand_over(head, version, changed)
    head.published = version
    head.save(update_fields=["published"])
    audit.record(user, "workflow.publish", head.public_id, number=version.number, hash=graph.hash)
    return version


@transaction.atomic
def draft_version(*, user: User | None, workflow: Workflow, part: Part | None = None) -> Version:
    """The draft as a Version that can run: an equal one is used again, a new one has no number.

    With a part, only what is wrong there counts; a draft that cannot be read elsewhere is taken
    without what is broken.
    """
    require(user, Verb.RUN, workflow)
    head = _locked(workflow)
    others = OwnedWorkflows(head.owner_id, user)
    document = pinned(_to_run(head), others)
    if part:
        graph = partly_valid_graph(document, part, others)
    else:
        graph = valid_graph(document, others)
    text = codec.encode(graph.to_dict())
    for version in head.versions.filter(hash=graph.hash).order_by("number", "id"):
        if version.document == text:
            return version
    return Version.objects.create(
        workflow=head, document=text, hash=graph.hash, note="", created_by=user
    )


@transaction.atomic
def patch_workflow(
    *,
    user: User | None,
    workflow: Workflow,
    name: str | None = None,
    description: str | None = None,
    tags: list[str] | None = None,
) -> Workflow:
    """Change what lists show; None leaves a field as it is."""
    require(user, Verb.EDIT, workflow)
    head = _locked(workflow)
    changes: dict[str, Any] = {}
    if name is not None:
        changes["name"] = _title(name)
    if description is not None:
        changes["description"] = codec.clean(description)[0]
    if tags is not None:
        changes["tags"] = _tags(tags)
    for field, value in changes.items():
        setattr(head, field, value)
    head.save(update_fields=list(changes))
    audit.record(user, "workflow.change", head.public_id, fields=sorted(changes))
    return head


@transaction.atomic
def delete_workflow(*, user: User | None, workflow: Workflow) -> None:
    """Take it out of every list; its runs keep their version and stay readable."""
    require(user, Verb.DELETE, workflow)
    head = _locked(workflow)
    head.deleted_at = timezone.now()
    head.save(update_fields=["deleted_at"])
    audit.record(user, "workflow.delete", head.public_id)


@transaction.atomic
def duplicate_workflow(*, user: User, workflow: Workflow, name: str | None = None) -> Workflow:
    """A copy of the draft that belongs to this user, unpublished."""
    copy = create_workflow(
        user=user,
        name=name or f"{workflow.name} (copy)"[:NAME_MAX],
        key=f"{workflow.key}-copy",
        document=codec.decode(workflow.draft),
    )
    copy.tags = workflow.tags
    copy.save(update_fields=["tags"])
    return copy


def valid_graph(document: dict[str, Any], workflows: Workflows | None = None) -> Graph:
    """The document as a graph that this studio can run. Raises InvalidDocument with every error.

    `workflows` are those that it may start; without them nobody looks whether they are there.
    """
    found = problems(document, workflows)
    errors = [problem for problem in found if problem["severity"] == "error"]
    if errors:
        raise _invalid(errors)
    try:
        return Graph.from_dict(document)
    except GraphError as error:
        raise _invalid(_told(error.problems)) from error


def partly_valid_graph(
    document: dict[str, Any], part: Part, workflows: Workflows | None = None
) -> Graph:
    """The document as a graph of which this part can run. Raises ActionError."""
    try:
        graph, unread = try_read(document)
        if graph is None:
            document = stubbed(document, part)
            graph, still_unread = try_read(document)
            if graph is None:
                raise _invalid(_told(still_unread or unread))
        found = lint(graph, toolbox.registry(), part, workflows)
    except PartRefused as error:
        raise courses.refusal(error) from error
    errors = _told(problem for problem in found if problem.severity is Severity.ERROR)
    if errors:
        raise _invalid(errors)
    return graph


def problems(document: dict[str, Any], workflows: Workflows | None = None) -> list[dict[str, Any]]:
    """Errors and warnings of a document, with the tools of this process known, and `workflows`."""
    return _told(validate(document, toolbox.registry(), workflows=workflows))


def problems_of(
    user: Viewer, workflow: Workflow, document: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Those of a workflow's draft, or of another document in its place, as this user sees them."""
    if document is None:
        document = codec.decode(workflow.draft)
    return problems(document, OwnedWorkflows(workflow.owner_id, user))


def _invalid(errors: list[dict[str, Any]]) -> InvalidDocument:
    said = counted(
        "The workflow has one error: {first}",
        "The workflow has {n} errors: {first}",
        len(errors),
        first=errors[0]["message"],
    )
    return InvalidDocument(said, errors)


def _told(found: Iterable[Problem]) -> list[dict[str, Any]]:
    """Problems as JSON; their sentences are translated where they leave the studio."""
    return [problem.as_dict(sentences.kept) for problem in found]


def draft_of(document: dict[str, Any], key: str, name: str) -> dict[str, Any]:
    """The draft that a document becomes under this key and name; a blank one from nothing."""
    if not document:
        return documents.blank(key, name)
    return {**as_native(document), "key": key, "name": name}


def as_native(document: dict[str, Any]) -> dict[str, Any]:
    """The demo's format becomes a `treadle/1` document; a native one stays as it is."""
    if "start_node" not in document:
        return {"format": documents.FORMAT, "entry": [], "nodes": {}, "edges": [], **document}
    try:
        native: dict[str, Any] = Graph.from_dict(documents.checked_values(document)).to_dict()
    except GraphError as error:
        raise _invalid(_told(error.problems)) from error
    return native


def _to_run(workflow: Workflow) -> dict[str, Any]:
    """The draft as a version has it: under the workflow's name, without what is pinned."""
    return without_pins({**codec.decode(workflow.draft), "name": workflow.name})


def _locked(workflow: Workflow) -> Workflow:
    """The row as it is now, locked until the transaction ends."""
    return Workflow.objects.select_for_update().get(pk=workflow.pk)


def _refuse_to_shrink(before: dict[str, Any], after: dict[str, Any]) -> None:
    gone = sum(name not in after for name in before)
    if len(before) >= SHRINK_FROM and gone > SHRINK_SHARE * len(before):
        raise DraftShrinks(before=len(before), gone=gone)


def _conflict(head: Workflow, rev: int) -> RevisionConflict:
    return RevisionConflict(
        base_rev=rev,
        head_rev=head.draft_rev,
        head_document=codec.decode(head.draft),
        by=head.draft_saved_by.username if head.draft_saved_by else None,
        saved_at=head.draft_saved_at,
    )


def _title(name: object) -> str:
    if not isinstance(name, str) or not name.strip():
        raise ActionError(
            "E_NAME", say("A workflow needs a name: write a text of 1 to 200 characters.")
        )
    cleaned: str = codec.clean(name.strip())[0]
    return cleaned[:NAME_MAX]


def _own_key(document: dict[str, Any]) -> str | None:
    key = document.get("key")
    return key if isinstance(key, str) and 0 < len(key) <= NAME_MAX else None


def _description(document: dict[str, Any]) -> str:
    text = document.get("description", "")
    return codec.clean(text)[0] if isinstance(text, str) else ""


def _tags(tags: list[str]) -> list[str]:
    if len(tags) > 20 or not all(isinstance(tag, str) and 0 < len(tag) <= 40 for tag in tags):
        raise ActionError("E_TAGS", say("Write at most 20 tags of 1 to 40 characters each."))
    return list(dict.fromkeys(codec.clean(tag)[0] for tag in tags))


def _free_key(user: User | None, wish: object) -> str:
    """A key that no other workflow of this owner has: the wish, or the wish with a number."""
    base = slugify(str(wish))[:70] or "workflow"
    taken = set(
        Workflow.objects.filter(owner=user, deleted_at=None, key__startswith=base).values_list(
            "key", flat=True
        )
    )
    if base not in taken:
        return base
    number = 2
    while f"{base}-{number}" in taken:
        number += 1
    return f"{base}-{number}"
