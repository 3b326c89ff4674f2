import { describe, expect, it } from "vitest";
import { type GraphDocument, type Point, toDocument } from "./document";
import { cut, LABEL_LETTERS, lettersAt, spotOf } from "./labels";
import { edgePath, edgeWays } from "./paths";

describe("a label between two steps", () => {
  it("is whole where there is room", () => {
    expect(lettersAt([0, 0], [300, 0], [150, 0])).toBe(LABEL_LETTERS);
  });

  it("is cut to the gap where two steps stand side by side", () => {
    expect(lettersAt([0, 0], [104, 0], [52, 0])).toBe(7);
    expect(cut("size(text) > 1", 7)).toBe("size(t…");
  });

  it("says something in the narrowest gap", () => {
    expect(lettersAt([0, 0], [24, 0], [12, 0])).toBe(4);
  });

  it("is whole where the way leads past both steps", () => {
    expect(lettersAt([0, 0], [64, 120], [32, 60])).toBe(LABEL_LETTERS);
    expect(lettersAt([0, 0], [64, 60], [32, 30])).toBeLessThan(LABEL_LETTERS);
  });

  it("stands whole over the steps where the gap is too narrow for it", () => {
    const narrow = edgePath([0, 0], [72, 16]);
    expect(spotOf(narrow, "n")).toEqual({ at: [36, 8], lift: 0 });
    expect(spotOf(narrow, "size(text) > 1")).toEqual({ at: [36, -54], lift: 62 });
    expect(spotOf(edgePath([0, 0], [-300, 0]), "size(text) > 1").lift).toBe(0);
  });

  it("is not cut without need", () => {
    expect(cut("n > 1", 5)).toBe("n > 1");
  });
});

describe("a label that stands beside its way", () => {
  const document = (layout: Record<string, [number, number]>): GraphDocument =>
    toDocument({
      format: "treadle/1",
      entry: ["a"],
      nodes: Object.fromEntries(Object.keys(layout).map((id) => [id, { type: "noop" }])),
      edges: [{ id: "e", from: "a", to: "b", when: "size(text) > 1 && tries < 3" }],
      layout,
    });
  const ends = { a: [0, 100], b: [280, 100] } as const satisfies Record<string, Point>;
  const isUnder = (more: Record<string, [number, number]>) =>
    edgeWays(document({ a: [...ends.a], b: [...ends.b], ...more })).get("e")?.under;

  it("stands over the steps", () => {
    expect(isUnder({})).toBe(false);
    expect(isUnder({ far: [140, -40] })).toBe(false);
  });

  it("stands under them where it would cover another step above", () => {
    expect(isUnder({ above: [140, 8] })).toBe(true);
    const path = edgePath([208, 132], [280, 132]);
    expect(spotOf(path, "size(text) > 1", true)).toEqual({ at: [244, 186], lift: -54 });
  });

  it("stays over them where it would cover one below as well", () => {
    expect(isUnder({ above: [140, 8], below: [140, 190] })).toBe(false);
  });
});
