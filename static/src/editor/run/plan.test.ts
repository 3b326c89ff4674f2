import { describe, expect, it } from "vitest";
import { bodyOf, planWords, type Reach, WHOLE } from "./plan";

const wish = (reach: Reach, more = {}) => ({
  plan: { reach, node: "b" },
  state: { n: 1 },
  base: null,
  pins: {},
  ...more,
});

describe("the start of a test run", () => {
  it("is of the whole draft, or of a part of it", () => {
    expect(bodyOf({ ...wish("all"), plan: WHOLE })).toEqual({ draft: true, state: { n: 1 } });
    expect(bodyOf(wish("to"))).toEqual({ draft: true, state: { n: 1 }, to: "b" });
    expect(bodyOf(wish("only"))).toEqual({ draft: true, state: { n: 1 }, from: "b", to: "b" });
    expect(bodyOf(wish("from"))).toEqual({ draft: true, state: { n: 1 }, from: "b" });
  });

  it("begins on what another run came there with", () => {
    expect(bodyOf(wish("from", { base: "r1" })).from).toEqual({ node: "b", run: "r1" });
  });

  it("has the pins, but a step that runs alone is called", () => {
    const pins = { a: 1, b: 2 };
    expect(bodyOf(wish("to", { pins })).pinned).toEqual(pins);
    expect(bodyOf(wish("only", { pins })).pinned).toEqual({ a: 1 });
    expect("pinned" in bodyOf(wish("only", { pins: { b: 2 } }))).toBe(false);
  });

  it("is said in words", () => {
    expect(planWords({ reach: "to", node: "b" }, "Score it")).toBe("Run to “Score it”");
  });
});
