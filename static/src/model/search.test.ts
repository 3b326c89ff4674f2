import { expect, it } from "vitest";
import { search } from "./search";

const names = ["score_quality", "evaluate_quality", "quality", "load_code", "report"];
const find = (text: string) => search(names, text, (name) => [name]);

it("puts names that start with the text first, then word starts", () => {
  expect(find("quality")).toEqual(["quality", "score_quality", "evaluate_quality"]);
  expect(find("code")).toEqual(["load_code"]);
});

it("finds letters in order, gives all for no text and none for nonsense", () => {
  expect(find("scq")).toEqual(["score_quality"]);
  expect(find("")).toEqual(names);
  expect(find("(*")).toEqual([]);
});

it("prefers a fit in the name over one in the description", () => {
  const items = [
    { name: "alpha", text: "beta" },
    { name: "beta", text: "x" },
  ];
  expect(search(items, "beta", (item) => [item.name, item.text])[0]?.name).toBe("beta");
});
