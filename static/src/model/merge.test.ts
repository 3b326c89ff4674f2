import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { choices, commandOf, documents } from "./arbitrary";
import { apply } from "./changes";
import { blankDocument, type GraphDocument } from "./document";
import * as edits from "./edits";
import { equal } from "./equal";
import { merge } from "./merge";
import { setNodeField } from "./nodes";

const base: GraphDocument = {
  ...blankDocument("k", "K"),
  entry: ["a"],
  nodes: { a: { type: "noop" }, b: { type: "noop" } },
  edges: [{ id: "e1", from: "a", to: "b" }],
  layout: { a: [0, 0], b: [240, 0] },
};
const done = (edit: ReturnType<typeof edits.add>) => {
  const command = edit(base);
  return command ? apply(base, command) : base;
};

describe("merge", () => {
  it("keeps both sides' edits of different things", () => {
    const mine = done(edits.setNode("a", "title", "Mine"));
    const theirs = done(edits.addAfter("c", { type: "end" }, [480, 0], "b"));
    const { document, conflicts } = merge(base, mine, theirs);
    expect(conflicts).toEqual([]);
    expect(document.nodes.a?.title).toBe("Mine");
    expect(document.edges.map((edge) => edge.id)).toEqual(["e1", "e2"]);
  });

  it("names what both changed and keeps mine", () => {
    const mine = setNodeField(base, "a", "title", "Mine");
    const theirs = setNodeField(base, "a", "title", "Theirs");
    const { document, conflicts } = merge(base, mine, theirs);
    expect(conflicts).toEqual(["node a"]);
    expect(document.nodes.a?.title).toBe("Mine");
  });

  it("removes edges whose node the other side deleted", () => {
    const mine = done(edits.wire("b", "a"));
    const theirs = done(edits.remove(new Set(["b"]), new Set()));
    expect(merge(base, mine, theirs).document.edges).toEqual([]);
  });

  it("gives the other side's document when only it changed, and ours when only we did", () => {
    fc.assert(
      fc.property(documents(), choices, (document, choice) => {
        const command = commandOf(document, choice);
        fc.pre(command !== null && choice.kind !== 12 && soundEnds(document));
        const next = apply(document, command as NonNullable<typeof command>);
        expect(equal(merge(document, next, document).document, next)).toBe(true);
        const taken = merge(document, document, next);
        expect(taken.conflicts).toEqual([]);
        expect(equal(taken.document.nodes, next.nodes)).toBe(true);
      }),
    );
  });

  const soundEnds = (document: GraphDocument) =>
    document.edges.every((edge) => document.nodes[edge.from] && document.nodes[edge.to]);
});
