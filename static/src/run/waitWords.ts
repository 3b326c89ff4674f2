/** What a run waits for, and what came, in the words of its log. */
import type { RunEvent } from "../live/events";
import { nearMomentWords } from "../live/moments";
import { readNumber, readText } from "./payloads";

type Data = RunEvent["data"];

/** `Waits for the signal payment or until 10:00:00`: everything that may come first. */
export function opened(data: Data): string {
  const waits = Array.isArray(data.waits) ? data.waits.map(waitWords) : [];
  return waits.length > 0 ? `Waits ${waits.join(" or ")}` : "Waits";
}

/** The events that opened what is still waited for, oldest first. */
export function openWaits(events: readonly RunEvent[]): RunEvent[] {
  const open = new Map<number | null, RunEvent>();
  for (const event of events) {
    if (event.k === "wait.opened") open.set(event.act, event);
    else if (event.k === "wait.closed") open.delete(event.act);
    const gone = event.data.withdrawn;
    if (Array.isArray(gone)) for (const act of gone) open.delete(act);
  }
  return [...open.values()];
}

/** Whether a person can end this wait. */
export function asksPeople(data: Data): boolean {
  return (
    Array.isArray(data.waits) && data.waits.some((wait) => isData(wait) && wait.kind === "human")
  );
}

function waitWords(wait: unknown): string {
  if (!isData(wait)) return "for something";
  const due = readNumber(wait.due);
  const until = due === null ? "" : `until ${moment(due)}`;
  if (wait.kind === "timer") return until || "for a time";
  if (wait.kind === "signal") return `for the signal ${readText(wait.name) ?? ""}${withKey(wait)}`;
  return [`for an answer of ${people(wait.assignees)}`, until].filter(Boolean).join(" ");
}

function people(assignees: unknown): string {
  const { users, group } = isData(assignees) ? assignees : ({} as Data);
  const names = Array.isArray(users) ? users.map(String) : [];
  const name = readText(group);
  return [...names, ...(name ? [`the group ${name}`] : [])].join(", ") || "a person";
}

/** What came, who brought it, and by which of several alternatives the run goes on. */
export function cameWords(data: Data): string {
  const who = readText(data.by);
  const by = who ? ` by ${who}` : "";
  const told: Readonly<Record<string, string>> = {
    fired: "Its time has come",
    timeout: "Nobody answered in time",
    answered: `Answered${by}`,
    received: `Took the signal ${readText(data.name) ?? ""}${withKey(data)}${by}`,
  };
  const said = told[String(data.how)] ?? "What it waited for came";
  const on = readText(data.on);
  return on ? `${said}; goes on by ${on}` : said;
}

/** What a step sent, and where it went. */
export function sentWords(data: Data): string {
  const where: Readonly<Record<string, string>> = {
    run: ", to this run",
    runs: ", to whichever run waits for it",
    nobody: ", which nobody waited for",
  };
  return `Sent the signal ${readText(data.name) ?? ""}${withKey(data)}${where[String(data.to)] ?? ""}`;
}

/** The key of a signal, if it has one. */
export function withKey(data: Data): string {
  return data.key === undefined || data.key === null
    ? ""
    : ` with the key ${JSON.stringify(data.key)}`;
}

function moment(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? "some time" : nearMomentWords(date);
}

function isData(value: unknown): value is Data {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
