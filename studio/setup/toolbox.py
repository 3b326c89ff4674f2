"""The process's tool registry: the shipped library, `TREADLE_TOOLS` modules and entry points."""

import sys
from importlib import import_module
from importlib.metadata import entry_points

from django.conf import settings

from engine import ToolRegistry, default_registry, library
from engine.library import chat, web
from studio.tools import mail, orm

ENTRY_POINTS = "treadle.tools"


def registry() -> ToolRegistry:
    """The registry that runs of this process call their tools from."""
    return default_registry


def load() -> None:
    """Register everything. A module that cannot be imported stops the start, with its traceback."""
    library.register_all(default_registry)
    request = web.request_tool(settings.HTTP_HOSTS)
    default_registry.register("http.request", request, effect="idempotent")
    asked = chat.chat_tool(settings.HTTP_HOSTS)
    default_registry.register("ai.chat", asked, effect="idempotent")
    default_registry.register("mail.send", mail.send, effect="once")
    default_registry.register("orm.query", orm.query, effect="idempotent")
    for name in ("create", "update"):
        default_registry.register(f"orm.{name}", getattr(orm, name), effect="transactional")
    for name in settings.TOOL_MODULES:
        _import(name)
    for entry in entry_points(group=ENTRY_POINTS):
        entry.load()


def _import(name: str) -> None:
    try:
        import_module(name)
    except Exception as error:
        absent = error.name if isinstance(error, ModuleNotFoundError) else None
        if absent and f"{name}.".startswith(f"{absent}."):
            about = f"there is no module {absent!r}: is its folder on PYTHONPATH?"
            sys.exit(f"treadle: TREADLE_TOOLS={name!r}: {about}")
        error.add_note(f"TREADLE_TOOLS names {name}: mend it, or unname it.")
        raise
