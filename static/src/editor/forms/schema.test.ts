import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../../model/document";
import type { Schema } from "../boot";
import {
  allowsNull,
  choicesOf,
  complaint,
  firstValue,
  fits,
  kindOf,
  labelOf,
  mistakesOf,
  resolve,
  typeWords,
  variantOf,
  variantWords,
} from "./schema";

const ADDRESS: Schema = {
  type: "object",
  required: ["street", "country"],
  properties: {
    street: { type: "string", minLength: 1 },
    country: { enum: ["de", "fr"] },
    zip: { type: "string", pattern: "^[0-9]{5}$" },
  },
  additionalProperties: false,
};
const ROOT: Schema = {
  $defs: {
    Address: ADDRESS,
    Tree: {
      type: "object",
      required: ["name"],
      properties: {
        name: { type: "string" },
        kids: { type: "array", items: { $ref: "#/$defs/Tree" } },
      },
    },
  },
  properties: { home: { $ref: "#/$defs/Address", title: "Home" } },
};

describe("the field for a schema", () => {
  it.each<[Schema, string]>([
    [{ type: "string" }, "text"],
    [{ type: ["string", "null"] }, "text"],
    [{ type: "string", format: "secret" }, "secret"],
    [{ enum: ["a", 1] }, "choice"],
    [{ const: "a" }, "choice"],
    [{ oneOf: [{ const: "a", title: "A" }, { const: "b" }] }, "choice"],
    [{ type: "array", items: { type: "string" } }, "list"],
    [{ type: "array", items: { type: "object", properties: { a: {} } } }, "list"],
    [{ type: "array", items: { $ref: "#/$defs/Tree" } }, "list"],
    [{ type: "array", items: { type: "array" } }, "json"],
    [{ type: "array" }, "json"],
    [{ type: "object", properties: { a: {} } }, "object"],
    [{ type: "object", additionalProperties: { type: "number" } }, "map"],
    [{ type: "object" }, "json"],
    [{ anyOf: [{ type: "string" }, { type: "integer" }] }, "variants"],
    [{ type: ["string", "integer"] }, "variants"],
    [{}, "json"],
    [{ type: "strange" }, "json"],
  ])("%j is %s", (schema, kind) => {
    expect(kindOf(schema)).toBe(kind);
  });

  it("follows references into any part of the root, and reads 'or null' as optional", () => {
    const root: Schema = { $defs: { Level: { enum: ["low", "high"] } } };
    const schema: Schema = { anyOf: [{ $ref: "#/$defs/Level" }, { type: "null" }], default: null };
    expect(resolve(schema, root)).toEqual({ enum: ["low", "high"], default: null });
    expect(resolve({ $ref: "#/properties/home" }, ROOT)).toEqual({ ...ADDRESS, title: "Home" });
    expect(resolve({ $ref: "https://else.where/schema" }, ROOT).type).toBeUndefined();
    expect(allowsNull(schema)).toBe(true);
  });

  it("joins allOf, and does not follow itself for ever", () => {
    const parts: Schema = {
      allOf: [
        { properties: { a: { type: "string" } }, required: ["a"] },
        { properties: { b: {} } },
      ],
      type: "object",
    };
    expect(Object.keys(resolve(parts).properties ?? {})).toEqual(["a", "b"]);
    expect(resolve(parts).required).toEqual(["a"]);
    const loop: Schema = { $ref: "#/$defs/A", $defs: { A: { $ref: "#/$defs/A" } } };
    expect(() => resolve(loop)).not.toThrow();
    expect(firstValue(resolve({ $ref: "#/$defs/Tree" }, ROOT), ROOT)).toEqual({ name: "" });
  });

  it("has words for its choices and shapes", () => {
    expect(choicesOf({ oneOf: [{ const: 1, title: "One" }, { const: 2 }] })).toEqual([
      [1, "One"],
      [2, "2"],
    ]);
    expect(typeWords({ type: "array" })).toBe("list");
    expect(typeWords({ type: ["string", "integer"] })).toBe("text or whole number");
    expect(variantWords({ properties: { kind: { const: "mail" } } }, 0)).toBe("mail");
    expect(variantWords({}, 1)).toBe("Shape 2");
  });
});

describe("a first value", () => {
  it("is the default, then the least that fits", () => {
    expect(firstValue({ type: "integer", default: 5 })).toBe(5);
    expect(firstValue({ type: "integer", minimum: 3 })).toBe(3);
    expect(firstValue({ type: "integer", exclusiveMinimum: 3 })).toBe(4);
    expect(firstValue({ type: "integer", maximum: -2 })).toBe(-2);
    expect(firstValue({ enum: ["x", "y"] })).toBe("x");
    expect(firstValue({ type: "array", items: { type: "string" }, minItems: 2 })).toEqual(["", ""]);
  });

  it("of an object has what is needed, deep", () => {
    const schema: Schema = {
      type: "object",
      required: ["home", "tags"],
      properties: {
        home: { $ref: "#/$defs/Address" },
        tags: { type: "array", items: { type: "string" } },
        note: { type: "string" },
      },
    };
    expect(firstValue(schema, ROOT)).toEqual({ home: { street: "", country: "de" }, tags: [] });
  });
});

