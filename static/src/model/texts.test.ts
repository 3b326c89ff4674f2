import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nodeLook } from "../canvas/look";
import { pictureOf } from "../canvas/picture";
import { placed } from "../canvas/placed";
import { documents } from "./arbitrary";
import { copy, paste, readClip } from "./clipboard";
import { DocumentError, type GraphDocument, serialise, toDocument } from "./document";
import { CannotExtract, extraction } from "./extract";
import { outlineOf, wayWords } from "./outline";
import { validate } from "./problems";
import { readsOf, writesOf } from "./reading";
import { stateKeys } from "./statekeys";
import { asText, asTexts } from "./texts";

const base = { format: "treadle/1", nodes: { a: { type: "noop" }, b: { type: "end" } } };

describe("what is no text where one belongs", () => {
  it("becomes what stands there, as it would be written", () => {
    const odd = [true, 0, null, undefined, "a", { a: 1 }];
    expect(odd.map(asText)).toEqual(["true", "0", "", "", "a", '{"a":1}']);
    expect(asTexts({ n: 0, nothing: null })).toEqual({ n: "0", nothing: "null" });
  });

  it("leaves a document alone that is well", () => {
    fc.assert(
      fc.property(documents(), (document) => {
        const read = toDocument(document);
        expect(read.nodes).toBe(document.nodes);
        expect(serialise(read)).toBe(serialise(document));
      }),
    );
  });

  it("leaves an end that an edge lacks empty: the place where it is mended", () => {
    const edges = [{ to: "b" }, { from: 7, to: null }];
    const read = toDocument({ ...base, edges });
    expect(read.edges.map(({ id, from, to }) => [id, from, to])).toEqual([
      ["e1", "", "b"],
      ["e2", "7", ""],
    ]);
    const told = validate(read, new Map()).filter(({ code }) => code === "unknown_node");
    expect(told.map(({ edge, pointer }) => [edge, pointer])).toEqual([
      ["e1", "/edges/0/from"],
      ["e2", "/edges/1/from"],
      ["e2", "/edges/1/to"],
    ]);
  });

  it("is mended in what is drawn: titles, tools, conditions and outcomes", () => {
    const { nodes, edges } = toDocument({
      ...base,
      nodes: { ...base.nodes, c: { type: "tool", title: { x: 1 }, tool: 7 } },
      edges: [{ id: "e1", from: "a", to: "b", when: true, on: ["x"] }],
    });
    expect(nodes.c).toEqual({ type: "tool", title: '{"x":1}', tool: "7" });
    expect(edges).toEqual([{ id: "e1", from: "a", to: "b", when: "true", on: '["x"]' }]);
  });

  it("takes one name for a list of one", () => {
    const edge = { id: "e1", from: "a", to: "b", resets: "e1" };
    expect(toDocument({ ...base, edges: [edge] }).edges[0]?.resets).toEqual(["e1"]);
  });

  it("gives edges the ids that the engine gives them", () => {
    const way = { from: "a", to: "b" };
    const { edges } = toDocument({
      ...base,
      edges: [way, { ...way, id: "e1" }, way, { ...way, id: 5 }],
    });
    expect(edges.map(({ id }) => id)).toEqual(["e1_", "e1", "e3", "5"]);
  });

  it("keeps nothing from being shown", () => {
    fc.assert(
      fc.property(
        documents(6),
        fc.array(spoils, { minLength: 1, maxLength: 4 }),
        (document, all) => {
          const read = readIfPossible(all.reduce(spoil, JSON.parse(serialise(document))));
          if (read) showAll(placed(read));
        },
      ),
      { numRuns: 500 },
    );
  });

  it("keeps no clip from being pasted or refused", () => {
    fc.assert(
      fc.property(
        documents(6),
        fc.array(spoils, { minLength: 1, maxLength: 4 }),
        (document, all) => {
          const clip = copy(document, new Set(Object.keys(document.nodes)));
          const read = readClip(
            JSON.stringify(all.reduce(spoil, JSON.parse(JSON.stringify(clip)))),
          );
          if (read) showAll(placed(paste(document, read, [0, 0], true).document));
        },
      ),
      { numRuns: 500 },
    );
  });
});

/** Somewhere in a value, something else. */
const spoils = fc.record({
  way: fc.array(fc.nat(), { minLength: 1, maxLength: 5 }),
  value: fc.jsonValue({ maxDepth: 2 }),
});
type Spoil = { readonly way: readonly number[]; readonly value: unknown };

function spoil(holder: unknown, { way, value }: Spoil): unknown {
  const [turn, ...rest] = way;
  if (turn === undefined || typeof holder !== "object" || holder === null) return value;
  const keys = Object.keys(holder);
  const key = keys[turn % keys.length];
  if (key === undefined) return value;
  const inner = spoil((holder as Record<string, unknown>)[key], { way: rest, value });
  if (Array.isArray(holder)) return holder.map((each, at) => (String(at) === key ? inner : each));
  return { ...holder, [key]: inner };
}

function readIfPossible(value: unknown): GraphDocument | null {
  try {
    return toDocument(value);
  } catch (error) {
    if (error instanceof DocumentError) return null;
    throw error;
  }
}

const NO_TOOLS = new Map();

/** Everything that reads a whole document to show it. */
function showAll(document: GraphDocument): void {
  validate(document, NO_TOOLS);
  pictureOf(document, NO_TOOLS, "Name");
  stateKeys(document);
  for (const [id, spec] of Object.entries(document.nodes)) {
    const { title, subtitle } = nodeLook(id, spec, NO_TOOLS);
    expect([typeof title, typeof subtitle]).toEqual(["string", "string"]);
    readsOf(spec, NO_TOOLS);
    writesOf(id, spec, NO_TOOLS);
  }
  for (const { ways } of outlineOf(document))
    for (const way of ways) expect(wayWords(way, (id) => id, false)).not.toBe("");
  try {
    extraction(document, new Set(Object.keys(document.nodes)), NO_TOOLS);
  } catch (error) {
    if (!(error instanceof CannotExtract)) throw error;
  }
}
