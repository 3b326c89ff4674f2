/** What a run waits for, and what came, in the words of its log. */
import type { RunEvent } from "../live/events";
import { nearMomentWords } from "../live/moments";
import { t, tp } from "../words/t";
import { stillOpen } from "./growing";
import { readNumber, readText } from "./payloads";

type Data = RunEvent["data"];

/** `Waits for the signal payment or until 10:00:00`: everything that may come first. */
export function opened(data: Data): string {
  const what = waitedFor(data);
  return ofItem(data, what ? t("Waits {what}", { what }) : tp("a step", "Waits"));
}

/** `for the signal payment or until 10:00:00`; empty where the journal does not say. */
export function waitedFor(data: Data): string {
  return Array.isArray(data.waits) ? data.waits.map(waitWords).join(t(" or ")) : "";
}

/** The events that opened what is still waited for, oldest first. */
export const openWaits = stillOpen((open, event) => {
  if (event.k === "wait.opened") open.set(event.act, event);
  else if (event.k === "wait.closed") open.delete(event.act);
});

/** Whether a person can end this wait. */
export function asksPeople(data: Data): boolean {
  return (
    Array.isArray(data.waits) && data.waits.some((wait) => isData(wait) && wait.kind === "human")
  );
}

function waitWords(wait: unknown): string {
  if (!isData(wait)) return t("for something");
  const due = readNumber(wait.due);
  const until = due === null ? "" : t("until {due}", { due: moment(due) });
  if (wait.kind === "timer") return until || t("for a time");
  if (wait.kind === "signal") return t("for the signal {signal}", { signal: signalWords(wait) });
  const asked = people(wait.assignees);
  return until
    ? t("for an answer of {people} {until}", { people: asked, until })
    : t("for an answer of {people}", { people: asked });
}

function people(assignees: unknown): string {
  const { users, group } = isData(assignees) ? assignees : ({} as Data);
  const names = Array.isArray(users) ? users.map(String) : [];
  const name = readText(group);
  return (
    [...names, ...(name ? [t("the group {group}", { group: name })] : [])].join(", ") ||
    t("a person")
  );
}

/** What came, who brought it, and by which of several alternatives the run goes on. */
export function cameWords(data: Data): string {
  const who = readText(data.by);
  const told: Readonly<Record<string, string>> = {
    fired: t("Its time has come"),
    timeout: t("Nobody answered in time"),
    dropped: t("The answer is not needed any more"),
    answered: t("Answered"),
    received: t("Took the signal {signal}", { signal: signalWords(data) }),
  };
  const what = told[String(data.how)] ?? t("What it waited for came");
  const named = who && ["answered", "received"].includes(String(data.how));
  const said = named ? t("{what} by {name}", { what, name: who }) : what;
  const on = readText(data.on);
  return ofItem(data, on ? t("{what}; goes on by {way}", { what: said, way: on }) : said);
}

/** The words about an item of a map name it. */
function ofItem(data: Data, words: string): string {
  const item = readNumber(data.item);
  return item === null ? words : t("Item {item}: {words}", { item: String(item), words });
}

/** What a step sent, and where it went. */
export function sentWords(data: Data): string {
  const signal = signalWords(data);
  const told: Readonly<Record<string, string>> = {
    run: t("Sent the signal {signal}, to this run", { signal }),
    runs: t("Sent the signal {signal}, to whichever run waits for it", { signal }),
    nobody: t("Sent the signal {signal}, which nobody waited for", { signal }),
  };
  return told[String(data.to)] ?? t("Sent the signal {signal}", { signal });
}

/** The name of a signal, and its key if it has one. */
export function signalWords(data: Data): string {
  const signal = readText(data.name) ?? "";
  return data.key === undefined || data.key === null
    ? signal
    : t("{signal} with the key {key}", { signal, key: JSON.stringify(data.key) });
}

function moment(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? t("some time") : nearMomentWords(date);
}

function isData(value: unknown): value is Data {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
