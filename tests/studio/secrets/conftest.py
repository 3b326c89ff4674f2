from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def own_keys(settings: Any, tmp_path: Path) -> Path:
    """A data folder of the test's own, so that its keys are."""
    settings.DATA_DIR = tmp_path / "data"
    settings.SEAL_KEYS = {}
    return settings.DATA_DIR / "seal_keys"
