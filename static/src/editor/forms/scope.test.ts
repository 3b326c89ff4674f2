import { describe, expect, it } from "vitest";
import { type GraphDocument, toDocument } from "../../model/document";
import type { Visit } from "../lookback/calls";
import { scopeOf } from "./scope";

const DOCUMENT: GraphDocument = toDocument({
  format: "treadle/1",
  entry: ["lint"],
  state: {
    schema: {
      type: "object",
      properties: { code: { type: "string", description: "The source." } },
    },
  },
  nodes: {
    lint: { type: "tool", tool: "review.lint", outputs: { count: "result.count" } },
    each: {
      type: "map",
      over: "files",
      as: "file",
      body: { tool: "t" },
      collect: { all: "results" },
    },
    ask: { type: "human", form: {} },
  },
  edges: [],
});

const VISIT: Visit = {
  number: 2,
  activation: 5,
  status: "ok",
  began: 3,
  ended: 4,
  error: null,
  inputs: [],
  before: { code: "x", count: 1 },
  after: { code: "x", count: 4, extra: [1] },
  names: { result: { count: 4 } },
  item: { file: "a.py", item: "a.py", index: 0 },
  whole: true,
  ops: [],
  cut: [],
};
const LANGUAGE = {
  functions: [],
  names: [
    { name: "state", summary: "the whole state" },
    { name: "result", summary: "what came" },
  ],
};

const read = (
  node: string,
  at: "before" | "item" | "result" | "after",
  visit: Visit | null = VISIT,
) => scopeOf(DOCUMENT, { node, at }, visit, null, LANGUAGE);
const named = (scope: ReturnType<typeof scopeOf>, name: string) =>
  scope.names.find((each) => each.name === name);

describe("the names at a place", () => {
  it("are the state's keys with who writes them, what the last run had, and those of the place", () => {
    const scope = read("lint", "after");

    expect(scope.names.map(({ name }) => name)).toEqual([
      "code",
      "count",
      "all",
      "extra",
      "state",
      "iteration",
    ]);
    expect(named(scope, "code")).toMatchObject({ detail: "string", info: "The source." });
    expect(named(scope, "count")?.info).toBe("Written by lint.");
    expect(named(scope, "extra")).toMatchObject({ detail: "list", info: "In the last run." });
    expect(named(scope, "state")?.info).toBe("The whole state.");
  });

  it("depend on the moment and the type of the node", () => {
    const names = (node: string, at: "before" | "item" | "result") =>
      read(node, at, null)
        .names.map(({ name }) => name)
        .slice(3);

    expect(names("lint", "result")).toEqual(["state", "result", "iteration"]);
    expect(names("each", "item")).toEqual(["state", "file", "item", "index"]);
    expect(names("each", "result")).toEqual([
      "state",
      "results",
      "done",
      "failed",
      "total",
      "iteration",
    ]);
    expect(names("ask", "result")).toEqual(["state", "answer", "iteration"]);
    expect(names("lint", "before")).toEqual(["state", "error", "iteration"]);
  });

  it("stand for what they stood for then", () => {
    expect(read("lint", "before").values).toMatchObject({ count: 1, iteration: 2 });
    expect(read("lint", "after").values).toMatchObject({ count: 4, state: { count: 4 } });
    expect(read("lint", "result").values).toMatchObject({ count: 1, result: { count: 4 } });
    expect(read("each", "item").values).toMatchObject({ file: "a.py", index: 0 });
  });

  it("stand for the last state of a run that never came there", () => {
    const scope = scopeOf(DOCUMENT, { node: "lint", at: "before" }, null, { code: "y" });

    expect(scope.values).toEqual({ code: "y", state: { code: "y" } });
    expect(scopeOf(DOCUMENT, null, null, null).values).toEqual({});
  });

  it("knows what the state and the form of a question declare", () => {
    const form = { properties: { verdict: { enum: ["ship", "stop"] } } };
    const nodes = { ...DOCUMENT.nodes, ask: { type: "human" as const, form } };
    const schemas = (at: "before" | "result") =>
      scopeOf({ ...DOCUMENT, nodes }, { node: "ask", at }, null, null).schemas;
    expect(schemas("result")?.answer).toEqual(form);
    expect(schemas("before")).not.toHaveProperty("answer");
    expect(schemas("before")?.code).toEqual({ type: "string", description: "The source." });
  });
});
