"""`treadle outcomes|decide`: calls that were cut and must not be made twice, and what became of
them."""

import argparse
import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from engine.policies import OutcomeChoice
from studio.actions import outcomes as actions
from studio.commandline import subject, terminal
from studio.execution import dispatch
from studio.queries import outcomes as queries
from studio.queries.items import Item

MOST = 200


def add_list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "run_id", metavar="RUN", nargs="?", help="all that is known of the calls of this run"
    )
    _add_who(parser)


def add_decide(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("outcome_id", metavar="OUTCOME", help="the call, as `outcomes` names it")
    parser.add_argument("choice", choices=[choice.value for choice in OutcomeChoice])
    parser.add_argument(
        "--output", metavar="JSON|@FILE", help="with done: what the tool would have returned"
    )
    parser.add_argument("--note", default="", help="why; kept in the journal")
    _add_who(parser)


def _add_who(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--user", default=None, help="who asks; default: the administrator")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def list_outcomes(options: argparse.Namespace) -> int:
    user = subject.user_named(options.user)
    if options.run_id is None:
        rows = queries.undecided(user).order_by("-id")
        items = queries.brief_items(list(rows[:MOST]))
        if rows.count() > MOST and not options.json:
            terminal.complain(f"These are the newest {MOST}; decide some to see the others.")
    else:
        run = subject.run_named(options.run_id, user)
        items = [queries.item(each) for each in queries.look_at_all(queries.of_run(user, run))]
    if options.json:
        terminal.say_json({"items": items})
        return 0
    for item in items:
        terminal.say(_line(item))
    if not items:
        terminal.say("Nobody has to decide about any call.")
    return 0


def _line(item: Item) -> str:
    of = "" if item["item"] is None else f" item {item['item']}"
    said = item.get("decided")
    state = said["choice"] if said else ("late result" if item["late"] else "undecided")
    name = item["workflow"]["name"]
    return f"{item['id']}  {name}: {item['node']}{of}  lost {item['lost_at']}  {state}"


def decide(options: argparse.Namespace) -> int:
    dispatch.use(dispatch.Nobody())
    user = subject.user_named(options.user)
    wait = queries.by_id(user, options.outcome_id)
    if wait is None:
        raise CommandError(
            f"There is no call of unknown outcome {options.outcome_id!r}: give an id that"
            " `treadle outcomes` prints."
        )
    run = actions.decide_outcome(
        user=user,
        wait=wait,
        choice=OutcomeChoice(options.choice),
        output=actions.NOTHING if options.output is None else _output(options.output),
        note=options.note,
    )
    if options.json:
        terminal.say_json(queries.item(queries.look(wait)))
    else:
        terminal.say(f"run {run.public_id} {run.status}")
    return 0


def _output(argument: str) -> Any:
    text = subject.text_of(Path(argument[1:])) if argument.startswith("@") else argument
    try:
        return json.loads(text)
    except ValueError as error:
        raise CommandError(f"--output is not JSON: {error}. Write JSON or @file.json.") from error
    except RecursionError:
        raise CommandError("--output is nested too deeply.") from None
