"""Sealing: what is sealed can be read with its key, by its id, and with no other."""

import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.models import Secret
from studio.seals import sealing
from studio.seals.sealing import SealingError, seal, unseal
from studio.setup import env


@given(st.text(st.characters(), max_size=200))
def test_every_text_comes_back(text: str) -> None:
    assert unseal(seal(text)) == text


def test_a_seal_tells_nothing(own_keys: Path) -> None:
    first, second = seal("the same value"), seal("the same value")

    assert first != second
    assert "same" not in first


def test_the_key_is_kept_outside_of_the_database_for_its_owner_alone(own_keys: Path) -> None:
    seal("x")

    (file,) = own_keys.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(own_keys.stat().st_mode) == 0o700


def test_an_older_key_still_unseals_what_it_sealed(own_keys: Path) -> None:
    before = seal("value")
    new = sealing.add_key()
    after = seal("value")

    assert sealing.key_of(after) == new != sealing.key_of(before)
    assert unseal(before) == unseal(after) == "value"
    assert sealing.key_of(sealing.reseal(before)) == new
    assert unseal(sealing.reseal(before)) == "value"
    assert sealing.reseal(after) == after


def test_a_missing_key_is_named(own_keys: Path) -> None:
    sealed = seal("value")
    key = sealing.key_of(sealed)
    sealing.add_key()
    sealing.drop_key(key)
    sealing.add_key()

    with pytest.raises(SealingError, match=rf"{key}, which is neither in TREADLE_SEAL_KEYS nor"):
        unseal(sealed)


def test_an_altered_seal_is_refused(own_keys: Path) -> None:
    sealed = seal("value")
    other = "A" if sealed[-30] != "A" else "B"

    with pytest.raises(SealingError, match="altered"):
        unseal(f"{sealed[:-30]}{other}{sealed[-29:]}")
    with pytest.raises(SealingError, match="no sealed text"):
        unseal("value")


def test_a_broken_key_file_is_named(own_keys: Path) -> None:
    seal("value")
    own_keys.joinpath("0002-abc").write_text("not a key")

    with pytest.raises(SealingError, match="0002-abc cannot be used"):
        seal("value")


def test_keys_may_come_from_the_environment(own_keys: Path, settings: Any) -> None:
    first, second = sealing.new_key(), sealing.new_key()
    settings.SEAL_KEYS = env.seal_keys(f"a:{first}")
    old = seal("value")
    settings.SEAL_KEYS = env.seal_keys(f"a:{first}, b:{second}")

    assert (sealing.key_of(old), sealing.key_of(seal("value"))) == ("a", "b")
    assert unseal(old) == "value"
    assert not own_keys.exists()
    with pytest.raises(SealingError, match="add one there"):
        sealing.add_key()


@pytest.mark.parametrize(
    "text",
    ["hunter2", "a:short", "a b:" + "A" * 43 + "=", "a:" + "é" * 44],
)
def test_a_wrong_setting_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(env.SettingError, match=r"TREADLE_SEAL_KEYS=…: write id:key") as refused:
        env.read_all({"TREADLE_SEAL_KEYS": text})

    assert text not in str(refused.value)


SEALS = """
import sys
from pathlib import Path
from django.conf import settings
settings.configure(DATA_DIR=Path(sys.argv[1]), SEAL_KEYS={})
from studio.seals.sealing import seal
print(seal("value"))
"""


def test_processes_that_start_at_once_read_each_other(settings: Any, tmp_path: Path) -> None:
    order = [sys.executable, "-c", SEALS, str(tmp_path)]
    started = [subprocess.Popen(order, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    seals = [process.communicate(timeout=60)[0].strip() for process in started]

    settings.DATA_DIR, settings.SEAL_KEYS = tmp_path, {}
    assert [unseal(sealed) for sealed in seals] == ["value"] * 4


def test_a_sealed_column_takes_no_plain_text() -> None:
    field = Secret._meta.get_field("sealed")

    with pytest.raises(ValueError, match="sealed text only"):
        field.get_prep_value("hunter2")
