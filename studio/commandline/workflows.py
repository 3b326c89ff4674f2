"""`treadle validate`, `export`, `import` and `examples`."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from studio.actions import documents
from studio.actions import workflows as actions
from studio.actions.errors import ActionError
from studio.actions.examples import install_examples
from studio.actions.exporting import export_workflow
from studio.commandline import subject, terminal
from studio.journal import codec


def add_validate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("workflow", metavar="WORKFLOW", help="a JSON or YAML file, a key or an id")
    parser.add_argument("--json", action="store_true", help="print JSON")


def validate(options: argparse.Namespace) -> int:
    """0: it can be published, warnings or not; 1: it has errors."""
    if subject.is_file(options.workflow):
        document = subject.document_in(Path(options.workflow))
    else:
        user = subject.user_named(None)
        document = codec.decode(subject.workflow_named(options.workflow, user).draft)
    problems = _problems(document)
    if options.json:
        terminal.say_json({"problems": problems})
    else:
        _print_problems(problems)
    return 1 if any(problem["severity"] == "error" for problem in problems) else 0


def _problems(document: dict[str, Any]) -> list[dict[str, Any]]:
    try:
        return actions.problems(documents.checked_values(document))
    except ActionError as error:
        return [{**detail, "severity": "error"} for detail in error.details]


def _print_problems(problems: list[dict[str, Any]]) -> None:
    for problem in problems:
        terminal.say(f"{problem['severity']}: {problem['pointer'] or '/'}: {problem['message']}")
        if problem.get("hint"):
            terminal.say(f"    {problem['hint']}")
    if not problems:
        terminal.say("No problems.")


def add_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("workflow", metavar="WORKFLOW", help="a key or an id")
    parser.add_argument("--version", type=int, default=None, help="a published one, not the draft")
    parser.add_argument("--format", choices=("json", "yaml"), default="json")
    parser.add_argument("--output", metavar="FILE", default=None, help="instead of printing it")
    parser.add_argument("--user", default=None, help="as whom; default: the administrator")


def export(options: argparse.Namespace) -> int:
    workflow = subject.workflow_named(options.workflow, subject.user_named(options.user))
    version = None
    if options.version is not None:
        version = workflow.versions.filter(number=options.version).first()
        if version is None:
            raise CommandError(f"{workflow.key} has no version {options.version}.")
    text = export_workflow(workflow=workflow, version=version, format=options.format)
    if options.output is None:
        terminal.say(text.rstrip("\n"))
        return 0
    try:
        Path(options.output).write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{options.output}: {error.strerror}") from error
    return 0


def add_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a JSON or YAML document")
    parser.add_argument("--user", default=None, help="whose it becomes; default: the administrator")
    parser.add_argument("--publish", action="store_true", help="publish it as version 1")
    parser.add_argument("--json", action="store_true", help="print JSON")


def import_(options: argparse.Namespace) -> int:
    user = subject.user_named(options.user)
    document = subject.document_in(Path(options.file))
    workflow = actions.create_workflow(user=user, document=document, keeps_key=True)
    version = actions.publish(user=user, workflow=workflow) if options.publish else None
    if options.json:
        number = version.number if version else None
        terminal.say_json({"id": str(workflow.public_id), "key": workflow.key, "published": number})
    else:
        state = f"published as version {version.number}" if version else "not published yet"
        terminal.say(f"{workflow.key} ({workflow.name}), {state}")
    return 0


def add_examples(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


def examples(options: argparse.Namespace) -> int:
    installed = install_examples()
    if options.json:
        terminal.say_json([{"key": each.key, "name": each.name} for each in installed])
    else:
        for each in installed:
            terminal.say(f"{each.key}: {each.name}")
    return 0
