import { describe, expect, it } from "vitest";
import { nodeLook } from "../canvas/look";
import { apply } from "./changes";
import { copy, paste } from "./clipboard";
import { blankDocument, type GraphDocument, type NodeSpec } from "./document";
import * as edits from "./edits";
import { nodeGeometry } from "./geometry";
import { faceOf, freshSpec, waitWords, waysToLeave, withPolicy, withWaitKind } from "./kinds";
import { validate } from "./problems";

const ANY: NodeSpec = {
  type: "wait",
  any: { paid: { signal: "payment", key: "order_id" }, late: { for: "2h" } },
};

const graph = (
  nodes: Record<string, NodeSpec>,
  edges: GraphDocument["edges"] = [],
): GraphDocument => ({
  ...blankDocument("k", "K"),
  entry: Object.keys(nodes).slice(0, 1),
  nodes,
  edges,
});

function done(document: GraphDocument, edit: ReturnType<typeof edits.add>): GraphDocument {
  const command = edit(document);
  if (!command) throw new Error("the edit changed nothing");
  return apply(document, command);
}

describe("faces", () => {
  it.each<[NodeSpec, string | null]>([
    [{ type: "map", over: "queries", as: "q" }, "for each q in queries"],
    [{ type: "map", over: "queries" }, "for each item in queries"],
    [{ type: "map", over: "queries", max_concurrency: 10 }, "for each item in queries, 10 at once"],
    [{ type: "map", over: "" }, null],
    [{ type: "subgraph", workflow: "paper-search", version: 4 }, "run paper-search v4"],
    [{ type: "subgraph", workflow: "paper-search" }, "run paper-search"],
    [{ type: "subgraph", workflow: "" }, null],
    [{ type: "human", assignees: { group: "maintainers" } }, "ask maintainers"],
    [{ type: "human", assignees: { users: ["ann", "bob"] } }, "ask ann, bob"],
    [{ type: "human" }, "ask a person"],
    [{ type: "wait", for: "30s" }, "wait 30s"],
    [{ type: "wait", until: "due_at" }, "wait until due_at"],
    [{ type: "wait", until: "'2030-01-31T09:00:00Z'" }, "wait until 2030-01-31T09:00:00Z"],
    [{ type: "wait", signal: "payment" }, "wait for payment"],
    [ANY, "wait for paid or late"],
    [{ type: "wait" }, "wait"],
    [{ type: "emit", signal: "payment" }, "emit payment"],
    [{ type: "end", terminate: true }, "End the whole run"],
    [{ type: "end" }, null],
    [{ type: "end", set: { outcome: "'ok'" } }, "end with outcome"],
    [{ type: "set" }, null],
    [{ type: "set", set: { score: "1", tries: "2" } }, "set score, tries"],
    [{ type: "set", set: { a: "1", b: "1", c: "1", d: "1" } }, "set a, b and 2 more"],
    [{ type: "noop" }, null],
    [{ type: "noop", join: { policy: "n_of_m", n: 2 } }, "join 2 arrivals"],
    [{ type: "noop", join: { policy: "first" } }, "the first arrival"],
  ])("of %j", (spec, words) => {
    expect(faceOf(spec)).toBe(words);
  });

  it("stand on the node; a node that says nothing yet is called by its type", () => {
    const look = (spec: NodeSpec) => nodeLook("n", spec, new Map()).subtitle;
    expect(look({ type: "wait", for: "30s" })).toBe("wait 30s");
    expect(look(freshSpec("map"))).toBe("For each");
    expect(look(freshSpec("emit"))).toBe("Emit a signal");
  });

  it("bear values of any shape", () => {
    for (const type of ["map", "human", "wait", "emit", "end", "subgraph"] as const) {
      const odd = { type, over: 3, assignees: [1], any: null, for: {}, signal: 5 } as NodeSpec;
      expect(() => nodeLook("n", odd, new Map())).not.toThrow();
    }
  });
});

