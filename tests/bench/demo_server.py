"""The demo's FastAPI application with the bench's five tools, for uvicorn."""

import sys

from .peers.with_demo import folder
from .tools import NAMES, STEPS

sys.path.insert(0, str(folder()))

from app.engine import tool_registry
from app.main import app

for name, step in zip(NAMES, STEPS, strict=True):
    tool_registry.register(name, step)

application = app
