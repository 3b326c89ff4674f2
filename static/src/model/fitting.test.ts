import { describe, expect, it } from "vitest";
import { toDocument } from "./document";
import { fitOfTool, fitOfType, knownBehind } from "./fitting";

const text = { type: "string" };
const schema = (properties: object, ...required: string[]) => ({ properties, required });
const TOOLS = new Map(
  Object.entries({
    split: {
      schema: schema({ text, separator: { type: "string", default: "," } }, "text"),
      returns: { type: "object", additionalProperties: { type: "array", items: text } },
    },
    length: { schema: schema({ text }, "text"), returns: { type: "integer" } },
    scale: { schema: schema({ value: { type: "number" } }, "value"), returns: { type: "number" } },
    replace: { schema: schema({ text, find: text }, "text", "find"), returns: text },
    join: { schema: schema({ parts: { type: "array", items: text } }, "parts"), returns: text },
    request: { schema: schema({ url: text }, "url"), returns: { type: "object" } },
    now: { schema: schema({}), returns: text },
    quality: { schema: schema({ code: { ...text, default: "" } }), returns: null },
    pair: { schema: schema({ one: { enum: ["a", "b"] } }, "one"), returns: null },
  }),
);
const tool = (name: string) => TOOLS.get(name) ?? { schema: {} };

const read = (nodes: object, edges: [string, string][] = [], state: object = {}) =>
  toDocument({
    format: "treadle/1",
    entry: [],
    state,
    nodes,
    edges: edges.map(([from, to], i) => ({ id: `e${i}`, from, to })),
  });

describe("what is known behind a step", () => {
  it("are the keys that are declared, read before, and written before", () => {
    const document = read(
      {
        first: { type: "tool", tool: "length", inputs: { text: "title" } },
        second: { type: "tool", tool: "split", outputs: { words: "result.words" } },
        later: { type: "set", set: { never: "1" } },
      },
      [
        ["first", "second"],
        ["second", "later"],
      ],
      { schema: { properties: { code: text } }, defaults: { tries: 0 } },
    );
    expect(Object.fromEntries(knownBehind(document, "second", "ok", TOOLS))).toEqual({
      code: { types: ["string"], fresh: false },
      tries: { types: ["integer"], fresh: false },
      title: { types: ["string"], fresh: false },
      text: { types: ["string"], fresh: false },
      first: { types: ["integer"], fresh: false },
      words: { types: ["array"], fresh: true },
    });
  });

  it("lacks what a step would have written where it failed", () => {
    const document = read({ count: { type: "tool", tool: "length", inputs: { text: "'a'" } } });
    expect(knownBehind(document, "count", "error", TOOLS).has("count")).toBe(false);
    expect(knownBehind(document, "count", "ok", TOOLS).get("count")?.fresh).toBe(true);
  });
});

describe("how a tool fits", () => {
  const known = new Map([
    ["text", { types: ["string"], fresh: false }],
    ["count", { types: ["integer"], fresh: true }],
  ]);

  it("by the names of the keys it takes", () => {
    expect(fitOfTool(tool("split"), known)).toEqual({ rank: 1, names: ["text"], fields: {} });
    const fresh = new Map([["text", { types: [], fresh: true }]]);
    expect(fitOfTool(tool("split"), fresh).rank).toBe(0);
  });

  it("by the type of what the step gives, which is then its input", () => {
    const fit = fitOfTool(tool("scale"), known);
    expect(fit).toEqual({ rank: 0, names: ["count"], fields: { inputs: { value: "count" } } });
  });

  it("but is not fed where there are two ways to", () => {
    const two = new Map([...known, ["size", { types: ["number"], fresh: true }]]);
    const fit = fitOfTool(tool("scale"), two);
    expect(fit).toEqual({ rank: 0, names: ["count", "size"], fields: {} });
  });

  it("not, where something is missing or of another type", () => {
    expect(fitOfTool(tool("request"), known)).toEqual({ rank: null, names: ["url"], fields: {} });
    expect(fitOfTool(tool("replace"), known).names).toEqual(["find"]);
    const list = new Map([["text", { types: ["array"], fresh: false }]]);
    expect(fitOfTool(tool("split"), list).rank).toBeNull();
    expect(fitOfTool(tool("pair"), known).rank).toBeNull();
  });

  it("always, where it needs nothing; better, where it takes what is there", () => {
    expect(fitOfTool(tool("now"), known).rank).toBe(2);
    expect(fitOfTool(tool("quality"), known).rank).toBe(2);
    const code = new Map([["code", { types: ["string"], fresh: true }]]);
    expect(fitOfTool(tool("quality"), code)).toEqual({ rank: 0, names: ["code"], fields: {} });
  });
});

describe("how a step without a tool fits", () => {
  it("always, but one that goes through a list needs a list", () => {
    const words = new Map([["words", { types: ["array"], fresh: true }]]);
    expect(fitOfType("noop", new Map()).rank).toBe(2);
    expect(fitOfType("map", new Map()).rank).toBeNull();
    expect(fitOfType("map", words)).toEqual({
      rank: 0,
      names: ["words"],
      fields: { over: "words" },
    });
  });
});