describe("waiting for something else", () => {
  it("drops what the old way needed and keeps what it does not know", () => {
    const wait = { type: "wait", signal: "s", key: "k", outputs: { a: "payload" }, note: "x" };
    const next = withWaitKind(wait as NodeSpec, "for");
    expect(next).toEqual({ type: "wait", for: "30s", note: "x" });
  });

  it("begins with two alternatives", () => {
    const next = withWaitKind<NodeSpec>({ type: "wait", for: "5m" }, "any");
    expect(Object.keys(next.any as object)).toEqual(["arrived", "late"]);
    expect(next.for).toBeUndefined();
  });

  it("gives every alternative a port and a way out", () => {
    const ports = nodeGeometry(ANY, ["late", "error"]).ports.map((port) => port.id);
    expect(ports).toEqual(["in", "ok", "paid", "late", "error"]);
    expect(waysToLeave(ANY).map(([kind]) => kind)).toEqual([
      "ok",
      "paid",
      "late",
      "error",
      "timeout",
      "exhausted",
    ]);
  });

  it("renames an alternative with the edges that start with it", () => {
    const edge = { id: "e1", from: "w", to: "x", on: "late" };
    const next = done(
      graph({ w: ANY, x: { type: "end" } }, [edge]),
      edits.renameWait("w", "late", "slow"),
    );
    expect(Object.keys(next.nodes.w?.any as object)).toEqual(["paid", "slow"]);
    expect(next.edges[0]?.on).toBe("slow");
    expect(edits.renameWait("w", "slow", "paid")(next)).toBeNull();
  });
});

describe("joins", () => {
  it("write a count with n_of_m only", () => {
    const counted = withPolicy({ on_conflict: "last", later: 1 }, "n_of_m");
    expect(counted).toEqual({
      policy: "n_of_m",
      n: 1,
      cancel: true,
      on_conflict: "last",
      later: 1,
    });
    expect(withPolicy(counted, "all")).toEqual({ policy: "all", on_conflict: "last", later: 1 });
    expect(withPolicy(counted, "all_active")).toEqual({ on_conflict: "last", later: 1 });
  });
});

describe("the body of a map", () => {
  const map: NodeSpec = { type: "map", over: "xs", body: { tool: "a.b", later: 1 } };

  it("is edited in its place, and loses nothing it does not know", () => {
    const given = done(graph({ m: map }), edits.setNodePath("m", ["body", "inputs", "q"], "x"));
    expect(given.nodes.m?.body).toEqual({ tool: "a.b", later: 1, inputs: { q: "x" } });
    const cleared = done(given, edits.setNodePath("m", ["body", "inputs", "q"], undefined));
    expect(cleared.nodes.m).toEqual(map);
  });

  it("names a tool that is there", () => {
    const tools = new Map([["a.b", { name: "a.b" }]]);
    expect(validate(graph({ m: map }), tools)).toEqual([]);
    const [problem] = validate(graph({ m: freshSpec("map") }), tools);
    expect(problem).toMatchObject({
      code: "unknown_tool",
      pointer: "/nodes/m/body/tool",
      node: "m",
    });
  });
});

describe("the steps a step withdraws", () => {
  const start = graph({
    a: { type: "noop", cancels: ["b", "c"] },
    b: { type: "noop" },
    c: { type: "noop" },
  });

  it("follow a new id", () => {
    expect(done(start, edits.rename("b", "d")).nodes.a?.cancels).toEqual(["d", "c"]);
  });

  it("go with the steps that are deleted", () => {
    const one = done(start, edits.remove(new Set(["b"]), new Set()));
    expect(one.nodes.a?.cancels).toEqual(["c"]);
    const none = done(one, edits.remove(new Set(["c"]), new Set()));
    expect(none.nodes.a).toEqual({ type: "noop" });
  });

  it("are the copies in a copy", () => {
    const clip = copy(start, new Set(["a", "b"]));
    const next = clip && paste(start, clip, null).document;
    expect(next?.nodes.a_2?.cancels).toEqual(["b_2"]);
    expect(next?.nodes.a?.cancels).toEqual(["b", "c"]);
  });
});

describe("a person among the alternatives", () => {
  it("is asked in words of its own, which go with the person", () => {
    const person = { form: { type: "object" }, title: "Paid?", assignees: { users: ["ann"] } };
    expect(waitWords(person)).toBe("ask ann");
    expect(withWaitKind(person, "for")).toEqual({ for: "30s" });
    expect(withWaitKind({ for: "1h" }, "form")).toHaveProperty("form.type", "object");
  });

  it("leaves the title of the step alone", () => {
    const step = { type: "wait", title: "Payment", for: "1h" } as NodeSpec;
    expect(withWaitKind(step, "signal")).toEqual({ type: "wait", title: "Payment", signal: "" });
  });
});
