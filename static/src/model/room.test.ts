import { describe, expect, it } from "vitest";
import { indexOf } from "./boxes";
import { blankDocument, type Point } from "./document";
import { addNode } from "./nodes";
import { putNote } from "./notes";
import { roomFor } from "./room";

const SIZE = [240, 120] as const;

describe("room for something new", () => {
  it("is around the middle of an empty canvas", () => {
    expect(roomFor(blankDocument("k", "K"), SIZE, [200, 100])).toEqual([80, 40]);
  });

  it("is beside the steps and notes that lie there, and near", () => {
    const steps = addNode(blankDocument("k", "K"), "a", { type: "noop" }, [100, 80]);
    const first = roomFor(steps, SIZE, [200, 100]);
    const [x, y] = first;
    expect(indexOf(steps).within({ x, y, width: SIZE[0], height: SIZE[1] })).toEqual([]);
    expect(Math.hypot(x - 80, y - 40)).toBeLessThan(240);
    const noted = putNote(steps, "note", { at: first, size: SIZE, text: "", tone: "amber" });
    const [nextX, nextY] = roomFor(noted, SIZE, [200, 100]);
    expect(Math.abs(nextX - x) >= SIZE[0] || Math.abs(nextY - y) >= SIZE[1]).toBe(true);
  });

  it("is in the middle all the same where there is none", () => {
    const places = Array.from({ length: 40 * 40 }, (_, at): [string, Point] => [
      `n${at}`,
      [(at % 40) * 100, Math.floor(at / 40) * 60],
    ]);
    const many = {
      ...blankDocument("k", "K"),
      nodes: Object.fromEntries(places.map(([id]) => [id, { type: "noop" as const }])),
      layout: Object.fromEntries(places),
    };
    expect(roomFor(many, SIZE, [2000, 1200])).toEqual([1880, 1140]);
  });
});
