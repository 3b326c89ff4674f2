"""The row of a signal that a run sends to others, written in the transaction of the step."""

from engine import Event
from engine.policies import SignalMode
from studio.journal import codec
from studio.models.fields import new_public_id
from studio.waits.signal_keys import key_text

Statement = tuple[str, list[object]]

_SEND = (
    "INSERT INTO studio_signal (public_id, owner_id, name, key, data, transient, run_id,"
    " activation, created_at, taken_at, taken_by_id)"
    " SELECT %s, COALESCE(run.owner_id, workflow.owner_id), %s, %s, %s, %s, run.id, %s, %s,"
    " NULL, NULL FROM studio_run run JOIN studio_workflow workflow ON workflow.id = run.workflow_id"
    " WHERE run.id = %s ON CONFLICT DO NOTHING"
)


def sending(event: Event, run_id: int, vendor: str) -> list[Statement]:
    """The SQL of a `signal.emitted` that goes out to other runs."""
    data = event.data
    kept = {name: data[name] for name in ("name", "key", "payload") if name in data}
    key = key_text(data["key"]) if "key" in data else None
    transient = data.get("mode") == SignalMode.TRANSIENT
    values: list[object] = [
        codec.uuid_column(vendor, new_public_id()),
        data["name"],
        key,
        codec.encode_clean(kept),
        transient,
        event.act,
        codec.column(vendor, event.time),
        run_id,
    ]
    return [(_SEND, values)]
