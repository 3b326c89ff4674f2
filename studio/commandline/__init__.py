"""What `manage.py treadle` and `manage.py up` do. The commands themselves only parse and call."""

import argparse
from collections.abc import Callable

from studio.commandline import (
    accounts,
    comparing,
    control,
    keeping,
    outcomes,
    reviewing,
    running,
    secrets,
    sharing,
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
    "keep": (
        "Keep a run whatever the rule of its workflow says.",
        keeping.add_run,
        keeping.keep,
    ),
    "release": ("Leave a kept run to the rule again.", keeping.add_run, keeping.release),
    "retention": ("Say which runs of a workflow are kept.", keeping.add_rule, keeping.rule),
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
    "outcomes": (
        "List the calls that were cut and must not be made twice.",
        outcomes.add_list,
        outcomes.list_outcomes,
    ),
    "decide": (
        "Say what became of such a call: adopt, done, retry, skip or fail.",
        outcomes.add_decide,
        outcomes.decide,
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
    "share": (
        "Share a workflow with a person or a group, and list with whom it is.",
        sharing.add_share,
        sharing.share,
    ),
    "role": ("Say or set what an account may at most.", sharing.add_role, sharing.role),
    "sign-in": ("Make a one-time sign-in link.", accounts.add_sign_in, accounts.sign_in),
}
"""Name: what it is for, what adds its arguments, what does it and returns the exit code."""
