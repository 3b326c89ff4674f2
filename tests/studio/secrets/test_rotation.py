"""Rotating the keys: everything readable before, during and after, with others writing."""

import json
import os
import threading
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from studio.actions import rotation
from studio.models import AuditEntry, Secret
from studio.seals import sealing

pytestmark = pytest.mark.django_db(transaction=True)


def stored(name: str, value: str) -> Secret:
    return Secret.objects.create(name=name, sealed=sealing.seal(value), set_at=timezone.now())


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    capsys.readouterr()
    call_command("treadle", "secrets", *arguments, "--json")
    answer: dict[str, object] = json.loads(capsys.readouterr().out)
    return answer


def test_everything_is_sealed_anew(own_keys: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = {f"s{n}": stored(f"s{n}", f"value {n}").sealed for n in range(450)}

    answer = said(capsys, "rotate")

    assert answer == {"key": sealing.key_ring().current, "resealed": 450, "unreadable": 0}
    for secret in Secret.objects.all():
        assert secret.sealed != old[secret.name]
        assert sealing.key_of(secret.sealed) == answer["key"]
        assert sealing.unseal(secret.sealed) == f"value {secret.name[1:]}"
    assert AuditEntry.objects.get().verb == "secrets.rotate"


def test_sec_secrets_at_rest_rotate_under_load(own_keys: Path) -> None:
    """Writers and readers go on while the keys change three times; no value is lost or undone."""
    names = [f"s{n}" for n in range(20)]
    for name in names:
        stored(name, f"{name}:0")
    written = dict.fromkeys(names, 0)
    wrong: list[str] = []
    done = threading.Event()

    def write(mine: list[str]) -> None:
        while not done.is_set():
            for name in mine:
                number = written[name] + 1
                sealed = sealing.seal(f"{name}:{number}")
                Secret.objects.filter(name=name).update(sealed=sealed)
                written[name] = number
        connection.close()

    def read() -> None:
        while not done.is_set():
            for secret in Secret.objects.all():
                if not sealing.unseal(secret.sealed).startswith(f"{secret.name}:"):
                    wrong.append(secret.name)
        connection.close()

    threads = [threading.Thread(target=write, args=(names[n::2],)) for n in range(2)]
    threads.append(threading.Thread(target=read))
    for thread in threads:
        thread.start()
    for _ in range(3):
        rotation.rotate()
    done.set()
    for thread in threads:
        thread.join(30)

    assert not wrong
    assert min(written.values()) > 0
    rotation.rotate()
    current = sealing.key_ring().current
    for secret in Secret.objects.all():
        assert sealing.unseal(secret.sealed) == f"{secret.name}:{written[secret.name]}"
        assert sealing.key_of(secret.sealed) == current


def test_what_cannot_be_read_is_told_and_left(
    own_keys: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = stored("lost", "value")
    sealing.add_key()
    stored("kept", "value")
    sealing.drop_key(sealing.key_of(lost.sealed))

    with pytest.raises(SystemExit, match="1"):
        call_command("treadle", "secrets", "rotate")

    assert "1 could not be read" in capsys.readouterr().err
    lost.refresh_from_db()
    call_command("treadle", "secrets", "keys")
    assert f"{sealing.key_of(lost.sealed)}  seals 1  MISSING" in capsys.readouterr().out


def test_only_keys_that_seal_nothing_for_a_while_are_dropped(
    own_keys: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stored("kept", "value")
    first = sealing.key_ring().current
    second = str(said(capsys, "rotate")["key"])

    assert said(capsys, "drop-keys") == {"dropped": []}

    os.utime(own_keys / second, (0, 0))
    assert said(capsys, "drop-keys") == {"dropped": [first]}
    assert sealing.unseal(Secret.objects.get().sealed) == "value"


def test_the_command_prints_a_key_that_the_setting_takes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from studio.setup import env

    assert env.seal_keys(f"a:{said(capsys, 'new-key')['key']}")


def test_a_refusal_is_a_sentence(own_keys: Path) -> None:
    sealing.seal("x")
    own_keys.joinpath("0009-x").write_text("nonsense")

    with pytest.raises(CommandError, match="0009-x cannot be used"):
        call_command("treadle", "secrets", "rotate")
