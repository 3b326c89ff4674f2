"""What the server keeps of a draft, while a browser edits it."""

import time
from collections.abc import Callable
from typing import Any

from tests.e2e.conftest import make
from tests.live import LiveStudio


def draft(studio: LiveStudio, workflow: str) -> Any:
    return make(studio, "GET", f"/api/v1/workflows/{workflow}")["draft"]


def until_saved(studio: LiveStudio, workflow: str, condition: Callable[[Any], Any]) -> None:
    """Wait until the saved draft is as the condition says."""
    for _ in range(100):
        if condition(draft(studio, workflow)):
            return
        time.sleep(0.1)
    raise AssertionError(f"not saved: {draft(studio, workflow)}")
