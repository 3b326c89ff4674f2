import { describe, expect, it } from "vitest";
import { apply, revert } from "./changes";
import { copy, paste, readClip } from "./clipboard";
import { blankDocument, type GraphDocument, serialise } from "./document";
import { fitsInto, refusal } from "./edges";
import * as edits from "./edits";

const chain = (): GraphDocument => ({
  ...blankDocument("k", "K"),
  entry: ["a"],
  nodes: { a: { type: "noop" }, b: { type: "noop" }, c: { type: "end" } },
  edges: [
    { id: "e1", from: "a", to: "b", when: "x > 1", max: 3 },
    { id: "e2", from: "b", to: "c" },
    { id: "e3", from: "a", to: "c", else: true, resets: ["e1"] },
  ],
  layout: { a: [0, 0], b: [240, 0], c: [480, 0] },
});

function done(document: GraphDocument, edit: ReturnType<typeof edits.add>): GraphDocument {
  const command = edit(document);
  if (!command) throw new Error("the edit changed nothing");
  const next = apply(document, command);
  expect(serialise(revert(next, command))).toBe(serialise(document));
  return next;
}

describe("edits", () => {
  it("make the first node the entry", () => {
    const next = done(blankDocument("k", "K"), edits.add("first", { type: "noop" }, [8, 8]));
    expect(next.entry).toEqual(["first"]);
    expect(done(next, edits.add("second", { type: "noop" }, [8, 8])).entry).toEqual(["first"]);
  });

  it("add and connect in one step", () => {
    const next = done(chain(), edits.addAfter("d", { type: "noop" }, [0, 96], "b", "error"));
    expect(next.edges.at(-1)).toEqual({ id: "e4", from: "b", to: "d", on: "error" });
  });

  it("put a node into an edge: the first half keeps the condition, in its place", () => {
    const next = done(chain(), edits.addInto("m", { type: "noop" }, [120, 0], "e1"));
    expect(next.edges.map(({ id, from, to, when }) => [id, from, to, when])).toEqual([
      ["e1", "a", "m", "x > 1"],
      ["e4", "m", "b", undefined],
      ["e2", "b", "c", undefined],
      ["e3", "a", "c", undefined],
    ]);
  });

  it("heal the wire around a deleted node, and forget what named its edges", () => {
    const healed = done(chain(), edits.remove(new Set(["b"]), new Set(), true));
    expect(healed.edges.map(({ id, from, to }) => [id, from, to])).toEqual([
      ["e1", "a", "c"],
      ["e3", "a", "c"],
    ]);
    const plain = done(chain(), edits.remove(new Set(["b"]), new Set()));
    expect(plain.edges).toEqual([{ id: "e3", from: "a", to: "c", else: true }]);
    expect(plain.layout).not.toHaveProperty("b");
  });

  it("give the entry to another node when it is deleted", () => {
    expect(done(chain(), edits.remove(new Set(["a"]), new Set())).entry).toEqual(["b"]);
  });

  it("rename a node everywhere and keep its position", () => {
    const next = done(chain(), edits.rename("a", "start"));
    expect(Object.keys(next.nodes)).toEqual(["start", "b", "c"]);
    expect(next.entry).toEqual(["start"]);
    expect(next.edges.filter((edge) => edge.from === "start")).toHaveLength(2);
    expect(next.layout.start).toEqual([0, 0]);
  });

  it("do not rename onto another node", () => {
    expect(edits.rename("a", "b")(chain())).toBeNull();
  });

  it("switch an edge between always, when and else", () => {
    const otherwise = done(chain(), edits.decide("e1", "else"));
    expect(otherwise.edges[0]).toEqual({ id: "e1", from: "a", to: "b", max: 3, else: true });
    const always = done(otherwise, edits.decide("e1", "always"));
    expect(always.edges[0]).toEqual({ id: "e1", from: "a", to: "b", max: 3 });
  });

  it("move an edge only among the edges of its node", () => {
    const next = done(chain(), edits.reorder("e3", -1));
    expect(next.edges.map((edge) => edge.id)).toEqual(["e3", "e2", "e1"]);
    expect(edits.reorder("e3", 1)(chain())).toBeNull();
  });

  it("take a map away with its last entry", () => {
    const next = done(chain(), edits.setNodeEntry("a", "inputs", "text", "'x'"));
    expect(next.nodes.a).toEqual({ type: "noop", inputs: { text: "'x'" } });
    expect(done(next, edits.setNodeEntry("a", "inputs", "text", undefined)).nodes.a).toEqual({
      type: "noop",
    });
  });

  it("change nothing when nothing changes", () => {
    expect(edits.move(new Map([["a", [0, 0]]]))(chain())).toBeNull();
    expect(edits.setNode("a", "title", undefined)(chain())).toBeNull();
    expect(edits.makeEntry("a")(chain())).toBeNull();
  });

  it("paste with new ids, inner edges and led-over resets", () => {
    const clip = copy(chain(), new Set(["a", "c"]));
    const { document, ids } = paste(chain(), readClip(JSON.stringify(clip)) ?? fail(), [800, 80]);
    expect(ids).toEqual(["a_2", "c_2"]);
    expect(document.edges.at(-1)).toEqual({
      id: "e4",
      from: "a_2",
      to: "c_2",
      else: true,
      resets: [],
    });
    expect(document.layout).toMatchObject({ a_2: [800, 80], c_2: [1280, 80] });
  });

  it("paste with the links of the originals, in their own workflow alone", () => {
    const clip = copy(chain(), new Set(["b"])) ?? fail();
    const ends = (document: GraphDocument) =>
      document.edges.slice(3).map(({ from, to, when, max }) => [from, to, when, max]);
    expect(ends(paste(chain(), clip, null, true).document)).toEqual([
      ["a", "b_2", "x > 1", 3],
      ["b_2", "c", undefined, undefined],
    ]);
    expect(ends(paste(chain(), clip, null).document)).toEqual([]);
    expect(ends(paste({ ...chain(), key: "other" }, clip, null, true).document)).toEqual([]);
  });

  it("say which nodes may be dropped into an edge: those that stand alone and lead on", () => {
    const alone = done(chain(), edits.add("m", { type: "noop" }, [900, 900]));
    expect(fitsInto(alone, "m")).toBe(true);
    expect(fitsInto(alone, "b")).toBe(false);
    expect(fitsInto(done(chain(), edits.add("z", { type: "end" }, [0, 0])), "z")).toBe(false);
  });

  it("read no clip from other texts", () => {
    expect(readClip("hello")).toBeNull();
    expect(readClip('{"kind":"treadle/clip-1"}')).toBeNull();
  });

  it("refuse wires that cannot be", () => {
    expect(refusal(chain(), "c", "a")).toMatch("no ways out");
    expect(refusal(chain(), "b", "c")).toMatch("already connected");
    expect(refusal(chain(), "a", "b")).toBeNull();
  });

  function fail(): never {
    throw new Error("the clip could not be read");
  }
});
