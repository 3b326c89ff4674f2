import type { GraphDocument } from "../model/document";
import { locale, numbers, t, tn } from "../words/t";
import type { Decision } from "./payloads";

/** Milliseconds as a person reads them: `0.4 ms`, `123 ms`, `1.2 s`, `3 min 04 s`, `2 h 05 min`. */
export function duration(ms: number): string {
  if (ms < 1) return `${decimal(Math.max(0, ms), 1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${decimal(ms / 1000, 1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

/** A number with that many decimals, as the language of the page writes it. */
export function decimal(value: number, places: number): string {
  return numbers(decimals(places)).format(value);
}

const manners = new Map<number, Intl.NumberFormatOptions>();

function decimals(places: number): Intl.NumberFormatOptions {
  const known = manners.get(places);
  if (known) return known;
  const digits = { minimumFractionDigits: places, maximumFractionDigits: places };
  const made = { ...digits, useGrouping: false };
  manners.set(places, made);
  return made;
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

/** A moment of a run that takes so long: where tenths of a second tell nothing apart, in milliseconds. */
export const moment = (ms: number, length: number): string =>
  length < 1000 ? duration(ms) : offset(ms);

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** `1 step`, `2 steps`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString(locale())} ${count === 1 ? one : many}`;
}

/** A size in bytes: `812 B`, `64 KiB`, `2.1 MiB`. */
export function bytes(size: number): string {
  if (size < 1024) return `${size} B`;
  if (size < 1024 * 1024) return `${Math.round(size / 1024)} KiB`;
  return `${decimal(size / 1024 / 1024, 1)} MiB`;
}

const SHORT = 60;

/** A JSON value on one line, cut to about sixty characters. */
export function brief(value: unknown, limit = SHORT): string {
  if (Array.isArray(value) && value.length > 8)
    return `[${tn("{count} item", "{count} items", value.length)}]`;
  // A text of megabytes is cut before it is written out, not after.
  const given = typeof value === "string" ? value.slice(0, limit) : value;
  const text = given === undefined ? t("nothing") : (JSON.stringify(given) ?? t("nothing"));
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}

/** What a node is called on the page. */
export function titleOf(document: GraphDocument, node: string): string {
  return document.nodes[node]?.title || node;
}

/** A decision in words: `quality_ok == false is true (quality_ok = false)`. */
export function decisionInWords(decision: Decision): string {
  const { when, values, taken, reason } = decision;
  if (!when) return reason ?? (taken ? t("always taken") : t("not taken"));
  const told = Object.entries(values).map(([name, value]) => `${name} = ${brief(value)}`);
  const because = told.length > 0 ? ` (${told.join(", ")})` : "";
  const said = (taken ? t("{when} is true", { when }) : t("{when} is false", { when })) + because;
  return reason && reason !== when ? `${said}; ${reason}` : said;
}
