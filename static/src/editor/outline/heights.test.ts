import { describe, expect, it } from "vitest";
import { toDocument } from "../../model/document";
import { edgesOf, heightOf, rowAt } from "./heights";
import { rowsOf } from "./rows";

const DOCUMENT = toDocument({
  format: "treadle/1",
  entry: ["a"],
  nodes: { a: { type: "noop" }, b: { type: "noop" }, c: { type: "end" } },
  edges: [
    { id: "e1", from: "a", to: "b", when: "n > 1" },
    { id: "e2", from: "a", to: "c", else: true },
  ],
});

describe("where the rows of the outline stand", () => {
  const rows = rowsOf(DOCUMENT, () => false);

  it("follows from what they are", () => {
    expect(rows.map((row) => row.key)).toEqual(["step a", "way e1", "way e2", "step b", "step c"]);
    expect(edgesOf(rows, false)).toEqual([0, 44, 76, 108, 152, 196]);
    expect(rows.map((row) => heightOf(row, true))).toEqual([48, 60, 44, 48, 48]);
  });

  it("tells the row at any place, and the nearest beyond the ends", () => {
    const edges = edgesOf(rows, false);
    expect([-50, 0, 43, 44, 107, 108, 195, 9999].map((place) => rowAt(edges, place))).toEqual([
      0, 0, 0, 1, 2, 3, 4, 4,
    ]);
    expect(rowAt([0], 10)).toBe(0);
  });
});
