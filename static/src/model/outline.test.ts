import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blankDocument, type EdgeSpec, type GraphDocument } from "./document";
import { outlineOf, wayWords } from "./outline";

function graph(nodes: string, edges: string, entry = nodes[0] ?? ""): GraphDocument {
  return {
    ...blankDocument("k", "K"),
    entry: [...entry],
    nodes: Object.fromEntries([...nodes].map((id) => [id, { type: "noop" as const }])),
    edges: edges
      .split(" ")
      .filter(Boolean)
      .map((pair, n) => ({ id: `e${n}`, from: pair[0] ?? "", to: pair[1] ?? "" })),
  };
}
const order = (document: GraphDocument) =>
  outlineOf(document)
    .map(({ id }) => id)
    .join("");

describe("the order of an outline", () => {
  it.each([
    ["a line", "cab", "ab bc", "a", "abc"],
    ["a fork and its join, the first way first", "abcd", "ab ac bd cd", "a", "abcd"],
    ["a loop, entered at its head", "abc", "ab bc cb", "a", "abc"],
    ["a long way round before the join", "adbc", "ad ab bc cd", "a", "abcd"],
    ["two entries", "ab", "", "ab", "ab"],
    ["what no entry leads to last", "zab", "ab", "a", "abz"],
    ["ends that are not there", "ab", "ax ab xb", "a", "ab"],
  ])("is that of a run: %s", (_, nodes, edges, entry, expected) => {
    expect(order(graph(nodes, edges, entry))).toBe(expected);
  });

  it("holds each step once, with its ways, and says what is apart", () => {
    const [, b, z] = outlineOf(graph("abz", "ab ba bb"));
    expect(b?.ways.map((way) => way.to)).toEqual(["a", "b"]);
    expect([b?.apart, z?.apart]).toEqual([false, true]);
  });

  it("of any graph lists every step once, and without loops each after those before it", () => {
    const pairs = fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 20 });
    fc.assert(
      fc.property(pairs, fc.boolean(), (edges, forward) => {
        const names = "abcdefgh";
        const kept = edges.filter(([from, to]) => !forward || from < to);
        const text = kept.map(([from, to]) => `${names[from]}${names[to]}`).join(" ");
        const found = order(graph(names, text));
        expect([...found].sort().join("")).toBe(names);
        if (!forward) return;
        const reached = outlineOf(graph(names, text)).filter(({ apart }) => !apart);
        const place = new Map(reached.map(({ id }, at) => [id, at]));
        for (const [from, to] of kept) {
          const [before, after] = [place.get(names[from] ?? ""), place.get(names[to] ?? "")];
          if (before !== undefined && after !== undefined) expect(before).toBeLessThan(after);
        }
      }),
    );
  });
});

describe("the words of a way", () => {
  const way = (fields: Partial<EdgeSpec>, loops = false) =>
    wayWords(
      { id: "e", from: "a", to: "b", ...fields } as EdgeSpec,
      (id) => id.toUpperCase(),
      loops,
    );

  it("say where, on what and when", () => {
    expect(way({})).toBe("to B, always");
    expect(way({ when: "n < 3", max: 5 })).toBe("to B, when n < 3, at most 5 times");
    expect(way({}, true)).toBe(
      "to B, always, at most 100 times, as it says no number, part of a loop",
    );
    expect(way({ on: "error", else: true })).toBe("to B, on error, otherwise");
  });
});
