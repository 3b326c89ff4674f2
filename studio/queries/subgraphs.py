"""The workflows that a workflow may start: those of its owner, and shared ones.

Who edits somebody else's workflow names only those that he could run himself: else a subgraph would
be a way to them. Of one that he sees he is told so; of others he is not told that they are there.
"""

from typing import Any

from django.db.models import F, Q

from engine import Graph, WorkflowNotFound
from engine.planning.child_calls import no_version, no_workflow
from engine.said import Said, quoted, say
from studio.journal import graphs
from studio.models import Version, Workflow
from studio.queries import visible
from studio.queries.visible import Viewer
from studio.rights import Role, Verb


class OwnedWorkflows:
    """What the workflows of one owner find by the keys that they name. None: the shared ones.

    `user`: who edits, publishes or looks; None for Treadle itself and runs under way.
    """

    def __init__(self, owner_id: int | None, user: Viewer = None) -> None:
        self._owner_id = owner_id
        self._user = user

    def find(self, key: str, version: int | None) -> Graph:
        """The graph of a version, or of what is published. Raises WorkflowNotFound."""
        return graphs.of(self.version(key, version))

    def version(self, key: str, number: int | None) -> Version:
        """The version of this number, or the published one. Raises WorkflowNotFound."""
        workflow = self._named(key)
        if number is not None:
            found = workflow.versions.filter(number=number).first()
            if found is None:
                hint = _published_hint(workflow)
                raise WorkflowNotFound("unknown_version", no_version(key, number), hint)
            return found
        if workflow.published is None:
            message = say("nothing is published of the workflow {key} yet", key=quoted(key, 80))
            raise WorkflowNotFound("unpublished_workflow", message, say("publish it first"))
        return workflow.published

    def _named(self, key: str) -> Workflow:
        """What runs find by this key. Raises WorkflowNotFound, also where the user may not name it.

        Never another one that he may: a run, which nobody looks over the shoulder of, takes this.
        """
        mine = Q(owner=None) if self._owner_id is None else Q(owner=None) | Q(owner=self._owner_id)
        rows = Workflow.objects.filter(mine, key=key, deleted_at=None)
        # Own workflows come before shared ones of the same key.
        rows = rows.order_by(F("owner").asc(nulls_last=True), "id")
        found = rows.select_related("published").first()
        user = self._user
        if found is not None and (user is None or visible.may_name(user, found)):
            return found
        if found is None or not visible.may(user, Verb.SEE, found):
            hint = say("write the key of a workflow of yours, or of a shared one")
            raise WorkflowNotFound("unknown_workflow", no_workflow(key), hint)
        message = say(
            "you may read the workflow {key}, but neither run it nor have a step run it",
            key=quoted(key, 80),
        )
        raise WorkflowNotFound("forbidden_workflow", message, _whom_to_ask(found))


def _whom_to_ask(workflow: Workflow) -> Said:
    owner = workflow.owner
    whom = say("an administrator") if owner is None else owner.get_username()
    return say("ask {whom} to share it with you as {role}", whom=whom, role=Role.OPERATOR.value)


def _published_hint(workflow: Workflow) -> Said:
    published = workflow.published
    if published is None:
        return say("nothing is published yet")
    return say("v{number} is published", number=published.number)


def pinned(document: dict[str, Any], workflows: OwnedWorkflows) -> dict[str, Any]:
    """The document with the published version written where a workflow is named without one.

    A workflow that names itself means the version that it stands in: that is left open. What
    cannot be found is left as it is, for the lint to say.
    """
    nodes = document.get("nodes")
    if not isinstance(nodes, dict):
        return document
    key = document.get("key")
    return {**document, "nodes": {name: _node(raw, workflows, key) for name, raw in nodes.items()}}


def _node(raw: Any, workflows: OwnedWorkflows, key: Any) -> Any:
    if not isinstance(raw, dict):
        return raw
    if raw.get("type") == "subgraph":
        return _with_version(raw, workflows, key)
    if raw.get("type") == "map" and isinstance(raw.get("body"), dict):
        return {**raw, "body": _with_version(raw["body"], workflows, key)}
    return raw


def _with_version(raw: dict[str, Any], workflows: OwnedWorkflows, key: Any) -> dict[str, Any]:
    named = raw.get("workflow")
    if not isinstance(named, str) or "version" in raw or named == key:
        return raw
    try:
        return {**raw, "version": workflows.version(named, None).number}
    except WorkflowNotFound:
        return raw
