import type { RunEvent } from "../live/events";
import type { GraphDocument } from "../model/document";
import { type Decision, readDecisions, readError, readNumber, readOps, readText } from "./payloads";
import { cameWords, opened, sentWords, withKey } from "./waitWords";

/** Milliseconds as a person reads them: `0.4 ms`, `123 ms`, `1.2 s`, `3 min 04 s`, `2 h 05 min`. */
export function duration(ms: number): string {
  if (ms < 1) return `${Math.max(0, ms).toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

/** Time of day with milliseconds, in the reader's own zone. */
export function clock(ts: string): string {
  const date = new Date(ts);
  if (Number.isNaN(date.getTime())) return ts;
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two);
  return `${parts.join(":")}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

/** Time since the run began, as on a stopwatch: `00:05.2`, `1:02:03.4`. */
export function offset(ms: number): string {
  const tenths = Math.max(0, Math.floor(ms / 100));
  const seconds = Math.floor(tenths / 10);
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${tenths % 10}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** `1 step`, `2 steps`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** A size in bytes: `812 B`, `64 KiB`, `2.1 MiB`. */
export function bytes(size: number): string {
  if (size < 1024) return `${size} B`;
  if (size < 1024 * 1024) return `${Math.round(size / 1024)} KiB`;
  return `${(size / 1024 / 1024).toFixed(1)} MiB`;
}

const SHORT = 60;

/** A JSON value on one line, cut to about sixty characters. */
export function brief(value: unknown, limit = SHORT): string {
  if (Array.isArray(value) && value.length > 8) return `[${plural(value.length, "item")}]`;
  const text = value === undefined ? "nothing" : (JSON.stringify(value) ?? "nothing");
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}

/** What a node is called on the page. */
export function titleOf(document: GraphDocument, node: string): string {
  return document.nodes[node]?.title || node;
}

/** A decision in words: `quality_ok == false is true (quality_ok = false)`. */
export function decisionInWords(decision: Decision): string {
  const { when, values, taken, reason } = decision;
  if (!when) return reason ?? (taken ? "always taken" : "not taken");
  const told = Object.entries(values).map(([name, value]) => `${name} = ${brief(value)}`);
  const because = told.length > 0 ? ` (${told.join(", ")})` : "";
  const said = `${when} is ${taken ? "true" : "false"}${because}`;
  return reason && reason !== when ? `${said}; ${reason}` : said;
}

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

type Tell = (event: RunEvent) => Line;

const say = (level: Level, text: string): Line => ({ level, text });

const TELL: Readonly<Record<string, Tell>> = {
  log: ({ data }) => ({
    level: LEVELS[String(data.level ?? "info").toLowerCase()] ?? "info",
    text: readText(data.message) ?? "",
  }),
  progress: ({ data }) => say("info", progressWords(data)),
  truncated: ({ data }) => say("warning", truncatedWords(data)),
  warning: ({ data }) => say("warning", withCode(data.code, data.message)),
  "run.created": ({ data }) => say("info", createdWords(data)),
  "run.claimed": ({ data }) => say("debug", `Picked up${by(data.owner)}`),
  "run.resumed": () => say("info", "Run resumed"),
  "run.forked": ({ data }) => say("info", forkWords(data)),
  "run.waiting": () => say("debug", "Parked: it goes on when what it waits for comes"),
  "run.moved": ({ data }) => say("info", movedWords(data)),
  "run.paused": ({ data }) => say("warning", `Run paused${because(data)}`),
  "run.cancel_requested": ({ data }) =>
    say("warning", `Cancel asked for${by(data.by)}${because(data)}`),
  "run.completed": () => say("info", "Run completed"),
  "run.failed": ({ data }) => say("error", `Run failed: ${errorWords(data.error)}`),
  "run.cancelled": ({ data }) => say("warning", `Run cancelled${because(data)}`),
  "attempt.started": ({ att }) =>
    say("debug", att !== null && att > 1 ? `Started, try ${att}` : "Started"),
  "attempt.succeeded": (event) => say("info", succeeded(event)),
  "attempt.failed": ({ data }) => failed(data),
  "attempt.timed_out": ({ data }) => timedOut(data),
  "attempt.cancelled": ({ data }) => say("warning", `Cancelled${because(data)}`),
  "attempt.lost": ({ data }) => say(data.error ? "error" : "warning", lossWords(data)),
  "attempt.late_result": () => say("warning", "A late result came in and was not used"),
  "child.started": ({ data }) => say("info", childStarted(data)),
  "child.ended": ({ data }) =>
    say(
      data.status === "completed" ? "info" : "warning",
      data.status === "refused"
        ? `Its run could not be started: ${errorWords(data.error)}`
        : `Its run ended: ${readText(data.status) ?? "done"}`,
    ),
  "child.dropped": () => say("warning", "Its run is cancelled: nobody waits for it any more"),
  "edges.taken": ({ data }) => say("info", ["Found a way on", ...taken(data)].join("; ")),
  "map.started": ({ data }) =>
    say("debug", `Took a list of ${plural(readNumber(data.count) ?? 0, "item")}`),
  "wait.opened": ({ data }) => say("info", opened(data)),
  "wait.closed": ({ data }) => say("info", cameWords(data)),
  "signal.received": ({ data }) =>
    say("info", `Signal ${readText(data.name) ?? ""}${withKey(data)}${by(data.by)}`),
  "signal.emitted": ({ data }) => say("info", sentWords(data)),
  "tokens.withdrawn": ({ data }) => say("debug", withdrawalWords(data)),
  "join.fired": ({ data }) => say("debug", `Join fired${edgeList(data.edges)}`),
  "join.forced": ({ data }) =>
    say("warning", `Join forced at the end of its branch${edgeList(data.edges)}`),
};

/** Word an event for the log. Kinds this page does not know are named as they are. */
export function describe(event: RunEvent): Line {
  const tell = Object.hasOwn(TELL, event.k) ? TELL[event.k] : undefined;
  return tell ? tell(event) : say("debug", event.k);
}

function movedWords(data: RunEvent["data"]): string {
  const number = readNumber(data.number);
  return `Moved to ${number === null ? "a draft" : `version ${number}`}${by(data.by)}`;
}

function createdWords(data: RunEvent["data"]): string {
  const start = readText(data.start);
  const until = readText(data.until);
  const ends = [...(start ? [`from ${start}`] : []), ...(until ? [`to ${until}`] : [])];
  return ends.length > 0 ? `Run created for a part: ${ends.join(" ")}` : "Run created";
}

function succeeded(event: RunEvent): string {
  const ms = readNumber(event.data.ms);
  const keys = [...new Set(readOps(event.data).map((op) => op.key))];
  const parts = [
    ms === null ? "Done" : `Done in ${duration(ms)}`,
    ...(keys.length > 0 ? [`wrote ${keys.join(", ")}`] : []),
    ...taken(event.data),
  ];
  return parts.join("; ");
}

function childStarted(data: RunEvent["data"]): string {
  const workflow = readText(data.workflow);
  const item = readNumber(data.item);
  const run = workflow ? `a run of ${workflow}` : "a run";
  const what = item === null ? run : `${run} for item ${item}`;
  return data.resumes ? `Lets ${what} go on` : `Started ${what}`;
}

function taken(data: RunEvent["data"]): string[] {
  return readDecisions(data)
    .filter((each) => each.taken && each.when)
    .map((each) => `because ${decisionInWords(each)}`);
}

function forkWords({ run, seq }: RunEvent["data"]): string {
  const after = readNumber(seq);
  return `Forked from run ${readText(run) ?? "another run"}${after === null ? "" : ` after event ${after}`}`;
}

function withdrawalWords(data: RunEvent["data"]): string {
  return data.orphan
    ? "Its branch has lost a race and ends here: nobody is asked or waited for"
    : "The branches that it cancels were withdrawn";
}

function failed(data: RunEvent["data"]): Line {
  const told = errorWords(data.error);
  if (!data.retry_at) return say("error", `Failed: ${told}`);
  return say("warning", `Failed: ${told}. Next try${nextTry(data.retry_at)}`);
}

function timedOut(data: RunEvent["data"]): Line {
  const told = data.error ? `Timed out: ${errorWords(data.error)}` : `Timed out${because(data)}`;
  if (!data.retry_at) return say("error", told);
  return say("warning", `${told}. Next try${nextTry(data.retry_at)}`);
}

/** `retry_at` is in seconds since 1970. */
function nextTry(at: unknown): string {
  const seconds = readNumber(at);
  return seconds === null ? " follows" : ` at ${clock(new Date(seconds * 1000).toISOString())}`;
}

function lossWords(data: RunEvent["data"]): string {
  if (data.unknown) return "Lost with its worker; what it did is not known, somebody must decide";
  return data.error
    ? `Lost with its worker: ${errorWords(data.error)}`
    : "Lost with its worker; it is tried again";
}

function progressWords(data: RunEvent["data"]): string {
  const done = readNumber(data.done);
  const total = readNumber(data.total);
  const note = readText(data.note);
  const share = done === null ? "Progress" : total === null ? `${done}` : `${done} of ${total}`;
  return note ? `${share}: ${note}` : share;
}

function truncatedWords(data: RunEvent["data"]): string {
  const limit = readNumber(data.limit);
  const size = limit === null ? "more than is kept" : `over ${Math.round(limit / 1_048_576)} MiB`;
  return `Wrote ${size} in this try: what came after it is missing here`;
}

function errorWords(raw: unknown): string {
  const error = readError(raw);
  return error ? withCode(error.code, error.message) : "no reason given";
}

function withCode(code: unknown, message: unknown): string {
  const told = [readText(code), readText(message)].filter((part) => part !== null);
  return [...new Set(told)].join(": ");
}

function by(who: unknown): string {
  const name = readText(who);
  return name ? ` by ${name}` : "";
}

function because(data: RunEvent["data"]): string {
  const reason = readText(data.reason) ?? readText(data.code);
  return reason ? `: ${reason}` : "";
}

function edgeList(edges: unknown): string {
  return Array.isArray(edges) && edges.length > 0 ? ` with ${edges.join(", ")}` : "";
}