describe("what is wrong with a value", () => {
  it.each<[Schema, Json, string | null]>([
    [{ minimum: 1 }, 0, "At least 1."],
    [{ exclusiveMaximum: 5 }, 5, "Less than 5."],
    [{ multipleOf: 0.1 }, 0.3, null],
    [{ multipleOf: 5 }, 7, "A multiple of 5."],
    [{ minLength: 1 }, "", "This must not be empty."],
    [{ pattern: "^a+$" }, "b", "It has to match ^a+$."],
    [{ pattern: "(" }, "b", null],
    [{ pattern: "^(a+)+$" }, `${"a".repeat(300)}b`, null],
    [{ minItems: 1 }, [], "At least 1 item."],
    [{ uniqueItems: true }, [{ a: 1 }, { a: 1 }], "Each item only once."],
    [{ enum: ["a", "b"] }, "c", "One of a, b."],
    [{ type: "string" }, "x", null],
  ])("%j of %j", (schema, value, message) => {
    expect(complaint(schema, value)).toBe(message);
  });

  it("is told at its place, as a JSON pointer", () => {
    const schema: Schema = {
      type: "array",
      items: { $ref: "#/$defs/Address" },
    };
    const value = [{ street: "", country: "xx", zip: "1", "a/b": 1 }, { street: "s" }];
    expect(mistakesOf(schema, value as Json, ROOT)).toEqual([
      { at: "/0/street", message: "This must not be empty." },
      { at: "/0/country", message: "One of de, fr." },
      { at: "/0/zip", message: "It has to match ^[0-9]{5}$." },
      { at: "/0/a~1b", message: "“a/b” is not known here." },
      { at: "/1/country", message: "This is needed." },
    ]);
  });

  it("follows the shape that the value has", () => {
    const schema: Schema = {
      oneOf: [
        {
          type: "object",
          required: ["mail"],
          properties: { kind: { const: "mail" }, mail: { type: "string" } },
        },
        {
          type: "object",
          required: ["url"],
          properties: { kind: { const: "web" }, url: { type: "string" } },
        },
      ],
    };
    expect(variantOf(schema, { kind: "web", url: "x" }, schema)).toBe(1);
    expect(mistakesOf(schema, { kind: "web", url: "x" })).toEqual([]);
    expect(variantOf(schema, 5, schema)).toBe(-1);
    expect(fits(schema, 5)).toBe(false);
  });

  it("is nothing for a first value, whatever the schema", () => {
    const leaf: fc.Arbitrary<Schema> = fc.oneof(
      fc.constant<Schema>({ type: "string" }),
      fc.record({ type: fc.constant("integer"), minimum: fc.integer({ min: -9, max: 9 }) }),
      fc.constant<Schema>({ type: "boolean" }),
      fc.constant<Schema>({ enum: ["a", "b"] }),
      fc.constant<Schema>({ anyOf: [{ type: "integer" }, { type: "null" }] }),
    );
    const { schema } = fc.letrec<{ schema: Schema }>((tie) => ({
      schema: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.record({ type: fc.constant("array"), items: tie("schema"), minItems: fc.nat(2) }),
        fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), tie("schema"), { maxKeys: 3 }).map(
          (properties): Schema => ({
            type: "object",
            properties,
            required: Object.keys(properties),
          }),
        ),
        fc.tuple(tie("schema"), tie("schema")).map((anyOf): Schema => ({ anyOf })),
      ),
    }));
    fc.assert(
      fc.property(schema, (given) => {
        const whole = resolve(given);
        const first = firstValue(whole, given);
        expect(fits(whole, first, given)).toBe(true);
        expect(mistakesOf(given, first)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ["threshold", "What is good enough", "What is good enough"],
    ["quality_threshold", "Quality Threshold", "quality_threshold"],
    ["text", undefined, "text"],
    ["text", "", "text"],
    ["text", 7 as unknown as string, "text"],
  ])("calls %s with the title %s %s", (name, title, label) => {
    expect(labelOf(name, title === undefined ? {} : { title })).toBe(label);
  });

  it("never fails, whatever schema and value meet", () => {
    const any = fc.jsonValue({ maxDepth: 4 });
    fc.assert(
      fc.property(any, any, (schema, value) => {
        if (typeof schema !== "object" || schema === null || Array.isArray(schema)) return;
        expect(Array.isArray(mistakesOf(schema as Schema, value as Json))).toBe(true);
      }),
    );
  });
});
