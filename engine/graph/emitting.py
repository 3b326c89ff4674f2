"""Reading what an `emit` node sends."""

from engine.graph.model import Emits
from engine.graph.reading import Fields
from engine.policies import SignalMode

EMIT_KEYS = frozenset({"signal", "key", "payload", "mode"})


def read_emits(fields: Fields) -> Emits:
    """The signal of the node; what is wrong with it is reported."""
    return Emits(
        fields.name("signal") or "",
        fields.expression("key"),
        fields.expressions("payload") if "payload" in fields.raw else None,
        fields.choice("mode", SignalMode, SignalMode.KEEP),
    )
