import { describe, expect, it } from "vitest";
import { apply, revert } from "./changes";
import { blankDocument, type GraphDocument } from "./document";
import * as edits from "./edits";
import { merge } from "./merge";
import { MAX_PIN_BYTES, pinnable, pinRefusal, pinsOf } from "./pins";

const bare: GraphDocument = {
  ...blankDocument("k", "K"),
  entry: ["a"],
  nodes: { a: { type: "tool", tool: "t" }, b: { type: "tool", tool: "t" } },
};

function done(document: GraphDocument, edit: ReturnType<typeof edits.pin>): GraphDocument {
  const command = edit(document);
  if (!command) throw new Error("nothing was changed");
  expect(JSON.stringify(revert(apply(document, command), command))).toBe(JSON.stringify(document));
  return apply(document, command);
}

const pinned = done(bare, edits.pin("a", { rows: [1] }));

describe("pins", () => {
  it("stand beside the graph and leave no trace when they go", () => {
    expect(pinsOf(pinned)).toEqual({ a: { rows: [1] } });
    expect(pinned.nodes).toBe(bare.nodes);
    expect(JSON.stringify(done(pinned, edits.pin("a", undefined)))).toBe(JSON.stringify(bare));
    expect(edits.pin("b", undefined)(pinned)).toBeNull();
  });

  it("may be null, which is a value", () => {
    expect(pinsOf(done(bare, edits.pin("a", null)))).toEqual({ a: null });
  });

  it("follow their node to its new name, and go with it", () => {
    const both = done(pinned, edits.pin("b", 2));
    expect(pinsOf(done(both, edits.rename("a", "z")))).toEqual({ z: { rows: [1] }, b: 2 });
    expect(pinsOf(done(both, edits.remove(new Set(["a"]), new Set())))).toEqual({ b: 2 });
    expect(done(pinned, edits.remove(new Set(["a"]), new Set())).meta).toBeUndefined();
  });

  it("of nodes that are not there do not count", () => {
    expect(pinsOf({ ...bare, meta: { pins: { gone: 1 } } })).toEqual({});
    expect(pinsOf({ ...bare, meta: { pins: [1] } })).toEqual({});
  });

  it("are joined one by one", () => {
    const theirs = done(pinned, edits.pin("b", 2));
    const mine = done(pinned, edits.pin("a", 1));
    const joined = merge(pinned, mine, theirs);
    expect(joined.conflicts).toEqual([]);
    expect(pinsOf(joined.document)).toEqual({ a: 1, b: 2 });
    expect(merge(pinned, mine, done(pinned, edits.pin("a", 3))).conflicts).toMatchObject([
      { path: ["meta", "pins", "a"], mine: 1, theirs: 3 },
    ]);
  });

  it("are refused in words when they are large, counted in bytes", () => {
    expect(pinRefusal("é".repeat(MAX_PIN_BYTES / 2 - 1))).toBeNull();
    expect(pinRefusal("é".repeat(MAX_PIN_BYTES / 2))).toMatch(/65 KiB; at most 64 KiB/);
  });

  it("stand in for what does something, and not for a choice of ways", () => {
    expect(pinnable({ type: "tool" })).toBe(true);
    expect(pinnable({ type: "set" })).toBe(false);
    expect(pinnable({ type: "wait", any: { late: { for: "1h" } } })).toBe(true);
  });
});
