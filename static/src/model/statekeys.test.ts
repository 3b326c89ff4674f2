import { describe, expect, it } from "vitest";
import { blankDocument } from "./document";
import { putStateKey, stateKeys } from "./statekeys";

const key = {
  type: "integer",
  default: 0,
  required: false,
  reducer: null,
  description: "",
} as const;

describe("state keys", () => {
  it("are declared, read back and taken out again", () => {
    const blank = blankDocument("k", "K");
    const one = putStateKey(blank, "tries", { ...key, reducer: "sum", required: true });
    expect(one.state).toEqual({
      schema: { type: "object", properties: { tries: { type: "integer" } }, required: ["tries"] },
      defaults: { tries: 0 },
      reducers: { tries: "sum" },
    });
    expect(stateKeys(one)).toEqual([
      { ...key, name: "tries", reducer: "sum", required: true, declared: true },
    ]);
    expect(putStateKey(one, "tries", null).state).toEqual(blank.state);
  });

  it("keep what a schema says beyond the form", () => {
    const document = {
      ...blankDocument("k", "K"),
      state: { schema: { type: "object", properties: { n: { type: "integer", minimum: 1 } } } },
    };
    const next = putStateKey(document, "n", { ...key, default: 5 });
    expect(next.state).toMatchObject({
      schema: { properties: { n: { type: "integer", minimum: 1 } } },
      defaults: { n: 5 },
    });
  });

  it("include what nodes write", () => {
    const document = {
      ...blankDocument("k", "K"),
      nodes: { a: { type: "set" as const, set: { done: "true" } } },
    };
    expect(stateKeys(document)).toMatchObject([{ name: "done", declared: false, type: null }]);
  });
});
