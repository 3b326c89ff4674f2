import { describe, expect, it } from "vitest";
import { blankDocument, type EdgeSpec, type GraphDocument, type NodeSpec } from "./document";
import { mergeProblems, type Problem, validate } from "./problems";

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
    ["E_NO_ENTRY", graph({ a: { type: "noop" } }, [], [])],
    ["E_UNKNOWN_ENTRY", graph({ a: { type: "noop" } }, [], ["a", "zz"])],
    ["E_NODE_ID", graph({ "a b": { type: "noop" } }, [], ["a b"])],
    ["E_UNKNOWN_TOOL", graph({ a: { type: "tool", tool: "nope" } })],
    ["E_UNKNOWN_NODE", graph({ a: { type: "noop" } }, [{ id: "e", from: "a", to: "zz" }])],
    ["E_UNREACHABLE", graph({ a: { type: "noop" }, b: { type: "noop" } })],
    [
      "E_DUPLICATE_EDGE",
      graph({ a: { type: "noop" } }, [
        { id: "e", from: "a", to: "a", when: "x" },
        { id: "e", from: "a", to: "a" },
      ]),
    ],
    [
      "E_EMPTY_CONDITION",
      graph({ a: { type: "noop" } }, [{ id: "e", from: "a", to: "a", when: " " }]),
    ],
    ["W_NO_ELSE", graph({ a: { type: "noop" } }, [{ id: "e", from: "a", to: "a", when: "x" }])],
    ["W_ELSE_ALONE", graph({ a: { type: "noop" } }, [{ id: "e", from: "a", to: "a", else: true }])],
  ])("name %s", (code, document) => {
    expect(codes(document)).toContain(code);
  });

  it("say a thing once, drop what is gone, and put errors first", () => {
    const document = graph({ a: { type: "noop" } }, [{ id: "e", from: "a", to: "a", when: "x" }]);
    const local = validate(document, null);
    const server: Problem[] = [
      { ...(local[0] as Problem), message: "other words" },
      problem("E_CONDITION", { edge: "e" }),
      problem("E_CONDITION", { edge: "gone" }),
      problem("E_UNREACHABLE", { node: "a" }),
    ];
    expect(mergeProblems(document, local, server).map(({ code }) => code)).toEqual([
      "E_CONDITION",
      "W_NO_ELSE",
    ]);
  });

  function problem(code: string, about: Partial<Problem>): Problem {
    const rest = { message: "m", hint: "", pointer: "", severity: "error" as const };
    return { code, node: null, edge: null, ...rest, ...about };
  }
});
