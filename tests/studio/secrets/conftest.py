from pathlib import Path
from typing import Any

import pytest

from engine.values import redaction


@pytest.fixture
def own_keys(settings: Any, tmp_path: Path) -> Path:
    """A data folder of the test's own, so that its keys are."""
    settings.DATA_DIR = tmp_path / "data"
    settings.SEAL_KEYS = {}
    return settings.DATA_DIR / "seal_keys"


@pytest.fixture
def knowing_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that no secret was used in yet."""
    monkeypatch.setattr(redaction, "KNOWN", redaction.Redactor())
