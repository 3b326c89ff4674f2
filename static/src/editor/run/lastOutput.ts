/**
 * What a step gave in a run, told from the step's own events. The journal keeps what a step wrote and
 * not what its tool returned, so the return value is worked out backwards where that can be done.
 */
import type { RunEvent } from "../../live/events";
import type { Json, NodeSpec } from "../../model/document";
import { isRecord, type Op, readOps } from "../../run/payloads";
import { t } from "../../words/t";

export type Found =
  | { readonly kind: "value"; readonly value: Json }
  /** It cannot be told, and why: a whole sentence. */
  | { readonly kind: "none"; readonly why: string };

const value = (found: unknown): Found => ({ kind: "value", value: found as Json });
const none = (why: string): Found => ({ kind: "none", why });

/** The last time that the step ended well, or undefined. */
export function lastSuccess(events: readonly RunEvent[]): RunEvent | undefined {
  return events.findLast((event) => event.k === "attempt.succeeded" && event.data.item == null);
}

/**
 * @param events those of the node, in order
 * @param after the state after the step's last success, where large values are read from
 */
export function outputOf(
  spec: NodeSpec,
  events: readonly RunEvent[],
  after: Readonly<Record<string, unknown>> | null,
): Found {
  const end = lastSuccess(events);
  if (!end) return none(t("It has not ended well in this run."));
  switch (spec.type) {
    case "emit":
      return value({});
    case "map":
      return results(events, end);
    case "subgraph":
      return leftBy(events, end);
    case "human":
    case "wait":
      return brought(events, end);
    default:
      return returned(spec, readOps(end.data), after);
  }
}

/** Whether a value of the step's last success stands outside of its events. */
export function isApart(events: readonly RunEvent[]): boolean {
  const end = lastSuccess(events);
  return end !== undefined && readOps(end.data).some((op) => op.apart);
}

/** The results of a map's items, in order, of its last visit. */
function results(events: readonly RunEvent[], end: RunEvent): Found {
  const begun = events.findLastIndex((each) => each.k === "map.started" && each.seq < end.seq);
  const own = events.slice(begun + 1).filter((each) => each.seq < end.seq);
  const given = own.filter((each) => each.k === "attempt.succeeded" && each.data.item != null);
  if (given.some((each) => isLarge(each))) return none(TOO_LARGE);
  const sorted = [...given].sort((a, b) => Number(a.data.item) - Number(b.data.item));
  return value(sorted.map((each) => each.data.result ?? null));
}

/** The state that a run of another workflow ended with. */
function leftBy(events: readonly RunEvent[], end: RunEvent): Found {
  const ended = events.findLast((each) => each.k === "child.ended" && each.seq < end.seq);
  if (!ended || !isRecord(ended.data.state))
    return none(t("Its run left nothing that is kept here."));
  return isLarge(ended) ? none(TOO_LARGE) : value(ended.data.state);
}

/** What somebody answered, or a signal brought. */
function brought(events: readonly RunEvent[], end: RunEvent): Found {
  const closed = events.findLast((each) => each.k === "wait.closed" && each.seq < end.seq);
  if (closed && isLarge(closed)) return none(TOO_LARGE);
  if (typeof closed?.data.on === "string") return value(firstOfSeveral(closed.data));
  return value(closed?.data.answer ?? closed?.data.payload ?? null);
}

/** Which alternative came, and what it brought, as a pin says it. */
function firstOfSeveral(closed: RunEvent["data"]): Json {
  const brought = ["answer", "payload"].filter((word) => closed[word] !== undefined);
  const named = brought.map((word) => [word, closed[word]]);
  return { alternative: closed.on as string, ...Object.fromEntries(named) };
}

function returned(
  spec: NodeSpec,
  ops: readonly Op[],
  after: Readonly<Record<string, unknown>> | null,
): Found {
  const odd = ops.find((op) => op.op === "over" || op.op === "del");
  if (odd) return none(t("It changed “{key}” in a way that no output does.", { key: odd.key }));
  const unread = ops.find((op) => op.apart && (op.op !== "set" || after === null));
  if (unread) return none(TOO_LARGE);
  const written = new Map(ops.map((op) => [op.key, op.apart ? after?.[op.key] : op.value]));
  if (!spec.outputs) return value(Object.fromEntries(written));
  return fromOutputs(spec.outputs, written);
}

/** The result that an `outputs` mapping made these writes of, where it only picks parts out. */
function fromOutputs(
  outputs: Readonly<Record<string, string>>,
  written: ReadonlyMap<string, unknown>,
): Found {
  const besides = [...written.keys()].find((key) => !Object.hasOwn(outputs, key));
  if (besides !== undefined)
    return none(t("It wrote “{key}” besides its outputs.", { key: besides }));
  let result: unknown;
  for (const [key, source] of Object.entries(outputs)) {
    const path = pathIn(source);
    if (!path) return none(t("Its output “{key}” is worked out: {source}.", { key, source }));
    if (!written.has(key))
      return none(t("Its output “{key}” changed nothing, so it was not kept.", { key }));
    result = put(result, path, written.get(key));
    if (result === CLASH) return none(t("Its outputs take one value apart in two ways."));
  }
  return value(result ?? {});
}

const CLASH = Symbol("two values for one place");

function put(into: unknown, [key, ...rest]: readonly string[], part: unknown): unknown {
  if (key === undefined) return into === undefined ? part : CLASH;
  if (into !== undefined && !isRecord(into)) return CLASH;
  const inner = put(into?.[key], rest, part);
  return inner === CLASH ? CLASH : { ...into, [key]: inner };
}

const RESULT = /^\s*result((?:\.[A-Za-z_]\w*|\["[^"\\]*"\]|\['[^'\\]*'\])*)\s*$/;
const STEP = /\.([A-Za-z_]\w*)|\["([^"]*)"\]|\['([^']*)'\]/g;

/** `result.a["b"]` as its steps; null for any other expression. */
function pathIn(source: string): readonly string[] | null {
  const found = RESULT.exec(source);
  if (!found) return null;
  return [...(found[1] ?? "").matchAll(STEP)].map((step) => step[1] ?? step[2] ?? step[3] ?? "");
}

const TOO_LARGE = t("Its output is too large to be pinned.");

const isLarge = (event: RunEvent) =>
  Array.isArray(event.data.$blobs) && event.data.$blobs.length > 0;
