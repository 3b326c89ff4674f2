import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { documents } from "./arbitrary";
import { blankDocument, type EdgeSpec, type GraphDocument, type NodeSpec } from "./document";
import { CannotExpand, expanded } from "./expand";
import { CannotExtract, extraction } from "./extract";
import type { ToolIo } from "./reading";
import { stream } from "./stream";

const TOOLS: ReadonlyMap<string, ToolIo> = new Map([
  ["demo.work", { params: [{ name: "text" }], returns: { type: "null" } }],
  ["t.word", { params: [], returns: { type: "string" } }],
]);

/** What counts of a document's graph: nodes, entry and ways, whatever their ids and their order. */
function graphOf(document: GraphDocument) {
  const way = ({ id: _, resets: __, ...edge }: EdgeSpec) =>
    JSON.stringify(edge, Object.keys(edge).sort());
  return {
    entry: [...document.entry].sort(),
    nodes: Object.fromEntries(
      Object.entries(document.nodes).sort(([a], [b]) => a.localeCompare(b)),
    ),
    ways: document.edges.map(way).sort(),
  };
}

describe("extracting and expanding again", () => {
  it("gives the graph that was there", () => {
    let tried = 0;
    fc.assert(
      fc.property(documents(9), fc.nat(), fc.integer({ min: 1, max: 5 }), (random, from, size) => {
        // Nothing leads out of an end; the editor draws no such way.
        const document = {
          ...random,
          edges: random.edges.filter((edge) => random.nodes[edge.from]?.type !== "end"),
        };
        const ids = Object.keys(document.nodes);
        const start = ids[from % ids.length] as string;
        const chosen = new Set([...stream(document, [start], true)].slice(0, size));
        try {
          const { child, replaced } = extraction(document, chosen, TOOLS);
          const { document: made, id } = replaced("part", "A part of it");
          const back = expanded(made, id, { ...child, key: "part" }, TOOLS);
          expect(graphOf(back.document)).toEqual(graphOf(document));
          expect(new Set(back.ids)).toEqual(chosen);
          tried += 1;
        } catch (error) {
          if (!(error instanceof CannotExtract)) throw error;
        }
      }),
      { numRuns: 500, seed: 11 },
    );
    expect(tried).toBeGreaterThan(40);
  });
});

const call: NodeSpec = {
  type: "subgraph",
  workflow: "w",
  in: { query: "queries[0]" },
  out: { docs: "result.found" },
};
const parent = (more: Partial<NodeSpec> = {}): GraphDocument => ({
  ...blankDocument("k", "K"),
  entry: ["a"],
  nodes: { a: { type: "noop" }, call: { ...call, ...more } as NodeSpec, z: { type: "end" } },
  edges: [
    { id: "e1", from: "a", to: "call", when: "x" },
    { id: "e2", from: "call", to: "z" },
  ],
  layout: { a: [0, 0], call: [288, 0], z: [576, 0] },
});
const child: GraphDocument = {
  ...blankDocument("w", "W"),
  entry: ["a"],
  state: {
    schema: { type: "object", properties: { query: { type: "string" } } },
    defaults: { tries: 0 },
  },
  nodes: {
    a: { type: "set", set: { found: "[query]", tries: "tries + 1" } },
    b: { type: "end" },
    c: { type: "end", set: { found: "[]" } },
  },
  edges: [
    { id: "e1", from: "a", to: "b", when: "size(found) > 0", resets: ["e2"] },
    { id: "e2", from: "a", to: "c", else: true },
  ],
  layout: { a: [0, 0], b: [288, 0], c: [288, 120] },
};
const ends = (document: GraphDocument) =>
  document.edges.map(({ id, from, to, on }) => [id, from, to, on].filter(Boolean).join(" "));
const why = (document: GraphDocument, other: GraphDocument = child) => {
  try {
    expanded(document, "call", other, TOOLS);
  } catch (error) {
    if (error instanceof CannotExpand) return error.message;
    throw error;
  }
  throw new Error("nothing was refused");
};

describe("expanding", () => {
  it("sets before and after what goes by other names, and gives new ids where they are taken", () => {
    const { document, ids } = expanded(parent(), "call", child, TOOLS);
    expect([...ids].sort()).toEqual(["a_2", "begin", "c", "done"]);
    expect(document.nodes.begin).toEqual({
      type: "set",
      set: { query: "queries[0]", tries: "0" },
    });
    expect(document.nodes.done).toEqual({ type: "set", set: { docs: "state.found" } });
    expect(document.nodes.c).toEqual({ type: "set", set: { found: "[]" } });
    expect(ends(document)).toEqual([
      "e1 a begin",
      "e2 done z",
      "e3 a_2 done",
      "e4 a_2 c",
      "e5 begin a_2",
      "e6 c done",
    ]);
    expect(document.edges.find((edge) => edge.id === "e3")?.resets).toEqual(["e4"]);
    expect(document.edges[0]?.when).toBe("x");
    expect(document.state).toMatchObject({
      schema: { properties: { query: { type: "string" } } },
      defaults: {},
    });
    expect(
      Object.values(document.layout)
        .flat()
        .every((part) => part % 8 === 0),
    ).toBe(true);
    expect(document.layout.z?.[0]).toBeGreaterThan(576);
  });

  it("lets a failure inside take the way of a failure of the whole", () => {
    const failing = parent();
    const edges = [...failing.edges, { id: "e3", from: "call", to: "z", on: "error" }];
    const { document } = expanded({ ...failing, edges }, "call", child, TOOLS);
    const errors = document.edges.filter((edge) => edge.on === "error");
    expect(errors.map(({ from, to }) => [from, to])).toEqual([
      ["a_2", "z"],
      ["c", "z"],
      ["begin", "z"],
      ["done", "z"],
    ]);
  });

  it.each([
    ["a timeout of the whole", parent({ timeout: "5m" }), child, "The timeout of “call”"],
    ["what is switched off", parent({ disabled: true }), child, "switched off"],
    ["a workflow without steps", parent(), blankDocument("w", "W"), "has no steps"],
    [
      "a key that means something else",
      { ...parent(), state: { schema: {}, defaults: { tries: 3 } } },
      child,
      "“tries” is a key of both workflows",
    ],
    [
      "the end of the whole workflow",
      parent(),
      { ...child, nodes: { ...child.nodes, b: { type: "end" as const, terminate: true } } },
      "“b” ends the whole workflow",
    ],
    [
      "a result under a name that is taken",
      parent(),
      { ...child, nodes: { ...child.nodes, a: { type: "tool" as const, tool: "t.word" } } },
      "“a” keeps its result under its own name",
    ],
    ["another kind of step", parent({ type: "noop" }), child, "Select a step that runs a workflow"],
  ])("refuses %s, and says why", (_, document, other, words) => {
    expect(why(document as GraphDocument, other as GraphDocument)).toContain(words);
  });
});
