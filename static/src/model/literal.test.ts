import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "./document";
import { fromLiteral, toLiteral } from "./literal";

const values: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: "grapheme" }),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Number.isInteger(n)),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.string({ minLength: 1 }), tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

describe("literals", () => {
  it("come back as they were written", () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(fromLiteral(toLiteral(value))).toEqual({ value });
      }),
    );
  });

  it("spell out what turns the direction of text, which no source may hold as it is", () => {
    const literal = toLiteral("a\u202eb\u2066c\u2069d");
    expect(literal).toBe("'a\\u202eb\\u2066c\\u2069d'");
    expect(fromLiteral(literal)).toEqual({ value: "a\u202eb\u2066c\u2069d" });
  });

  it.each([
    ["'it\\'s'", "it's"],
    ['"double"', "double"],
    [" [1, 2.5,] ", [1, 2.5]],
    ["{'a': {'b': null}}", { a: { b: null } }],
    ["'\\u00e9\\x41'", "éA"],
    ["-7", -7],
  ])("reads %s", (source, value) => {
    expect(fromLiteral(source)).toEqual({ value });
  });

  it.each([
    "code",
    "a.b",
    "1 + 1",
    "[x]",
    "{1: 2}",
    "'open",
    "''''",
    "7.0",
    "9007199254740993",
    "True",
    "'\\ud800'",
    "",
    `${"[".repeat(60)}${"]".repeat(60)}`,
  ])("leaves %s as an expression", (source) => {
    expect(fromLiteral(source)).toBeNull();
  });

  it("writes texts on one line", () => {
    expect(toLiteral("a\n'b'\u0000")).toBe("'a\\n\\'b\\'\\u0000'");
  });
});
