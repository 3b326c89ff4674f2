"""The data folder: database and keys, readable by their owner alone."""

import os
import secrets
from pathlib import Path


def ensure(folder: Path) -> Path:
    """Make the folder (0700) and leave one that exists as it is. Returns it."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    return folder


def secret_key(folder: Path) -> str:
    """The key that signs sessions: made once, kept in `secret_key` (0600)."""
    path = ensure(folder) / "secret_key"
    if not path.exists():
        create(path, secrets.token_urlsafe(50))
    return path.read_text(encoding="utf-8").strip()


def create(path: Path, text: str) -> None:
    """Write a new file (0600), whole or not at all; one that exists is left as it is."""
    # Written beside and linked into place: two processes starting at once agree on one key.
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
