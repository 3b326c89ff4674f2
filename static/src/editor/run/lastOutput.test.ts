import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../live/events";
import type { NodeSpec } from "../../model/document";
import { isApart, outputOf } from "./lastOutput";

let seq = 0;
const event = (k: string, data: RunEvent["data"]): RunEvent => {
  seq += 1;
  return { seq, ts: "2026-01-01T00:00:00.000Z", k, node: "a", act: 1, att: 1, data };
};
const ended = (...ops: unknown[]) => event("attempt.succeeded", { ops, edges: [] });
const tool = (outputs?: Record<string, string>): NodeSpec => ({
  type: "tool",
  tool: "t",
  ...(outputs ? { outputs } : {}),
});
const of = (spec: NodeSpec, ...events: RunEvent[]) => outputOf(spec, events, null);

describe("what a step gave", () => {
  it("is what it wrote, of its last visit", () => {
    const found = of(tool(), ended(["set", "n", 1]), ended(["set", "n", 2], ["red", "log", ["x"]]));
    expect(found).toEqual({ kind: "value", value: { n: 2, log: ["x"] } });
  });

  it("is nothing when it wrote nothing, and unknown when it never ended well", () => {
    expect(of(tool(), ended())).toEqual({ kind: "value", value: {} });
    expect(of(tool(), event("attempt.failed", {}))).toMatchObject({ kind: "none" });
  });

  it("is put together from outputs that pick parts out", () => {
    const spec = tool({ score: "result.score", why: 'result["notes"].first' });
    const found = of(spec, ended(["set", "score", 3], ["set", "why", "late"]));
    expect(found).toEqual({ kind: "value", value: { score: 3, notes: { first: "late" } } });
    expect(of(tool({ all: " result " }), ended(["set", "all", [1]]))).toEqual({
      kind: "value",
      value: [1],
    });
  });

  it.each([
    [tool({ n: "size(result)" }), [["set", "n", 1]], "worked out: size(result)"],
    [tool({ n: "result.n" }), [], "changed nothing"],
    [
      tool({ n: "result.n" }),
      [
        ["set", "m", 1],
        ["set", "n", 1],
      ],
      "besides its outputs",
    ],
    [
      tool({ n: "result", m: "result.m" }),
      [
        ["set", "n", 1],
        ["set", "m", 1],
      ],
      "two ways",
    ],
    [tool(), [["over", "n", 1]], "in a way that no output does"],
  ])("is not guessed", (spec, ops, why) => {
    expect(of(spec, ended(...ops))).toEqual({ kind: "none", why: expect.stringContaining(why) });
  });

  it("is read from the state where the value is large", () => {
    const data = { ops: [["set", "big", null]], $blobs: [{ path: ["ops", 0, 2] }] };
    const large = [event("attempt.succeeded", data)];
    expect(isApart(large)).toBe(true);
    expect(outputOf(tool(), large, { big: "long" })).toEqual({
      kind: "value",
      value: { big: "long" },
    });
    expect(outputOf(tool(), large, null)).toMatchObject({ kind: "none" });
  });

  it("of a map is the results of its items, in their order, of its last visit", () => {
    const item = (at: number, result: unknown) =>
      event("attempt.succeeded", { item: at, result, ms: 1 });
    const found = of(
      { type: "map" },
      ...[event("map.started", { count: 1 }), item(0, "old"), ended(["set", "x", ["old"]])],
      ...[event("map.started", { count: 2 }), item(1, "b"), item(0, "a"), ended()],
    );
    expect(found).toEqual({ kind: "value", value: ["a", "b"] });
  });

  it("of a person or a signal is what came, of another workflow its last state", () => {
    const answered = event("wait.closed", { how: "answered", answer: { ok: true } });
    const paid = event("wait.closed", { how: "received", payload: 7 });
    const child = event("child.ended", { run: "r", status: "completed", state: { n: 1 } });
    expect(of({ type: "human" }, answered, ended())).toEqual({
      kind: "value",
      value: { ok: true },
    });
    expect(of({ type: "wait" }, paid, ended())).toEqual({ kind: "value", value: 7 });
    const first = event("wait.closed", { how: "received", on: "paid", payload: 7 });
    const late = event("wait.closed", { how: "fired", on: "late" });
    const any = { paid: { signal: "s" }, late: { for: "1h" } };
    expect(of({ type: "wait", any }, first, ended())).toEqual({
      kind: "value",
      value: { alternative: "paid", payload: 7 },
    });
    expect(of({ type: "wait", any }, late, ended())).toEqual({
      kind: "value",
      value: { alternative: "late" },
    });
    expect(of({ type: "subgraph" }, child, ended())).toEqual({ kind: "value", value: { n: 1 } });
  });
});
