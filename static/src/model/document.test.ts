import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { documents } from "./arbitrary";
import { blankDocument, DocumentError, parseDocument, serialise } from "./document";

describe("document", () => {
  it("survives a round trip byte for byte", () => {
    fc.assert(
      fc.property(documents(), (document) => {
        const text = serialise(document);
        expect(serialise(parseDocument(text))).toBe(text);
      }),
    );
  });

  it("writes one node, edge and place per line and keeps the order and the unknown keys", () => {
    const text = serialise(
      parseDocument(
        '{"format":"treadle/1","zeta":1,"nodes":{"b":{"type":"end"},"a":{"type":"noop"}}}',
      ),
    );
    expect(text.split("\n")).toEqual([
      "{",
      '  "format": "treadle/1",',
      '  "zeta": 1,',
      '  "nodes": {',
      '    "b": {"type":"end"},',
      '    "a": {"type":"noop"}',
      "  },",
      '  "entry": [],',
      '  "edges": [],',
      '  "layout": {}',
      "}",
      "",
    ]);
  });

  it.each([
    ["{", "not JSON"],
    ["[]", "JSON object"],
    ['{"format":"other"}', "treadle/1"],
    ['{"format":"treadle/1","nodes":[]}', '"nodes"'],
    ['{"format":"treadle/1","nodes":{"a":1}}', '"nodes"'],
    ['{"format":"treadle/1","edges":["x"]}', '"edges"'],
    ['{"format":"treadle/1","entry":[1]}', '"entry"'],
    ['{"format":"treadle/1","meta":{"__proto__":1}}', "__proto__"],
    [`{"format":"treadle/1","meta":${"[".repeat(70)}${"]".repeat(70)}}`, "nested deeper"],
  ])("refuses %s and says why", (text, words) => {
    expect(() => parseDocument(text)).toThrow(DocumentError);
    expect(() => parseDocument(text)).toThrow(words);
  });

  it("drops places that are no pair of numbers, or out of this world", () => {
    const text = '{"format":"treadle/1","layout":{"a":[1,2],"b":["x",1],"c":[1],"d":[1e300,0]}}';
    expect(parseDocument(text).layout).toEqual({ a: [1, 2] });
  });

  it("starts empty", () => {
    expect(serialise(blankDocument("k", "K"))).toContain('"nodes": {}');
  });
});
