import type { RunEvent } from "../live/events";
import type { GraphDocument } from "../model/document";

/** What the server says of an else edge that was taken. */
const SO = "no other condition was true";

/** A loop of three steps with a way out, and a step that is never reached. For tests. */
export const SAMPLE_DOCUMENT: GraphDocument = {
  format: "treadle/1",
  entry: ["measure"],
  nodes: {
    measure: { type: "tool", tool: "measure", title: "Measure" },
    fix: { type: "tool", tool: "fix" },
    report: { type: "tool", tool: "report" },
    alarm: { type: "tool", tool: "alarm" },
  },
  edges: [
    { id: "low", from: "measure", to: "fix", when: "score < 7" },
    { id: "done", from: "measure", to: "report", else: true },
    { id: "again", from: "fix", to: "measure" },
    { id: "bad", from: "fix", to: "alarm", on: "error" },
  ],
  layout: {},
};

type Part = Partial<Pick<RunEvent, "node" | "act" | "att" | "data">>;

/** Builds a journal row by row, one every 100 ms. */
export class Journal {
  readonly events: RunEvent[] = [];

  add(k: string, part: Part = {}): this {
    const seq = this.events.length + 1;
    const ts = new Date(Date.UTC(2026, 10, 23, 10, 0, 0, seq * 100)).toISOString();
    this.events.push({ seq, ts, k, node: null, act: null, att: null, data: {}, ...part });
    return this;
  }

  start(node: string, act = 1, att = 1): this {
    return this.add("attempt.started", { node, act, att });
  }

  succeed(node: string, act: number, data: RunEvent["data"]): this {
    return this.add("attempt.succeeded", { node, act, att: 1, data: { ms: 40, ...data } });
  }
}

const low = (score: number) => ({
  ops: [["set", "score", score]],
  edges: [
    { edge: "low", taken: score < 7, when: "score < 7", values: { score } },
    { edge: "done", taken: score >= 7, ...(score >= 7 ? { reason: SO } : {}) },
  ],
});

/** Measured, fixed, measured again, reported: 13 events, completed. */
export function sampleEvents(): RunEvent[] {
  const fixed = {
    ops: [["set", "code", "x = 1"]],
    edges: [
      { edge: "again", taken: true },
      { edge: "bad", taken: false },
    ],
  };
  return new Journal()
    .add("run.created", { data: { state: { code: "x=1" } } })
    .add("run.claimed", { data: { owner: "host" } })
    .start("measure")
    .succeed("measure", 1, low(6))
    .start("fix")
    .add("log", { node: "fix", act: 1, data: { level: "info", message: "one\ntwo" } })
    .succeed("fix", 1, fixed)
    .start("measure", 2)
    .succeed("measure", 2, low(8))
    .start("report")
    .add("log", { node: "report", act: 1, data: { level: "error", message: "Broken pipe" } })
    .succeed("report", 1, { ops: [], edges: [] })
    .add("run.completed").events;
}
