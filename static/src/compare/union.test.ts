import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { documents } from "../model/arbitrary";
import { blankDocument } from "../model/document";
import { sceneOf } from "../model/geometry";
import { addNode } from "../model/nodes";
import { union } from "./union";

describe("union", () => {
  const blank = blankDocument("k", "K");
  const one = addNode(
    addNode(blank, "a", { type: "noop" }, [0, 0]),
    "b",
    { type: "end" },
    [0, 400],
  );
  const wired = { ...one, edges: [{ id: "e1", from: "a", to: "b" }] };

  it("keeps what is gone, out of the way of what is there", () => {
    const other = addNode(
      addNode(blank, "b", { type: "end" }, [0, 400]),
      "c",
      { type: "noop" },
      [0, 8],
    );
    const both = union(wired, other);
    expect(Object.keys(both.nodes)).toEqual(["b", "c", "a"]);
    expect(both.edges.map(({ id }) => id)).toEqual(["e1"]);
    expect(both.layout.a).toEqual([0, 88]);
  });

  it("shows the newer one where it has everything", () => {
    const moved = { ...wired, layout: { a: [80, 80] as const, b: [0, 0] as const } };
    expect(union(wired, moved)).toEqual(moved);
  });

  it("puts no removed step upon another", () => {
    fc.assert(
      fc.property(documents(), documents(), (older, newer) => {
        const renamed = addNode(newer, "only_here", { type: "noop" }, [0, 0]);
        const both = union(older, {
          ...renamed,
          nodes: { only_here: { type: "noop" } },
          edges: [],
        });
        const scene = sceneOf(both).boxes;
        const places = Object.keys(both.nodes).map((id) => {
          const box = scene.get(id);
          return `${box?.x}/${box?.y}`;
        });
        expect(new Set(places).size).toBe(places.length);
      }),
    );
  });
});
