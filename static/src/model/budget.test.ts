import { describe, expect, it } from "vitest";
import { budgetMark, budgetOf, budgetWords } from "./budget";
import type { EdgeSpec } from "./document";

const marked = (fields: Partial<EdgeSpec>, loops: boolean) => {
  const budget = budgetOf({ id: "e", from: "a", to: "b", ...fields }, loops);
  return [budgetMark(budget), budgetWords(budget)];
};

describe("how often a way may be taken", () => {
  it("is what it says, in a loop or not", () => {
    expect(marked({ max: 5 }, true)).toEqual(["max 5", "at most 5 times"]);
    expect(marked({ max: 5 }, false)).toEqual(["max 5", "at most 5 times"]);
  });

  it("is what the engine gives it where it closes a loop and says nothing", () => {
    expect(marked({}, true)).toEqual(["max 100", "at most 100 times, as it says no number"]);
    expect(marked({}, false)).toEqual(["", ""]);
  });

  it("has no bound where it says that it has none", () => {
    expect(marked({ max: null }, true)).toEqual([
      "no max",
      "as often as the steps of the run allow",
    ]);
    expect(marked({ max: null }, false)).toEqual(["", ""]);
  });
});
