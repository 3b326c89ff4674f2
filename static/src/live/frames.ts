import type { RunEvent } from "./events";

/** What the server says in the sub-protocol `treadle.v1`. */
export type Frame =
  | { t: "hello"; v: number; status: string; after: number; head: number; first: number }
  | { t: "ev"; from: number; to: number; ev: readonly RunEvent[] }
  | { t: "hb"; head: number }
  | { t: "trim"; first: number }
  | { t: "end"; status: string; head: number };

/** A frame that is not JSON, or not one this client knows. The link is cut and taken up again. */
export class FrameError extends Error {}

/** Read one text frame; unknown kinds give null so that a newer server may say more. */
export function readFrame(text: string): Frame | null {
  const raw = parseObject(text);
  switch (raw.t) {
    case "hello":
      return {
        t: "hello",
        v: count(raw, "v"),
        status: word(raw, "status"),
        after: count(raw, "after"),
        head: count(raw, "head"),
        first: count(raw, "first"),
      };
    case "ev":
      return { t: "ev", from: count(raw, "from"), to: count(raw, "to"), ev: eventList(raw.ev) };
    case "hb":
      return { t: "hb", head: count(raw, "head") };
    case "trim":
      return { t: "trim", first: count(raw, "first") };
    case "end":
      return { t: "end", status: word(raw, "status"), head: count(raw, "head") };
    default:
      return null;
  }
}

/** Check a list of journal rows as it comes from the socket or the API. */
export function eventList(value: unknown): RunEvent[] {
  if (!Array.isArray(value)) throw new FrameError("the list of events is missing");
  return value.map(toEvent);
}

function toEvent(value: unknown): RunEvent {
  if (typeof value !== "object" || value === null) throw new FrameError("an event is no object");
  const raw = value as Record<string, unknown>;
  return {
    seq: count(raw, "seq"),
    ts: word(raw, "ts"),
    k: word(raw, "k"),
    node: typeof raw.node === "string" ? raw.node : null,
    act: typeof raw.act === "number" ? raw.act : null,
    att: typeof raw.att === "number" ? raw.att : null,
    data: isRecord(raw.data) ? raw.data : {},
  };
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new FrameError("the frame is not JSON");
  }
  if (!isRecord(value)) throw new FrameError("the frame is no object");
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function count(raw: Record<string, unknown>, key: string): number {
  const value = raw[key];
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new FrameError(`"${key}" is not a count`);
}

function word(raw: Record<string, unknown>, key: string): string {
  const value = raw[key];
  if (typeof value === "string") return value;
  throw new FrameError(`"${key}" is not text`);
}
