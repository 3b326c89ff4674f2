"""The tool module a Treadle server imports for the bench (TREADLE_TOOLS)."""

from engine import default_registry

from .tools import NAMES, STEPS

for name, step in zip(NAMES, STEPS, strict=True):
    default_registry.register(name, step, effect="pure")
