import { describe, expect, it } from "vitest";
import { Quiet } from "./refusing";

describe("telling that nothing may be changed", () => {
  it("says it for the first try, and not for those that follow it", () => {
    const quiet = new Quiet();
    const told = [0, 30, 60, 500, 59_000, 118_000].map((now) => quiet.breaks(now));
    expect(told).toEqual([true, false, false, false, false, false]);
  });

  it("says it again once it may be forgotten", () => {
    const quiet = new Quiet();
    quiet.breaks(1000);
    expect(quiet.breaks(61_000)).toBe(true);
    expect(quiet.breaks(61_033)).toBe(false);
  });
});
