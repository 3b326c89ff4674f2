"""What `manage.py treadle` and `manage.py up` do. The commands themselves only parse and call."""

import argparse
from collections.abc import Callable

from studio.commandline import (
    accounts,
    comparing,
    control,
    reviewing,
    running,
    secrets,
    shuffling,
    steering,
    triggers,
    workflows,
)

Add = Callable[[argparse.ArgumentParser], None]
Run = Callable[[argparse.Namespace], int]

SUBCOMMANDS: dict[str, tuple[str, Add, Run]] = {
    "run": ("Run a workflow and print its end state.", running.add, running.run),
    "shuffle": (
        "Run a workflow in many orders and say whether the result depends on timing.",
        shuffling.add,
        shuffling.run,
    ),
    "pause": ("Let a run start nothing new.", control.add_pause, control.pause),
    "resume": ("Let a paused run go on.", control.add_going_on, control.resume),
    "retry": ("Try what failed in a run again.", control.add_going_on, control.retry),
    "cancel": ("Ask a run to end.", control.add_pause, control.cancel),
    "move": (
        "Let a paused or failed run go on by another version.",
        steering.add_move,
        steering.move,
    ),
    "fork": (
        "Start a run that goes on from an event of another one.",
        steering.add_fork,
        steering.fork,
    ),
    "explain": (
        "Say what a run waits for, and why an edge was taken or not.",
        steering.add_explain,
        steering.explain_run,
    ),
    "compare": (
        "Say where two runs part and what differs.",
        steering.add_compare,
        steering.compare_runs,
    ),
    "review": ("Review Python files and folders.", reviewing.add, reviewing.run),
    "validate": (
        "Check a workflow document and print every problem.",
        workflows.add_validate,
        workflows.validate,
    ),
    "diff": ("Tell what two versions of a workflow do differently.", comparing.add, comparing.run),
    "export": ("Print a workflow as JSON or YAML.", workflows.add_export, workflows.export),
    "import": ("Make a workflow from a file.", workflows.add_import, workflows.import_),
    "examples": (
        "Install or update the shipped workflows.",
        workflows.add_examples,
        workflows.examples,
    ),
    "token": ("Make a bearer token for a program.", accounts.add_token, accounts.token),
    "secrets": ("Replace the keys that seal secrets.", secrets.add, secrets.run),
    "schedules": ("List what starts runs by the clock.", triggers.add, triggers.schedules),
    "webhooks": ("List the addresses that start runs.", triggers.add, triggers.webhooks),
    "sign-in": ("Make a one-time sign-in link.", accounts.add_sign_in, accounts.sign_in),
}
"""Name: what it is for, what adds its arguments, what does it and returns the exit code."""
