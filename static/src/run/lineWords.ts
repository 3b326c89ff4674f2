/** The journal's events as lines of the log. */

import type { RunEvent } from "../live/events";
import { t, tn } from "../words/t";
import type { Names } from "./names";
import { isUnknown, readDecisions, readError, readNumber, readOps, readText } from "./payloads";
import { statusWord } from "./statusWords";
import { cameWords, opened, sentWords, signalWords } from "./waitWords";
import { clock, decisionInWords, duration } from "./words";

export type Level = "debug" | "info" | "warning" | "error";

/** One event as a line of the log. */
export interface Line {
  readonly level: Level;
  readonly text: string;
}

const LEVELS: Readonly<Record<string, Level>> = {
  debug: "debug",
  info: "info",
  warning: "warning",
  warn: "warning",
  error: "error",
  critical: "error",
};

type Tell = (event: RunEvent, names: Names) => Line;

const say = (level: Level, text: string): Line => ({ level, text });

const TELL: Readonly<Record<string, Tell>> = {
  log: ({ data }) => ({
    level: LEVELS[String(data.level ?? "info").toLowerCase()] ?? "info",
    text: readText(data.message) ?? "",
  }),
  progress: ({ data }) => say("info", progressWords(data)),
  truncated: ({ data }) => say("warning", truncatedWords(data)),
  warning: ({ data }) => say("warning", withCode(data.code, data.message)),
  "run.created": ({ data }, names) => say("info", createdWords(data, names)),
  "run.claimed": ({ data }) => say("debug", by(t("Picked up"), data.owner)),
  "run.resumed": () => say("info", t("Run resumed")),
  "run.forked": ({ data }) => say("info", forkWords(data)),
  "run.waiting": () => say("debug", t("Parked: it goes on when what it waits for comes")),
  "run.moved": ({ data }) => say("info", movedWords(data)),
  "run.paused": ({ data }) => say("warning", because(t("Run paused"), data)),
  "run.cancel_requested": ({ data }) =>
    say("warning", because(by(t("Cancel asked for"), data.by), data)),
  "run.completed": () => say("info", t("Run completed")),
  "run.failed": ({ data }) =>
    say("error", t("Run failed: {error}", { error: errorWords(data.error) })),
  "run.cancelled": ({ data }) => say("warning", because(t("Run cancelled"), data)),
  "attempt.started": ({ att }) =>
    say("debug", att !== null && att > 1 ? t("Started, try {att}", { att }) : t("Started")),
  "attempt.succeeded": (event) => say("info", succeeded(event)),
  "attempt.failed": ({ data }) => failed(data),
  "attempt.timed_out": ({ data }) => timedOut(data),
  "attempt.cancelled": ({ data }) => say("warning", because(t("Cancelled"), data)),
  "attempt.lost": ({ data }) => say(data.error ? "error" : "warning", lossWords(data)),
  "attempt.late_result": ({ data }) =>
    say(
      "warning",
      data.fence === undefined
        ? t("A late result came in and was not used")
        : t("A late result came in and was kept"),
    ),
  "outcome.decided": ({ data }) => say("info", decidedWords(data)),
  "child.started": ({ data }) => say("info", childStarted(data)),
  "child.ended": ({ data }) =>
    say(
      data.status === "completed" ? "info" : "warning",
      data.status === "refused"
        ? t("Its run could not be started: {error}", { error: errorWords(data.error) })
        : t("Its run ended: {status}", { status: statusWord(readText(data.status) ?? "ok") }),
    ),
  "child.dropped": () => say("warning", t("Its run is cancelled: nobody waits for it any more")),
  "edges.taken": ({ data }) => say("info", [t("Found a way on"), ...taken(data)].join("; ")),
  "map.started": ({ data }) =>
    say(
      "debug",
      tn(
        "Took a list of {count} item",
        "Took a list of {count} items",
        readNumber(data.count) ?? 0,
      ),
    ),
  "wait.opened": ({ data }) => say("info", opened(data)),
  "wait.closed": ({ data }) => say("info", cameWords(data)),
  "signal.received": ({ data }) =>
    say("info", by(t("Signal {signal}", { signal: signalWords(data) }), data.by)),
  "signal.emitted": ({ data }) => say("info", sentWords(data)),
  "tokens.withdrawn": ({ data }) => say("debug", withdrawalWords(data)),
  "join.fired": ({ data }, names) => say("debug", joined(t("Join fired"), data.edges, names)),
  "join.forced": ({ data }, names) =>
    say("warning", joined(t("Join forced at the end of its branch"), data.edges, names)),
};

/** Word an event for the log. Kinds this page does not know are named as they are. */
export function describe(event: RunEvent, names: Names): Line {
  const tell = Object.hasOwn(TELL, event.k) ? TELL[event.k] : undefined;
  return tell ? tell(event, names) : say("debug", event.k);
}

function movedWords(data: RunEvent["data"]): string {
  const number = readNumber(data.number);
  const to =
    number === null
      ? t("Moved to a draft")
      : t("Moved to version {number}", { number: String(number) });
  return by(to, data.by);
}

