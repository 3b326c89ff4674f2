"""`treadle secrets …`: the keys that seal what must not stand readable in the database."""

import argparse

from django.core.management.base import CommandError

from studio.actions import rotation
from studio.commandline import terminal
from studio.seals import sealing
from studio.seals.sealed_columns import seals_by_key

VERBS = ("rotate", "drop-keys", "keys", "new-key")


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "verb",
        choices=VERBS,
        help="rotate: seal everything under a new key; drop-keys: delete keys that seal nothing "
        "any more; keys: list them; new-key: print a key for TREADLE_SEAL_KEYS",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    try:
        return _VERBS[options.verb](options)
    except sealing.SealingError as error:
        raise CommandError(str(error)) from error


def _rotate(options: argparse.Namespace) -> int:
    done = rotation.rotate()
    if options.json:
        terminal.say_json(
            {"key": done.key, "resealed": done.resealed, "unreadable": done.unreadable}
        )
    else:
        terminal.say(f"{done.resealed} sealed anew with the key {done.key}")
    if done.unreadable:
        terminal.complain(f"{done.unreadable} could not be read: their keys are missing.")
    return 1 if done.unreadable else 0


def _drop(options: argparse.Namespace) -> int:
    dropped = rotation.drop_unused()
    if options.json:
        terminal.say_json({"dropped": dropped})
    else:
        terminal.say("\n".join(f"dropped {key}" for key in dropped) or "nothing to drop")
    return 0


def _keys(options: argparse.Namespace) -> int:
    ring, used = sealing.key_ring(), seals_by_key()
    listed = [
        {
            "key": key,
            "seals": used[key],
            "current": key == ring.current,
            "present": key in ring.keys,
        }
        for key in [*ring.keys, *sorted(set(used) - set(ring.keys))]
    ]
    if options.json:
        terminal.say_json({"keys": listed})
    else:
        for row in listed:
            note = "  current" if row["current"] else "" if row["present"] else "  MISSING"
            terminal.say(f"{row['key']}  seals {row['seals']}{note}")
    return 0


def _new_key(options: argparse.Namespace) -> int:
    terminal.say_json({"key": sealing.new_key()}) if options.json else terminal.say(
        sealing.new_key()
    )
    return 0


_VERBS = {"rotate": _rotate, "drop-keys": _drop, "keys": _keys, "new-key": _new_key}
