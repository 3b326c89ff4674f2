import { describe, expect, it } from "vitest";
import { blankDocument, type EdgeSpec, type GraphDocument, type NodeSpec } from "./document";
import { CannotExtract, extraction } from "./extract";
import { groupNodes, groupsOf } from "./groups";
import type { ToolIo } from "./reading";

const TOOLS: ReadonlyMap<string, ToolIo> = new Map([
  ["t.count", { params: [{ name: "text" }], returns: { type: "integer" } }],
  ["t.any", { params: [{ name: "text" }], returns: null }],
  [
    "t.pick",
    {
      params: [
        { name: "data", required: true },
        { name: "fallback", required: false },
      ],
      returns: { type: "integer" },
    },
  ],
  ["t.state", { takes_state: true, returns: null }],
]);
const count: NodeSpec = {
  type: "tool",
  tool: "t.count",
  inputs: { text: "text" },
  outputs: { words: "result" },
};

/** a → count → check (⟲ to count while n < 3) → c, d */
const sample = (more: Partial<GraphDocument> = {}): GraphDocument => ({
  ...blankDocument("k", "K"),
  entry: ["a"],
  state: {
    schema: {
      type: "object",
      properties: { text: { type: "string" }, n: { type: "integer" } },
      required: ["text"],
    },
    defaults: { n: 0 },
  },
  nodes: {
    a: { type: "set", set: { text: "text" } },
    count,
    bump: { type: "set", set: { n: "n + words" } },
    check: { type: "noop", route: "first" },
    c: { type: "noop" },
    d: { type: "end" },
  },
  edges: [
    { id: "e1", from: "a", to: "count" },
    { id: "e2", from: "count", to: "bump" },
    { id: "e3", from: "bump", to: "check" },
    { id: "e4", from: "check", to: "count", when: "n < 3", max: 5 },
    { id: "e5", from: "check", to: "c", else: true },
    { id: "e6", from: "c", to: "d" },
  ],
  layout: {
    a: [0, 0],
    count: [288, 0],
    bump: [576, 0],
    check: [864, 0],
    c: [1152, 0],
    d: [1440, 0],
  },
  ...more,
});
const extract = (document: GraphDocument, ...ids: string[]) =>
  extraction(document, new Set(ids), TOOLS);
const ends = (edges: readonly EdgeSpec[]) =>
  edges.map(({ from, to, when, else: otherwise, on }) =>
    [from, to, when, otherwise && "else", on].filter(Boolean).join(" "),
  );
const why = (document: GraphDocument, ...ids: string[]) => {
  try {
    extract(document, ...ids);
  } catch (error) {
    if (error instanceof CannotExtract) return error.message;
    throw error;
  }
  throw new Error("nothing was refused");
};
const withEdges = (...more: EdgeSpec[]) => {
  const document = sample();
  return { ...document, edges: [...document.edges, ...more] };
};
const withNode = (id: string, spec: NodeSpec, ...edges: EdgeSpec[]) => {
  const document = withEdges(...edges);
  return { ...document, nodes: { ...document.nodes, [id]: spec } };
};

