import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Address, readAddress, writeAddress } from "./address";

const PLAIN: Address = {
  node: null,
  edge: null,
  tab: "settings",
  run: null,
  round: null,
  outline: false,
};

describe("the address of a view", () => {
  it("says nothing of a view where all is as at first", () => {
    expect(writeAddress(PLAIN)).toBe("");
    expect(readAddress("")).toEqual(PLAIN);
  });

  it("names what is selected, how it is looked at, and the run", () => {
    const address: Address = { ...PLAIN, node: "score", tab: "output", run: "01a2", round: 3 };
    expect(writeAddress(address)).toBe("#node=score&tab=output&run=01a2&round=3");
    expect(readAddress("#node=score&tab=output&run=01a2&round=3")).toEqual(address);
    expect(readAddress("#edge=e1&view=outline")).toEqual({ ...PLAIN, edge: "e1", outline: true });
  });

  it("is not that of a place on the page", () => {
    expect(readAddress("#main")).toBeNull();
  });

  it("leaves parts that make no sense as they are at first", () => {
    expect(readAddress("#tab=nonsense&round=-1&what=ever")).toEqual(PLAIN);
    expect(readAddress("#node=a&edge=b")).toEqual({ ...PLAIN, node: "a" });
  });

  it("is read as it was written", () => {
    const name = fc.option(fc.string({ minLength: 1 }), { nil: null });
    fc.assert(
      fc.property(name, name, name, (node, edge, run) => {
        const address: Address = { ...PLAIN, node, edge: node === null ? edge : null, run };
        expect(readAddress(writeAddress(address))).toEqual(address);
      }),
    );
  });
});
