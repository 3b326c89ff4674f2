import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { documents } from "./arbitrary";
import { BoxIndex } from "./boxes";
import type { GraphDocument } from "./document";
import { nodeGeometry, outKinds, type Rect, sceneOf } from "./geometry";
import { edgeAt, neighbour } from "./hit";
import { cycleEdges, layout } from "./layout";
import { placeNodes } from "./nodes";
import { edgePath } from "./paths";

const overlap = (a: Rect, b: Rect) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

describe("layout", () => {
  it("never overlaps, stays on the grid and is the same each time", () => {
    fc.assert(
      fc.property(documents(20), (document) => {
        const places = layout(document);
        const boxes = [...sceneOf(placeNodes(document, places)).boxes.values()];
        for (const [i, a] of boxes.entries()) {
          expect(a.x % 8).toBe(0);
          expect(a.y % 8).toBe(0);
          for (const b of boxes.slice(i + 1)) expect(overlap(a, b)).toBe(false);
        }
        expect([...layout(document)]).toEqual([...places]);
      }),
    );
  });

  it("puts a chain in a row, from left to right", () => {
    const places = layout(chainOf(4));
    expect(new Set([...places.values()].map(([, y]) => y)).size).toBe(1);
    expect([...places.values()].map(([x]) => x)).toEqual([0, 288, 576, 864]);
  });

  it("finds the edge that closes a loop", () => {
    const document = chainOf(3);
    const edges = [...document.edges, { id: "back", from: "n2", to: "n0" }];
    expect([...cycleEdges({ ...document, edges })]).toEqual(["back"]);
  });

  it("lays out 5,000 nodes within two seconds", () => {
    const start = performance.now();
    expect(layout(chainOf(5000, 37)).size).toBe(5000);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

describe("geometry", () => {
  it("grows by 20 per extra port and gives an end node no way out", () => {
    expect(nodeGeometry({ type: "tool" }).height).toBe(64);
    expect(nodeGeometry({ type: "tool" }, ["error", "timeout"]).height).toBe(104);
    expect(nodeGeometry({ type: "end" }).ports.map((port) => port.id)).toEqual(["in"]);
  });

  it("draws the error port last", () => {
    const edges = ["error", "timeout", "ok"].map((on, i) => ({
      id: `${i}`,
      from: "a",
      to: "b",
      on,
    }));
    expect(outKinds(edges).get("a")).toEqual(["timeout", "error"]);
  });
});

describe("hit tests", () => {
  it("agree with a plain search", () => {
    fc.assert(
      fc.property(documents(15), fc.nat(600), fc.nat(400), (document, x, y) => {
        const { boxes } = sceneOf(document);
        const holds = (box: Rect) =>
          x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height;
        const expected = [...boxes].filter(([, box]) => holds(box)).at(-1)?.[0] ?? null;
        expect(new BoxIndex(boxes).at([x, y])).toBe(expected);
      }),
    );
  });

  it("find the edge under a point and none beside it", () => {
    const document = placeNodes(chainOf(3), layout(chainOf(3)));
    expect(edgeAt(document, [248, 36])).toBe("e1");
    expect(edgeAt(document, [248, 200])).toBeNull();
  });

  it("travel to the nearest node in a direction", () => {
    const { boxes } = sceneOf(placeNodes(chainOf(3), layout(chainOf(3))));
    expect(neighbour(boxes, "n0", "right")).toBe("n1");
    expect(neighbour(boxes, "n2", "left")).toBe("n1");
    expect(neighbour(boxes, "n0", "up")).toBeNull();
  });
});

describe("paths", () => {
  it("run straight ahead to the right and below to the left", () => {
    expect(edgePath([0, 0], [200, 0]).below).toBe(false);
    const back = edgePath([200, 0], [0, 0], 0, 80);
    expect(back.below).toBe(true);
    expect(back.middle[1]).toBeGreaterThan(80);
  });

  it("keep edges between the same nodes apart", () => {
    const middles = [-1, 0, 1].map((lane) => edgePath([0, 0], [200, 0], lane).middle[1]);
    expect(new Set(middles).size).toBe(3);
  });
});

function chainOf(count: number, width = 1): GraphDocument {
  const ids = Array.from({ length: count }, (_, i) => `n${i}`);
  return {
    format: "treadle/1",
    entry: ["n0"],
    nodes: Object.fromEntries(ids.map((id) => [id, { type: "noop" as const }])),
    edges: ids
      .slice(1)
      .map((to, i) => ({ id: `e${i + 1}`, from: ids[Math.max(0, i + 1 - width)] as string, to })),
    layout: {},
  };
}