describe("extracting", () => {
  it("makes a workflow with the steps, and hands over the keys they read and write", () => {
    const { child } = extract(sample(), "count", "bump");
    expect(child.entry).toEqual(["count"]);
    expect(ends(child.edges)).toEqual(["count bump"]);
    expect(child.layout).toEqual({ count: [0, 0], bump: [288, 0] });
    expect(child.state).toEqual({
      schema: {
        type: "object",
        required: ["text"],
        properties: { text: { type: "string" }, n: { type: "integer" }, words: {} },
      },
      defaults: { n: 0 },
    });
    const { document, id } = extract(sample(), "count", "bump").replaced("counting", "Counting");
    expect(document.nodes[id]).toEqual({
      type: "subgraph",
      title: "Counting",
      workflow: "counting",
      in: { text: "text", n: "n" },
      out: { words: "state.words", n: "state.n" },
    });
    expect(ends(document.edges)).toEqual([
      "a counting",
      "counting check",
      "check counting n < 3",
      "check c else",
      "c d",
    ]);
    expect(document.layout.counting).toEqual([288, 0]);
    expect(document.entry).toEqual(["a"]);
  });

  it("hands over what a tool cannot do without, also where nobody can tell who writes it", () => {
    const before: NodeSpec = { type: "tool", tool: "t.any", inputs: { text: "text" } };
    const pick: NodeSpec = { type: "tool", tool: "t.pick", outputs: { words: "result" } };
    const { nodes, ...rest } = sample();
    const document = { ...rest, nodes: { ...nodes, a: before, count: pick } };

    const { child, replaced } = extract(document, "count");

    expect(replaced("k2", "K 2").document.nodes.k_2).toMatchObject({
      in: { data: "data" },
      out: { words: "state.words" },
    });
    expect(child.nodes.count).toEqual(pick);
    expect(child.state).toMatchObject({
      schema: { required: ["data"], properties: { data: {}, words: {} } },
    });
  });

  it("leads what goes on from inside of a loop to an end of the new workflow", () => {
    const { child, replaced } = extract(sample(), "count", "bump", "check");
    expect(ends(child.edges)).toEqual([
      "count bump",
      "bump check",
      "check count n < 3",
      "check end else",
    ]);
    expect(child.nodes.check).toEqual({ type: "noop", route: "first" });
    expect(ends(replaced("k2", "Loop").document.edges)).toEqual(["a loop", "loop c", "c d"]);
  });

  it("leaves the decision of the last step with the step that runs the workflow", () => {
    const document = withEdges({ id: "e7", from: "check", to: "d", when: "n > 9" });
    const { child, replaced } = extract(document, "check");
    expect(child.edges).toEqual([]);
    expect(child.nodes.check).toEqual({ type: "noop" });
    const made = replaced("k2", "").document;
    expect(made.nodes.k2).toEqual({ type: "subgraph", workflow: "k2", route: "first" });
    expect(ends(made.edges).slice(3)).toEqual(["k2 count n < 3", "k2 c else", "c d", "k2 d n > 9"]);
    expect(made.edges[3]?.max).toBe(5);
  });

  it("takes the entry over, and keeps groups that go along as a whole", () => {
    const { child, replaced } = extract(
      groupNodes(sample(), "g", ["a", "count"], "Both"),
      "a",
      "count",
      "bump",
      "check",
    );
    expect([...groupsOf(child).values()]).toMatchObject([{ title: "Both", nodes: ["a", "count"] }]);
    expect(replaced("k2", "First").document.entry).toEqual(["first"]);
    expect(replaced("k2", "First").document.meta).toBeUndefined();
  });

  it("lets what is added up be added up once", () => {
    const document = sample({
      state: { schema: {}, defaults: { n: 0 }, reducers: { log: "append", n: "sum" } },
      nodes: { ...sample().nodes, bump: { type: "set", set: { log: "['x']", n: "1" } } },
    });
    const { child, replaced } = extract(document, "bump");
    expect(child.state).toMatchObject({
      defaults: { log: [], n: 0 },
      reducers: { log: "append", n: "sum" },
    });
    expect(replaced("k2", "Bump").document.nodes.bump_2).toMatchObject({
      out: { log: "state.log", n: "state.n" },
    });
    expect(replaced("k2", "Bump").document.nodes.bump_2).not.toHaveProperty("in");
  });

  it("moves a rule of joining out with the ways it joins", () => {
    const document = withNode("count", { ...count, join: { policy: "first" } });
    const { child, replaced } = extract(document, "count", "bump");
    expect(child.nodes.count).not.toHaveProperty("join");
    expect(replaced("k2", "X").document.nodes.x).toMatchObject({ join: { policy: "first" } });
  });

  it.each([
    [
      "several beginnings",
      withEdges({ id: "x", from: "a", to: "bump" }),
      ["count", "bump"],
      "Ways lead in at “count” and “bump”",
    ],
    [
      "several ways on",
      withEdges({ id: "x", from: "count", to: "d" }),
      ["count", "bump"],
      "Ways lead out from",
    ],
    [
      "a part that nothing leads to",
      withNode("z", { type: "noop" }),
      ["count", "z"],
      "No way inside of the selection",
    ],
    [
      "an error way",
      withEdges({ id: "x", from: "count", to: "d", on: "error" }),
      ["count"],
      "The way “error” leads from “count”",
    ],
    [
      "a branch that ends inside",
      withNode("z", { type: "end" }, { id: "x", from: "count", to: "z" }),
      ["count", "z", "bump"],
      "“z” ends a branch",
    ],
    [
      "the end of the whole run",
      withNode("d", { type: "end", terminate: true }),
      ["c", "d"],
      "ends the whole run",
    ],
    [
      "a tool whose keys nobody knows",
      withNode("count", { type: "tool", tool: "t.any" }),
      ["count"],
      "Nobody can tell which keys “count” writes",
    ],
    [
      "a tool that changes the state itself",
      withNode("count", { type: "tool", tool: "t.state" }),
      ["count"],
      "Nobody can tell which keys",
    ],
    [
      "a withdrawal across",
      withNode("c", { type: "noop", cancels: ["count"] }),
      ["count"],
      "“c” withdraws “count”",
    ],
    [
      "a count of rounds",
      withNode("bump", { type: "set", set: { n: "iteration" } }),
      ["bump"],
      "iteration",
    ],
    [
      "a key written on some ways only",
      withNode(
        "z",
        { type: "set", set: { odd: "1" } },
        { id: "x", from: "count", to: "z", when: "n > 1" },
        { id: "y", from: "z", to: "bump" },
      ),
      ["count", "z", "bump"],
      "“odd” is written only on some ways",
    ],
    ["nothing", sample(), [], "Select the steps first"],
  ] as const)("refuses %s, and says why", (_, document, ids, words) => {
    expect(why(document as GraphDocument, ...ids)).toContain(words);
  });
});
