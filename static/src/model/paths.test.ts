import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { documents } from "./arbitrary";
import type { EdgeSpec, GraphDocument, Point } from "./document";
import { sceneOf } from "./geometry";
import { layout } from "./layout";
import { placeNodes } from "./nodes";
import { edgePath, edgeWays, pathOf } from "./paths";

/** Steps at these places, joined as `edges` say: `"a b"`, or `"a b error"`. */
function joined(layoutOf: Record<string, Point>, ...edges: string[]): GraphDocument {
  return {
    format: "treadle/1",
    entry: ["a"],
    nodes: Object.fromEntries(Object.keys(layoutOf).map((id) => [id, { type: "noop" as const }])),
    edges: edges.map((words): EdgeSpec => {
      const [from = "", to = "", on] = words.split(" ");
      return { id: words, from, to, ...(on && { on }) };
    }),
    layout: layoutOf,
  };
}

const drawn = (document: GraphDocument, id: string) => {
  const path = pathOf(document, document.edges.find((edge) => edge.id === id) as EdgeSpec);
  if (!path) throw new Error(`${id} is not drawn`);
  return path;
};

describe("ways below", () => {
  // The shipped code review as it was drawn: two ways back lay on each other under the middle step.
  const review = { a: [0, 0], b: [300, 200], c: [600, 0] } satisfies Record<string, Point>;

  it("never lie on each other, and the shorter one is nearer to the steps", () => {
    const document = joined(review, "b a", "c b");

    const [back, next] = [drawn(document, "b a"), drawn(document, "c b")];

    expect(back.below && next.below).toBe(true);
    expect(Math.abs(back.middle[1] - next.middle[1])).toBeGreaterThanOrEqual(22);
  });

  it("share a height where they lie beside each other", () => {
    const document = joined({ a: [0, 0], b: [300, 0], c: [900, 0], d: [1200, 0] }, "b a", "d c");

    expect(drawn(document, "b a").middle[1]).toBe(drawn(document, "d c").middle[1]);
  });

  it("leave room for the label of each of many", () => {
    const ids = Array.from({ length: 8 }, (_, at) => `n${at}`);
    const places = Object.fromEntries(ids.map((id, at): [string, Point] => [id, [at * 300, 0]]));
    const document = joined(places, ...ids.slice(1).map((id) => `${id} n0`));

    const heights = document.edges.map((edge) => drawn(document, edge.id).middle[1]);

    const sorted = heights.toSorted((a, b) => a - b);
    expect(heights).toEqual(sorted);
    for (const [at, y] of sorted.slice(1).entries()) {
      expect(y - (sorted[at] ?? 0)).toBeGreaterThanOrEqual(22);
    }
  });

  it("stay apart in every graph that was tidied up", () => {
    fc.assert(
      fc.property(documents(12), (given) => {
        const document = placeNodes(given, layout(given));
        const levels = document.edges
          .map((edge) => pathOf(document, edge))
          .filter((path) => path?.below)
          .map((path) => path?.points as readonly [Point, Point, Point, Point]);
        for (const [at, [, , [right, y], [left]]] of levels.entries()) {
          for (const [, , [right2, y2], [left2]] of levels.slice(at + 1)) {
            const apart = right < left2 || right2 < left || Math.abs(y - y2) >= 20;
            expect(apart).toBe(true);
          }
        }
      }),
    );
  });
});

describe("long ways", () => {
  const row = { a: [0, 0], b: [300, 0], c: [600, 0] } satisfies Record<string, Point>;

  it("pass the steps that lie in their way", () => {
    const document = joined(row, "a b", "b c", "a c");

    const { points, middle, below } = drawn(document, "a c");

    expect(below).toBe(false);
    const box = sceneOf(document).boxes.get("b") as { y: number; height: number };
    expect(middle[1] < box.y || middle[1] > box.y + box.height).toBe(true);
    expect([points[0], points.at(-1)]).toEqual([
      [208, 32],
      [600, 32],
    ]);
    expect(edgeWays(document).get("a b")?.floor).toBe(-Infinity);
  });

  it("go straight where nothing lies in their way", () => {
    const document = joined({ a: [0, 0], b: [300, 200], c: [600, 0] }, "a c");

    expect(drawn(document, "a c").middle).toEqual([404, 32]);
  });

  it("do not lie on each other in one gap", () => {
    const places = { ...row, d: [0, 104], e: [300, 104], f: [600, 104] } as const;
    const document = joined(places as never, "a c", "d f");

    const [one, other] = [drawn(document, "a c").middle[1], drawn(document, "d f").middle[1]];

    expect(Math.abs(one - other)).toBeGreaterThanOrEqual(20);
  });

  it("cross a step in a graph that was tidied up only where there is no gap", () => {
    const document = joined(
      { a: [0, 0], b: [0, 0], c: [0, 0], d: [0, 0], e: [0, 0] },
      "a b",
      "b c",
      "c d",
      "d e",
      "a d",
      "b e",
      "a e",
    );
    const tidy = placeNodes(document, layout(document));
    const boxes = [...sceneOf(tidy).boxes.values()];

    for (const edge of tidy.edges) {
      for (const [x, y] of drawn(tidy, edge.id).points.slice(1, -1)) {
        const hit = boxes.some(
          (box) => x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height,
        );
        expect(hit, `${edge.id} at ${x}, ${y}`).toBe(false);
      }
    }
  });
});

describe("ways from the same step to the same step", () => {
  it("keep the order of their ports, whatever the order they were drawn in", () => {
    const places = { a: [0, 0], b: [500, 0] } satisfies Record<string, Point>;
    const document = joined(places, "a b error", "a b timeout", "a b");

    const heights = ["a b", "a b timeout", "a b error"].map((id) => drawn(document, id).middle[1]);

    expect(heights).toEqual(heights.toSorted((a, b) => a - b));
    expect(new Set(heights).size).toBe(3);
  });

  it("do not sag in a narrow gap", () => {
    const [, lowest] = edgePath([0, 0], [80, 0], 1).middle;

    expect(lowest).toBeLessThan(24);
    expect(lowest).toBeGreaterThan(10);
  });
});
