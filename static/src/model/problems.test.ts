import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  blankDocument,
  type EdgeSpec,
  type GraphDocument,
  type NodeSpec,
  toDocument,
} from "./document";
import { mergeProblems, type Problem, validate } from "./problems";

interface Vector {
  readonly name: string;
  readonly document: unknown;
  readonly problems: readonly Pick<Problem, "code" | "pointer" | "severity">[];
}

const graph = (
  nodes: Record<string, NodeSpec>,
  edges: EdgeSpec[] = [],
  entry = ["a"],
): GraphDocument => ({ ...blankDocument("k", "K"), entry, nodes, edges });
const codes = (document: GraphDocument, tools: string[] = []) =>
  validate(document, new Map(tools.map((name) => [name, { name }]))).map((each) => each.code);

describe("problems", () => {
  it("are none for a sound graph and for an empty one", () => {
    const sound = graph({ a: { type: "tool", tool: "t" }, b: { type: "end" } }, [
      { id: "e", from: "a", to: "b" },
    ]);
    expect(codes(sound, ["t"])).toEqual([]);
    expect(codes(graph({}, [], []))).toEqual([]);
  });

  it.each<[string, GraphDocument]>([
    ["no_entry", graph({ a: { type: "noop" } }, [], [])],
    ["unknown_tool", graph({ a: { type: "tool", tool: "nope" } })],
    ["no_workflow", graph({ a: { type: "subgraph", workflow: "" } })],
    ["no_workflow", graph({ a: { type: "map", over: "xs", body: { workflow: "" } } })],
    ["unknown_node", graph({ a: { type: "noop" } }, [{ id: "e", from: "a", to: "zz" }])],
    ["unreachable_node", graph({ a: { type: "noop" }, b: { type: "noop" } })],
    [
      "double_id",
      graph({ a: { type: "noop" } }, [
        { id: "e", from: "a", to: "a", when: "x" },
        { id: "e", from: "a", to: "a" },
      ]),
    ],
    [
      "empty_condition",
      graph({ a: { type: "noop" } }, [{ id: "e", from: "a", to: "a", when: " " }]),
    ],
    ["no_else", graph({ a: { type: "noop" } }, [{ id: "e", from: "a", to: "a", when: "x" }])],
    ["else_alone", graph({ a: { type: "noop" } }, [{ id: "e", from: "a", to: "a", else: true }])],
  ])("name %s", (code, document) => {
    expect(codes(document)).toContain(code);
  });

  // The engine is asked about the same file: tests/engine/test_problem_vectors.py.
  const vectors = new URL("../../../tests/vectors/problems.json", import.meta.url);
  const cases = JSON.parse(readFileSync(vectors, "utf-8")) as Vector[];
  it.each(cases)("are those of the engine: $name", ({ document, problems }) => {
    const found = validate(toDocument(document), new Map([["t", { name: "t" }]]));
    const told = found.map(({ code, pointer, severity }) => ({ code, pointer, severity }));
    expect(told).toEqual(problems);
  });

  it("say a thing once, drop what is gone, and put errors first", () => {
    const document = graph({ a: { type: "noop" } }, [{ id: "e", from: "a", to: "a", when: "x" }]);
    const local = validate(document, null);
    const server: Problem[] = [
      { ...(local[0] as Problem), message: "other words" },
      problem("E_CONDITION", { edge: "e" }),
      problem("E_CONDITION", { edge: "gone" }),
      problem("unreachable_node", { node: "a" }),
    ];
    expect(mergeProblems(document, local, server).map(({ code }) => code)).toEqual([
      "E_CONDITION",
      "no_else",
    ]);
  });

  function problem(code: string, about: Partial<Problem>): Problem {
    const rest = { message: "m", hint: "", pointer: "", severity: "error" as const };
    return { code, node: null, edge: null, ...rest, ...about };
  }
});