function createdWords(data: RunEvent["data"], names: Names): string {
  const [start, until] = [data.start, data.until].map((node) => {
    const id = readText(node);
    return id && names.step(id);
  });
  if (start && until) return t("Run created for a part: from {start} to {until}", { start, until });
  if (start) return t("Run created for a part: from {start}", { start });
  return until ? t("Run created for a part: to {until}", { until }) : t("Run created");
}

function succeeded(event: RunEvent): string {
  const ms = readNumber(event.data.ms);
  const keys = [...new Set(readOps(event.data).map((op) => op.key))];
  const parts = [
    ms === null ? t("Done") : t("Done in {time}", { time: duration(ms) }),
    ...(keys.length > 0 ? [t("wrote {keys}", { keys: keys.join(", ") })] : []),
    ...taken(event.data),
  ];
  return parts.join("; ");
}

function childStarted(data: RunEvent["data"]): string {
  const workflow = readText(data.workflow);
  const item = readNumber(data.item);
  const run = workflow ? t("a run of {workflow}", { workflow }) : t("a run");
  const what = item === null ? run : t("{run} for item {item}", { run, item: String(item) });
  return data.resumes ? t("Lets {run} go on", { run: what }) : t("Started {run}", { run: what });
}

function taken(data: RunEvent["data"]): string[] {
  return readDecisions(data)
    .filter((each) => each.taken && each.when)
    .map((each) => t("because {decision}", { decision: decisionInWords(each) }));
}

function forkWords({ run, seq }: RunEvent["data"]): string {
  const after = readNumber(seq);
  const from = readText(run) ?? t("another run");
  return after === null
    ? t("Forked from run {run}", { run: from })
    : t("Forked from run {run} after event {event}", { run: from, event: String(after) });
}

function withdrawalWords(data: RunEvent["data"]): string {
  return data.orphan
    ? t("Its branch has lost a race and ends here: nobody is asked or waited for")
    : t("The branches that it cancels were withdrawn");
}

function failed(data: RunEvent["data"]): Line {
  const told = errorWords(data.error);
  if (!data.retry_at) return say("error", t("Failed: {told}", { told }));
  return say("warning", nextTry(t("Failed: {told}", { told }), data.retry_at));
}

function timedOut(data: RunEvent["data"]): Line {
  const told = data.error
    ? t("Timed out: {error}", { error: errorWords(data.error) })
    : because(t("Timed out"), data);
  if (!data.retry_at) return say("error", told);
  return say("warning", nextTry(told, data.retry_at));
}

/** `retry_at` is in seconds since 1970. */
function nextTry(told: string, at: unknown): string {
  const seconds = readNumber(at);
  if (seconds === null) return t("{what}. Next try follows", { what: told });
  const time = clock(new Date(seconds * 1000).toISOString());
  return t("{what}. Next try at {time}", { what: told, time });
}

function lossWords(data: RunEvent["data"]): string {
  if (isUnknown(data))
    return t("Lost with its worker; what it did is not known, somebody must decide");
  return data.error
    ? t("Lost with its worker: {error}", { error: errorWords(data.error) })
    : t("Lost with its worker; it is tried again");
}

const CHOICES: Readonly<Record<string, string>> = {
  adopt: t("what it brought too late counts"),
  done: t("it is done, with an output given by hand"),
  retry: t("it is called again"),
  skip: t("it is skipped"),
  fail: t("it failed"),
};

function decidedWords(data: RunEvent["data"]): string {
  const choice = readText(data.choice) ?? "";
  const item = readNumber(data.item);
  const note = readText(data.note);
  const words = `${by(t("Decided"), data.by)}: ${CHOICES[choice] ?? choice}${note ? ` (${note})` : ""}`;
  return item === null ? words : t("Item {item}: {words}", { item: String(item), words });
}

function progressWords(data: RunEvent["data"]): string {
  const done = readNumber(data.done);
  const total = readNumber(data.total);
  const note = readText(data.note);
  const share =
    done === null
      ? t("Progress")
      : total === null
        ? `${done}`
        : t("{n} of {total}", { n: done, total });
  return note ? `${share}: ${note}` : share;
}

function truncatedWords(data: RunEvent["data"]): string {
  const limit = readNumber(data.limit);
  return limit === null
    ? t("Wrote more than is kept in this try: what came after it is missing here")
    : t("Wrote over {n} MiB in this try: what came after it is missing here", {
        n: Math.round(limit / 1_048_576),
      });
}

function errorWords(raw: unknown): string {
  const error = readError(raw);
  return error ? withCode(error.code, error.message) : t("no reason given");
}

function withCode(code: unknown, message: unknown): string {
  const told = [readText(code), readText(message)].filter((part) => part !== null);
  return [...new Set(told)].join(": ");
}

function by(what: string, who: unknown): string {
  const name = readText(who);
  return name ? t("{what} by {name}", { what, name }) : what;
}

function because(what: string, data: RunEvent["data"]): string {
  const reason = readText(data.reason) ?? readText(data.code);
  return reason ? `${what}: ${reason}` : what;
}

/** The edges whose tokens a join took, by the steps that they come from. */
function joined(what: string, edges: unknown, names: Names): string {
  if (!Array.isArray(edges) || edges.length === 0) return what;
  const steps = edges.map((edge) => names.before(String(edge))).join(", ");
  return t("{what} with {edges}", { what, edges: steps });
}
