import { describe, expect, it } from "vitest";
import { foldEvents, NOT_RUN, type RunEvent } from "./runstate";

let seq = 0;
const event = (k: string, node: string | null, data: Record<string, unknown> = {}): RunEvent => {
  seq += 1;
  return { seq, ts: "2026-01-01T00:00:00Z", k, node, data };
};

describe("run state", () => {
  it("counts visits, times and taken edges, and ends with the run", () => {
    const events = [
      event("run.created", null),
      event("run.claimed", null),
      event("attempt.started", "a"),
      event("attempt.succeeded", "a", {
        ms: 12,
        edges: [
          { edge: "e1", taken: true },
          { edge: "e2", taken: false, reason: "score 3 < 7" },
        ],
      }),
      event("attempt.started", "a"),
      event("attempt.succeeded", "a", { ms: 9, edges: [{ edge: "e1", taken: true }] }),
      event("run.completed", null),
    ];
    const state = foldEvents(NOT_RUN, events);
    expect(state.status).toBe("completed");
    expect(state.nodes.a).toEqual({ status: "ok", count: 2, ms: 9 });
    expect(state.edges.e1?.taken).toBe(2);
    expect(state.edges.e2).toEqual({ taken: 0, skipped: 1, reason: "score 3 < 7" });
  });

  it("ignores events it has seen", () => {
    const first = event("attempt.started", "a");
    const state = foldEvents(NOT_RUN, [first]);
    expect(foldEvents(state, [first])).toBe(state);
  });

  it("shows a retry as queued and a last failure as an error", () => {
    const waits = foldEvents(NOT_RUN, [event("attempt.failed", "a", { retry_at: "soon" })]);
    expect(waits.nodes.a?.status).toBe("queued");
    const ends = foldEvents(waits, [
      event("attempt.failed", "a"),
      event("run.failed", null, { error: { code: "E_TOOL", message: "boom" } }),
    ]);
    expect([ends.nodes.a?.status, ends.error]).toEqual(["error", "boom"]);
  });

  it("leaves nothing running when the run is cancelled", () => {
    const state = foldEvents(NOT_RUN, [
      event("attempt.started", "a"),
      event("run.cancelled", null),
    ]);
    expect(state.nodes.a?.status).toBe("cancelled");
  });
});
