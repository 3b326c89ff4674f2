import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Axis, aligned, distributed, LINES } from "./align";
import { documents } from "./arbitrary";
import { sceneOf } from "./geometry";
import { placeNodes } from "./nodes";

describe("aligning", () => {
  it("leaves the chosen line of all boxes at one place, within the area they had", () => {
    fc.assert(
      fc.property(documents(8), fc.constantFrom(...LINES), (document, line) => {
        const ids = Object.keys(document.nodes);
        const moved = placeNodes(document, aligned(document, ids, line));
        const boxes = [...sceneOf(moved).boxes.values()];
        const lines = boxes.map((box) =>
          Math.round(
            {
              left: box.x,
              centre: box.x + box.width / 2,
              right: box.x + box.width,
              top: box.y,
              middle: box.y + box.height / 2,
              bottom: box.y + box.height,
            }[line],
          ),
        );
        expect(Math.max(...lines) - Math.min(...lines)).toBeLessThanOrEqual(1);
        const across = ["left", "centre", "right"].includes(line);
        for (const [i, id] of ids.entries()) {
          const [x, y] = document.layout[id] ?? [0, 0];
          expect(across ? boxes[i]?.y : boxes[i]?.x).toBe(across ? y : x);
        }
      }),
    );
  });
});

describe("distributing", () => {
  it("keeps the first and the last, and makes the gaps between the others equal", () => {
    fc.assert(
      fc.property(documents(8), fc.constantFrom<Axis[]>("across", "down"), (document, axis) => {
        const ids = Object.keys(document.nodes);
        const places = distributed(document, ids, axis);
        expect(places.size).toBe(ids.length < 3 ? 0 : ids.length);
        if (ids.length < 3) return;
        const { boxes } = sceneOf(placeNodes(document, places));
        // In the order in which they stood: boxes that overlap much may change it.
        const spans = [...places.keys()].map((id) => {
          const { x = 0, y = 0, width = 0, height = 0 } = boxes.get(id) ?? {};
          return axis === "across" ? ([x, width] as const) : ([y, height] as const);
        });
        for (const id of [[...places.keys()][0], [...places.keys()].at(-1)])
          expect(places.get(id ?? "")).toEqual(document.layout[id ?? ""]);
        const gaps = spans
          .slice(1)
          .map(([at], i) => at - ((spans[i]?.[0] ?? 0) + (spans[i]?.[1] ?? 0)));
        expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(2);
      }),
    );
  });
});
