import { describe, expect, it } from "vitest";
import type { Schema } from "../boot";
import { complaint, firstValue, fits, kindOf, resolve, typeWords } from "./schema";

describe("schema", () => {
  it.each<[Schema, string]>([
    [{ type: "string" }, "text"],
    [{ type: ["string", "null"] }, "text"],
    [{ type: "string", format: "secret" }, "secret"],
    [{ enum: ["a", 1] }, "choice"],
    [{ type: "array", items: { type: "string" } }, "list"],
    [{ type: "array", items: { type: "array" } }, "json"],
    [{ type: "object", properties: { a: {} } }, "object"],
    [{ type: "object" }, "json"],
    [{}, "json"],
  ])("chooses a field for %j", (schema, kind) => {
    expect(kindOf(schema)).toBe(kind);
  });

  it("follows references and reads 'or null' as optional", () => {
    const root: Schema = { $defs: { Level: { enum: ["low", "high"] } } };
    const schema: Schema = { anyOf: [{ $ref: "#/$defs/Level" }, { type: "null" }], default: null };
    expect(resolve(schema, root)).toEqual({ enum: ["low", "high"], default: null });
  });

  it("knows which values a field can show", () => {
    expect(fits({ type: "integer" }, 2)).toBe(true);
    expect(fits({ type: "integer" }, 2.5)).toBe(false);
    expect(fits({ type: "array", items: { type: "string" } }, ["a", 1])).toBe(false);
  });

  it("starts with the default, then with the least that fits", () => {
    expect(firstValue({ type: "integer", default: 5 })).toBe(5);
    expect(firstValue({ type: "integer", minimum: 3 })).toBe(3);
    expect(firstValue({ enum: ["x", "y"] })).toBe("x");
  });

  it("complains in words", () => {
    expect(complaint({ minimum: 1 }, 0)).toBe("At least 1.");
    expect(complaint({ minLength: 1 }, "")).toBe("This must not be empty.");
    expect(complaint({ type: "string" }, "x")).toBeNull();
    expect(typeWords({ type: "array" })).toBe("list");
  });
});
