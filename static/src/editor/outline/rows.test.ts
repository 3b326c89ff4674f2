import { describe, expect, it } from "vitest";
import { toDocument } from "../../model/document";
import { NOTHING, selectEdge, selectNode } from "../../model/selection";
import { currentRow, rowBy, rowsOf } from "./rows";

const DOCUMENT = toDocument({
  format: "treadle/1",
  entry: ["a"],
  nodes: { a: { type: "noop" }, b: { type: "noop" }, c: { type: "end" } },
  edges: [
    { id: "e1", from: "a", to: "b" },
    { id: "e2", from: "a", to: "c" },
  ],
});
const rows = rowsOf(DOCUMENT, () => false);
const at = (key: string) => rows.find((row) => row.key === key) ?? null;

describe("the rows of an outline", () => {
  it("are the steps, each with its ways under it, counted as a tree counts", () => {
    expect(rows.map((row) => `${row.key} ${row.position}/${row.count}`)).toEqual([
      "step a 1/3",
      "way e1 1/2",
      "way e2 2/2",
      "step b 2/3",
      "step c 3/3",
    ]);
    expect(rowsOf(DOCUMENT, (id) => id === "a").map((row) => row.key)).toEqual([
      "step a",
      "step b",
      "step c",
    ]);
  });

  it("are walked by the keys of a tree", () => {
    const go = (from: string, key: string) => rowBy(rows, at(from), key)?.key ?? null;
    expect(go("step a", "ArrowDown")).toBe("way e1");
    expect(go("step a", "ArrowRight")).toBe("way e1");
    expect(go("way e2", "ArrowLeft")).toBe("step a");
    expect(go("step b", "ArrowUp")).toBe("way e2");
    expect(go("step a", "End")).toBe("step c");
    expect(go("step c", "Home")).toBe("step a");
    expect(go("step c", "ArrowDown")).toBeNull();
    expect(go("step b", "ArrowRight")).toBeNull();
  });

  it("know the one that has the keyboard", () => {
    expect(currentRow(rows, selectNode("b"))?.key).toBe("step b");
    expect(currentRow(rows, selectEdge("e2"))?.key).toBe("way e2");
    expect(currentRow(rows, NOTHING)?.key).toBe("step a");
    expect(currentRow([], NOTHING)).toBeNull();
  });
});
