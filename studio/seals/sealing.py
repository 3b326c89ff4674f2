"""Sealing: texts that may stand in the database only encrypted, under keys kept outside of it.

`seal` gives `s1.<key id>.<token>`; `unseal` finds the key by its id, so that keys can be replaced
while old seals stay readable. Keys come from `TREADLE_SEAL_KEYS`, else from the folder `seal_keys`
of the data folder: one file (0600) per key, named by its id. The last id is the one that seals.
"""

import re
import secrets
import threading
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from studio.setup import data_dir

FORM = "s1"
FOLDER = "seal_keys"
WHERE = f"neither in TREADLE_SEAL_KEYS nor in the folder {FOLDER} of the data folder"

_ID = re.compile(r"[0-9A-Za-z-]{1,40}")
_lock = threading.Lock()


class SealingError(Exception):
    """A text cannot be sealed or unsealed. The message says what to do; it holds no secret."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys at hand, by id, in the order in which they came; the last one seals."""

    keys: dict[str, Fernet]
    stamp: tuple[str, int]
    """What they were read from: the setting's text, or the folder's time of change."""

    @property
    def current(self) -> str:
        return next(reversed(self.keys))

    def key(self, key_id: str) -> Fernet:
        try:
            return self.keys[key_id]
        except KeyError:
            raise SealingError(
                f"This was sealed with the key {key_id}, which is {WHERE}. Put the key back, "
                "or set the value anew."
            ) from None


_ring: KeyRing | None = None


def seal(text: str) -> str:
    """The text, encrypted with the current key. Two seals of one text differ."""
    ring = key_ring()
    token = ring.keys[ring.current].encrypt(text.encode("utf-8", "surrogatepass"))
    return f"{FORM}.{ring.current}.{token.decode('ascii')}"


def unseal(sealed: str) -> str:
    """The text that was sealed. Raises SealingError: key missing, or altered meanwhile."""
    key_id, token = _parts(sealed)
    try:
        return _holding(key_id).key(key_id).decrypt(token).decode("utf-8", "surrogatepass")
    except InvalidToken:
        raise _altered(key_id) from None


def reseal(sealed: str) -> str:
    """The same text under the current key; the very seal if it is under that one already."""
    key_id, token = _parts(sealed)
    ring = _holding(key_id)
    if key_id == ring.current:
        return sealed
    keys = MultiFernet([ring.keys[ring.current], ring.key(key_id)])
    try:
        return f"{FORM}.{ring.current}.{keys.rotate(token).decode('ascii')}"
    except InvalidToken:
        raise _altered(key_id) from None


def key_of(sealed: str) -> str:
    """The id of the key that a text was sealed with."""
    return _parts(sealed)[0]


def key_ring() -> KeyRing:
    """The keys as they are now; the first one is made when there is none."""
    global _ring
    with _lock:
        stamp = _stamp()
        if _ring is None or _ring.stamp != stamp:
            _ring = _read(stamp)
        return _ring


def add_key() -> str:
    """Make a new key that seals from now on, in every process. Returns its id."""
    if settings.SEAL_KEYS:
        raise SealingError(
            "The keys are in TREADLE_SEAL_KEYS: add one there, as the last, and start again."
        )
    _make_key(_folder())
    return _read_again().current


def drop_key(key_id: str) -> None:
    """Forget a key of the folder. Nothing that is sealed with it can be read again."""
    (_folder() / key_id).unlink(missing_ok=True)


def new_key() -> str:
    """A key as `TREADLE_SEAL_KEYS` takes it, after its id."""
    return Fernet.generate_key().decode("ascii")


def _holding(key_id: str) -> KeyRing:
    """The keys, read again if another process may have made this one a moment ago."""
    ring = key_ring()
    return ring if key_id in ring.keys else _read_again()


def _read_again() -> KeyRing:
    """The keys as they are now, even if the folder's time of change tells no difference."""
    global _ring
    with _lock:
        _ring = _read(_stamp())
        return _ring


def _parts(sealed: str) -> tuple[str, bytes]:
    form, _, rest = sealed.partition(".")
    key_id, _, token = rest.partition(".")
    if form != FORM or not token or not token.isascii():
        raise SealingError("This is no sealed text: set the value anew.")
    return key_id, token.encode("ascii")


def _altered(key_id: str) -> SealingError:
    return SealingError(
        f"This was altered since it was sealed, or the key {key_id} is another one than then: "
        "set the value anew."
    )


def _stamp() -> tuple[str, int]:
    if settings.SEAL_KEYS:
        return repr(settings.SEAL_KEYS), 0
    folder = _folder()
    return str(folder), folder.stat().st_mtime_ns


def _read(stamp: tuple[str, int]) -> KeyRing:
    if settings.SEAL_KEYS:
        return KeyRing({name: Fernet(key) for name, key in settings.SEAL_KEYS.items()}, stamp)
    folder = _folder()
    if not (found := _files(folder)):
        _make_key(folder)
        found = _files(folder)
    return KeyRing({path.name: _fernet(path) for path in found}, stamp)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if _ID.fullmatch(path.name))


def _fernet(path: Path) -> Fernet:
    try:
        return Fernet(path.read_text(encoding="ascii").strip())
    except (ValueError, OSError) as error:
        raise SealingError(
            f"The key file {path} cannot be used: {error}. Put back what it held."
        ) from None


def _folder() -> Path:
    folder = data_dir.ensure(settings.DATA_DIR) / FOLDER
    return data_dir.ensure(folder)


def _make_key(folder: Path) -> None:
    """A file whose name comes after all others: two processes at once make two good keys."""
    last = max((path.name.partition("-")[0] for path in _files(folder)), default="0000")
    number = int(last) + 1 if last.isdigit() else 1
    data_dir.create(folder / f"{number:04d}-{secrets.token_hex(3)}", new_key())
