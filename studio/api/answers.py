"""The answers of the API as OpenAPI schemas: what `/docs` shows beside each operation."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from engine.policies import OutcomeChoice
from studio.rights import Role, Scope

Schema = dict[str, Any]


def obj(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


def listed(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def page(of: Schema) -> Schema:
    return obj(items=listed(of), next=MAYBE_TEXT)


def maybe(of: Schema) -> Schema:
    return {"oneOf": [of, {"type": "null"}]}


TEXT: Schema = {"type": "string"}
MAYBE_TEXT: Schema = {"type": ["string", "null"]}
INTEGER: Schema = {"type": "integer"}
MAYBE_INTEGER: Schema = {"type": ["integer", "null"]}
BOOLEAN: Schema = {"type": "boolean"}
ANY_OBJECT: Schema = {"type": "object", "additionalProperties": True}
ID: Schema = {"type": "string", "format": "uuid"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
MAYBE_MOMENT: Schema = {"type": ["string", "null"], "format": "date-time"}
TAGS: Schema = listed(TEXT)

PROBLEM = obj(
    code=TEXT,
    message=TEXT,
    hint=TEXT,
    pointer=TEXT,
    severity={"type": "string", "enum": ["error", "warning"]},
    node=MAYBE_TEXT,
    edge=MAYBE_TEXT,
)
PROBLEMS = obj(problems=listed(PROBLEM))
READ_DOCUMENT = obj(document=maybe(ANY_OBJECT), problems=listed(PROBLEM))
SHUFFLED = obj(
    ok=BOOLEAN,
    summary=TEXT,
    asked=INTEGER,
    schedules=INTEGER,
    status=TEXT,
    error=maybe(ANY_OBJECT),
    differences=listed(obj(seed=INTEGER, status=TEXT, changes=listed(ANY_OBJECT))),
)
ERROR = obj(
    error=obj(
        code=TEXT,
        message=TEXT,
        details=listed(obj(pointer=TEXT, code=TEXT, message=TEXT, hint=TEXT)),
        request_id=TEXT,
    ),
    detail=TEXT,
)

CAN = {"type": "object", "additionalProperties": BOOLEAN}
_WORKFLOW = {
    "id": ID,
    "key": TEXT,
    "name": TEXT,
    "description": TEXT,
    "tags": TAGS,
    "owner": MAYBE_TEXT,
    "rev": INTEGER,
    "saved_at": MOMENT,
    "saved_by": MAYBE_TEXT,
    "published": maybe(obj(number=INTEGER, id=ID, published_at=MOMENT)),
    "can_edit": BOOLEAN,
    "can": CAN,
    "concurrency": maybe(obj(limit=INTEGER, key=TEXT)),
    "retention": obj(keep=MAYBE_TEXT, in_force=TEXT),
    "last_run": maybe(obj(id=ID, status=TEXT, created_at=MOMENT, finished_at=MAYBE_MOMENT)),
}
WORKFLOW = obj(**_WORKFLOW)
WORKFLOW_FULL = obj(**_WORKFLOW, draft=ANY_OBJECT, problems=listed(PROBLEM))
SAVED = obj(rev=INTEGER, saved_at=MOMENT, saved_by=MAYBE_TEXT, problems=listed(PROBLEM))
PUBLISHED = obj(id=ID, number=INTEGER, hash=TEXT, published_at=MOMENT)
_VERSION = {
    "id": ID,
    "number": MAYBE_INTEGER,
    "hash": TEXT,
    "note": TEXT,
    "created_at": MOMENT,
    "created_by": MAYBE_TEXT,
}
VERSION = obj(**_VERSION)
_ENGINE: Schema = {
    "running": BOOLEAN,
    "driving": INTEGER,
    "drivers": INTEGER,
    "queues": {"type": "array", "items": TEXT},
    "storage_full": BOOLEAN,
    "claiming": BOOLEAN,
    "leaked_threads": INTEGER,
    "max_leaked": INTEGER,
    "loop_blocked": INTEGER,
    "last_blocked": maybe(ANY_OBJECT),
}
ENGINE: Schema = {"type": "object", "properties": _ENGINE, "required": ["running"]}
_CHANGE = {
    "type": "object",
    "properties": {"path": TEXT, "before": {}, "after": {}},
    "required": ["path"],
}
_CHANGED = listed(obj(id=TEXT, changes=listed(_CHANGE)))


def _compared(what: str) -> dict[str, Any]:
    parts = listed(obj(**{"id": TEXT, what: ANY_OBJECT}))
    return obj(added=parts, removed=parts, changed=_CHANGED)


DIFFERENCE = obj(
    **{
        "from": TEXT,
        "to": TEXT,
        "summary": TEXT,
        "equal": BOOLEAN,
        "nodes": _compared("node"),
        "edges": _compared("edge"),
        "reordered": listed(
            obj(node=TEXT, side=TEXT, before=listed(TEXT), after=listed(TEXT)),
        ),
        "order": BOOLEAN,
        "settings": listed(_CHANGE),
    }
)
DRAFT_CHANGES = obj(
    **{
        "rev": INTEGER,
        "from": MAYBE_INTEGER,
        "summary": TEXT,
        "changes": listed(
            obj(
                section=TEXT,
                part=TEXT,
                title=TEXT,
                what=TEXT,
                rows=listed(obj(field=TEXT, before=MAYBE_TEXT, after=MAYBE_TEXT)),
                authors=listed(obj(name=TEXT, at=MOMENT)),
            )
        ),
    }
)
VERSION_FULL = obj(**_VERSION, document=ANY_OBJECT)

_RUN = {
    "id": ID,
    "workflow": obj(id=ID, name=TEXT),
    "version": obj(id=ID, number=MAYBE_INTEGER),
    "status": TEXT,
    "source": TEXT,
    "tags": TAGS,
    "priority": INTEGER,
    "owner": MAYBE_TEXT,
    "created_at": MOMENT,
    "started_at": MAYBE_MOMENT,
    "finished_at": MAYBE_MOMENT,
    "kept": BOOLEAN,
    "duration_ms": MAYBE_INTEGER,
    "error": maybe(ANY_OBJECT),
}
RUN = obj(**_RUN)
WAIT = obj(
    id=TEXT,
    run=ID,
    workflow=obj(id=ID, name=TEXT),
    parent=maybe(obj(run=ID, workflow=obj(id=ID, name=TEXT))),
    node=TEXT,
    item=MAYBE_INTEGER,
    title=TEXT,
    description=TEXT,
    form=ANY_OBJECT,
    assignees=ANY_OBJECT,
    due_at=MAYBE_MOMENT,
    opened_at=MOMENT,
)
_OUTCOME = {
    "id": TEXT,
    "run": ID,
    "run_status": TEXT,
    "workflow": obj(id=ID, name=TEXT),
    "parent": maybe(obj(run=ID, workflow=obj(id=ID, name=TEXT))),
    "node": TEXT,
    "item": MAYBE_INTEGER,
    "activation": INTEGER,
    "attempt": INTEGER,
    "lost_at": MOMENT,
    "closed_at": MAYBE_MOMENT,
    "late": BOOLEAN,
}
OUTCOME = obj(**_OUTCOME)
OUTCOME_WHOLE = obj(
    **_OUTCOME,
    title=TEXT,
    tool=MAYBE_TEXT,
    inputs=listed(ANY_OBJECT),
    idempotency_key=TEXT,
    started_at=MAYBE_MOMENT,
    worker=maybe(obj(host=TEXT, pid=MAYBE_INTEGER)),
    returns=maybe(ANY_OBJECT),
    late_result=maybe(ANY_OBJECT),
    decided=maybe(
        obj(
            choice={"type": "string", "enum": [choice.value for choice in OutcomeChoice]},
            by=MAYBE_TEXT,
            note=TEXT,
            at=MOMENT,
        )
    ),
)
_CHILD_LINK = {
    "workflow": obj(id=ID, name=TEXT),
    "status": TEXT,
    "node": TEXT,
    "act": INTEGER,
    "att": INTEGER,
    "item": MAYBE_INTEGER,
}
CHILD_RUN = obj(
    id=ID,
    **_CHILD_LINK,
    created_at=MOMENT,
    finished_at=MAYBE_MOMENT,
    error_code=MAYBE_TEXT,
)
SIGNAL = obj(
    id=ID,
    name=TEXT,
    key={},
    payload={},
    by=MAYBE_TEXT,
    from_run=MAYBE_TEXT,
    sent_at=MOMENT,
)
SENT = obj(
    id=MAYBE_TEXT,
    became={"type": "string", "enum": ["taken", "kept", "dropped"]},
    run=MAYBE_TEXT,
)
RUN_FULL = obj(
    **_RUN,
    current_nodes=listed(TEXT),
    nodes=ANY_OBJECT,
    edges=ANY_OBJECT,
    head=INTEGER,
    part=maybe({**obj(to=MAYBE_TEXT), "properties": {"from": MAYBE_TEXT, "to": MAYBE_TEXT}}),
    trigger=maybe(obj(kind=TEXT, id=ID, name=TEXT)),
    parent=maybe(obj(run=ID, **_CHILD_LINK)),
    children=obj(total=INTEGER, items=listed(CHILD_RUN)),
)
RUN_WHY = obj(
    status=TEXT,
    seq=INTEGER,
    reasons=listed(ANY_OBJECT),
    edge=maybe(ANY_OBJECT),
)
COMPARED = obj(
    a=RUN,
    b=RUN,
    same_version=BOOLEAN,
    first=maybe(ANY_OBJECT),
    nodes=listed(ANY_OBJECT),
    edges=listed(ANY_OBJECT),
    input=listed(ANY_OBJECT),
    state=listed(ANY_OBJECT),
)
RUN_STATE = obj(seq=INTEGER, state=ANY_OBJECT, status=TEXT)
EVENT = obj(
    seq=INTEGER,
    ts=MOMENT,
    k=TEXT,
    node=MAYBE_TEXT,
    act=MAYBE_INTEGER,
    att=MAYBE_INTEGER,
    data=ANY_OBJECT,
)
EVENTS = obj(items=listed(EVENT), head=INTEGER)
DOWNLOAD = obj(
    format=TEXT,
    run=RUN_FULL,
    input=ANY_OBJECT,
    versions=listed(ANY_OBJECT),
    state=ANY_OBJECT,
    states=listed(ANY_OBJECT),
    states_left_out=INTEGER,
    events=listed(EVENT),
)

TOOLS = obj(items=listed(ANY_OBJECT))
CHECKED = obj(ok=BOOLEAN)
RUN_BRIEF = {"id": ID, "status": TEXT, "created_at": MOMENT, "version": MAYBE_INTEGER}
TRIED = obj(
    ok=BOOLEAN,
    error=maybe(ANY_OBJECT),
    counts=obj(true=INTEGER, false=INTEGER, other=INTEGER, error=INTEGER, unknown=INTEGER),
    runs=listed(
        obj(
            **RUN_BRIEF,
            first=INTEGER,
            left_out=MAYBE_TEXT,
            visits=listed(
                obj(
                    visit=INTEGER,
                    seq=INTEGER,
                    ok=maybe(BOOLEAN),
                    values=ANY_OBJECT,
                    taken=maybe(BOOLEAN),
                )
            ),
        )
    ),
)
VISIT = obj(
    run=obj(**RUN_BRIEF),
    node=TEXT,
    first=INTEGER,
    visits=INTEGER,
    visit=maybe(
        obj(
            number=INTEGER,
            activation=INTEGER,
            status=TEXT,
            began=INTEGER,
            ended=MAYBE_INTEGER,
            error=maybe(ANY_OBJECT),
            inputs=listed(ANY_OBJECT),
            before=ANY_OBJECT,
            after=maybe(ANY_OBJECT),
            names=ANY_OBJECT,
            item=maybe(ANY_OBJECT),
            whole=BOOLEAN,
            ops=listed({"type": "array", "items": {}}),
            cut=listed(TEXT),
        )
    ),
)
REVIEW = obj(run=RUN, report=maybe(ANY_OBJECT), score_course=listed(ANY_OBJECT))
TOKEN = obj(
    id=ID,
    name=TEXT,
    prefix=TEXT,
    created_at=MOMENT,
    expires_at=MAYBE_MOMENT,
    last_used_at=MAYBE_MOMENT,
    scopes=maybe(listed({"type": "string", "enum": list(Scope)})),
    workflows=maybe(listed(ID)),
)
GRANT = obj(
    id=ID,
    user=MAYBE_TEXT,
    group=MAYBE_TEXT,
    role={"type": "string", "enum": list(Role)},
    created_at=MOMENT,
    created_by=MAYBE_TEXT,
)
GRANTS = obj(owner=MAYBE_TEXT, items=listed(GRANT))
TOKENS = obj(items=listed(TOKEN))
SECRET = obj(
    id=ID,
    name=TEXT,
    scope={"type": "string", "enum": ["own", "group", "everybody"]},
    owner=MAYBE_TEXT,
    group=MAYBE_TEXT,
    created_at=MOMENT,
    set_at=MOMENT,
    set_by=MAYBE_TEXT,
    used_at=MAYBE_MOMENT,
    can_change=BOOLEAN,
)
SECRETS = page(SECRET)
NEW_TOKEN = obj(**TOKEN["properties"], token=TEXT)
HEALTH = obj(status=TEXT)

GRAPH_CREATED = obj(graph_id=ID)
GRAPH_RUN = obj(
    run_id=ID,
    final_state=ANY_OBJECT,
    status=TEXT,
    log=listed(obj(node=TEXT, state_snapshot=ANY_OBJECT)),
)
GRAPH_STARTED = obj(run_id=ID, status=TEXT)
GRAPH_STATE = obj(
    run_id=ID,
    graph_id=ID,
    status=TEXT,
    current_node=MAYBE_TEXT,
    state=ANY_OBJECT,
    log=listed(obj(node=TEXT, state_snapshot=ANY_OBJECT)),
    error=MAYBE_TEXT,
)

IF_MATCH = OpenApiParameter(
    "If-Match", OpenApiTypes.STR, OpenApiParameter.HEADER, True, 'The revision read, as `"7"`.'
)
IDEMPOTENCY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    False,
    "Repeat a start safely: the same key and body give the same run.",
)
