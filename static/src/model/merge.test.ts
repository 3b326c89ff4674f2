import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { choices, commandOf, documents } from "./arbitrary";
import { apply, type Command } from "./changes";
import { blankDocument, type GraphDocument } from "./document";
import * as edits from "./edits";
import { equal } from "./equal";
import { merge } from "./merge";

const base: GraphDocument = {
  ...blankDocument("k", "K"),
  entry: ["a"],
  nodes: {
    a: { type: "noop" },
    b: { type: "tool", tool: "demo.work", inputs: { limit: "3", text: "'hi'" } },
  },
  edges: [{ id: "e1", from: "a", to: "b" }],
  layout: { a: [0, 0], b: [240, 0] },
};
type Edit = (document: GraphDocument) => Command | null;
const done = (...list: Edit[]) =>
  list.reduce((document, edit) => {
    const command = edit(document);
    return command ? apply(document, command) : document;
  }, base);
const paths = (mine: GraphDocument, theirs: GraphDocument) =>
  merge(base, mine, theirs).conflicts.map((conflict) => conflict.path.join("."));

describe("merge", () => {
  it("keeps both sides' edits of different things", () => {
    const mine = done(edits.setNode("a", "title", "Mine"));
    const theirs = done(edits.addAfter("c", { type: "end" }, [480, 0], "b"));
    const { document, conflicts } = merge(base, mine, theirs);
    expect(conflicts).toEqual([]);
    expect(document.nodes.a?.title).toBe("Mine");
    expect(document.edges.map((edge) => edge.id)).toEqual(["e1", "e2"]);
  });

  it("keeps both sides' edits of different fields of one step", () => {
    const mine = done(edits.setNodeEntry("b", "inputs", "limit", "4"));
    const theirs = done(
      edits.setNodeEntry("b", "inputs", "text", "'ho'"),
      edits.setNode("b", "title", "Theirs"),
    );
    const { document, conflicts } = merge(base, mine, theirs);
    expect(conflicts).toEqual([]);
    expect(document.nodes.b).toMatchObject({
      title: "Theirs",
      inputs: { limit: "4", text: "'ho'" },
    });
  });

  it("tells the field that both changed, with all three values, and lets one be chosen", () => {
    const mine = done(edits.setNodeEntry("b", "inputs", "limit", "4"));
    const theirs = done(edits.setNodeEntry("b", "inputs", "limit", "6"));
    const { document, conflicts } = merge(base, mine, theirs);
    expect(conflicts).toEqual([
      { path: ["nodes", "b", "inputs", "limit"], base: "3", mine: "4", theirs: "6" },
    ]);
    expect(document.nodes.b?.inputs?.limit).toBe("4");
    const taken = merge(base, mine, theirs, () => "theirs").document;
    expect(taken.nodes.b?.inputs?.limit).toBe("6");
  });

  it("gives new things of one id different ones", () => {
    const mine = done(edits.addAfter("c", { type: "end", title: "Mine" }, [480, 0], "b"));
    const theirs = done(edits.addAfter("c", { type: "end", title: "Theirs" }, [480, 0], "b"));
    const { document, conflicts } = merge(base, mine, theirs);
    expect(conflicts).toEqual([]);
    expect(document.nodes.c?.title).toBe("Theirs");
    expect(document.nodes.c_2?.title).toBe("Mine");
    expect(document.edges.map(({ from, to }) => `${from}>${to}`)).toEqual(["a>b", "b>c", "b>c_2"]);
    expect(new Set(document.edges.map((edge) => edge.id)).size).toBe(3);
    expect(document.layout.c_2).toEqual([480, 0]);
  });

  it("asks before a step goes that the other side changed or wired", () => {
    const gone = done(edits.remove(new Set(["b"]), new Set()));
    expect(paths(done(edits.setNode("b", "title", "Mine")), gone)).toEqual(["nodes.b"]);
    const wired = done(edits.wire("b", "a"));
    expect(paths(wired, gone)).toEqual(["nodes.b"]);
    expect(paths(gone, wired)).toEqual(["nodes.b"]);
    const back = merge(base, gone, wired, () => "theirs").document;
    expect(back.edges.map(({ from, to }) => `${from}>${to}`)).toEqual(["a>b", "b>a"]);
    expect(back.layout.b).toEqual([240, 0]);
    const away = merge(base, gone, wired, () => "mine").document;
    expect([Object.keys(away.nodes), away.edges]).toEqual([["a"], []]);
  });

  it("lets a step go that only one side touched", () => {
    const mine = done(edits.setNode("a", "title", "Mine"));
    const theirs = done(edits.remove(new Set(["b"]), new Set()));
    const { document, conflicts } = merge(base, mine, theirs);
    expect(conflicts).toEqual([]);
    expect([Object.keys(document.nodes), document.edges]).toEqual([["a"], []]);
  });

  it("follows the side that changed the order of ways, and asks when both did", () => {
    const three: GraphDocument = {
      ...base,
      edges: ["e1", "e2", "e3"].map((id) => ({ id, from: "a", to: "b", when: id })),
    };
    const ordered = (...ids: string[]): GraphDocument => ({
      ...three,
      edges: ids.map((id) => ({ id, from: "a", to: "b", when: id })),
    });
    const ids = ({ document }: { document: GraphDocument }) => document.edges.map(({ id }) => id);
    expect(ids(merge(three, three, ordered("e3", "e1", "e2")))).toEqual(["e3", "e1", "e2"]);
    expect(ids(merge(three, ordered("e2", "e1", "e3"), three))).toEqual(["e2", "e1", "e3"]);
    const both = merge(three, ordered("e2", "e1", "e3"), ordered("e3", "e2", "e1"));
    expect(both.conflicts.map(({ path }) => path)).toEqual([["order"]]);
  });

  it("gives the other side's document when only it changed, and ours when only we did", () => {
    fc.assert(
      fc.property(documents(), choices, (document, choice) => {
        const command = commandOf(document, choice);
        fc.pre(command !== null && soundEnds(document));
        const next = apply(document, command as NonNullable<typeof command>);
        expect(equal(merge(document, next, document).document, next)).toBe(true);
        const taken = merge(document, document, next);
        expect(taken.conflicts).toEqual([]);
        expect(equal(taken.document, next)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("loses no edit of either side that is told as no conflict", () => {
    fc.assert(
      fc.property(documents(), choices, choices, (document, one, other) => {
        const [mine, theirs] = [one, other].map((choice) => {
          const command = commandOf(document, choice);
          return command ? apply(document, command) : document;
        }) as [GraphDocument, GraphDocument];
        fc.pre(soundEnds(document));
        const { document: joined, conflicts } = merge(document, mine, theirs);
        if (conflicts.length > 0) return;
        for (const side of [mine, theirs]) {
          for (const [id, node] of Object.entries(side.nodes)) {
            if (equal(document.nodes[id], node)) continue;
            for (const [key, value] of Object.entries(node)) {
              if (equal(document.nodes[id]?.[key], value)) continue;
              const there = Object.values(joined.nodes).some((each) => holds(each[key], value));
              expect(there, `${id}.${key}`).toBe(true);
            }
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  const holds = (value: unknown, part: unknown): boolean =>
    equal(value, part) ||
    (typeof part === "object" &&
      part !== null &&
      typeof value === "object" &&
      value !== null &&
      Object.values(part).some((each) => Object.values(value).includes(each)));

  const soundEnds = (document: GraphDocument) =>
    document.edges.every((edge) => document.nodes[edge.from] && document.nodes[edge.to]);
});
