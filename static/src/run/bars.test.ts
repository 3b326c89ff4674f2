import fc from "fast-check";
import { expect, test } from "vitest";
import { barAt, difference, inLayers, spanOf, THICK, topOf } from "./bars";
import type { Bar } from "./lanes";

const SCALE = { length: 1000, width: 500 };

const someBars = fc.array(
  fc.record({
    from: fc.nat(1200),
    ms: fc.option(fc.nat(400)),
    lane: fc.nat(9),
    failed: fc.boolean(),
  }),
  { minLength: 1, maxLength: 60 },
);

function made(given: { from: number; ms: number | null; lane: number; failed: boolean }[]): Bar[] {
  return given.map(({ from, ms, lane, failed }, at) => ({
    key: `n${at}#1`,
    node: `n${at}`,
    visit: 1,
    status: failed ? "error" : ms === null ? "running" : "ok",
    from,
    to: ms === null ? null : from + ms,
    lane,
    seq: at,
    ms,
  }));
}

test("every bar is seen, however short its visit was", () => {
  fc.assert(
    fc.property(someBars, (given) => {
      for (const bar of made(given)) {
        const { left, right } = spanOf(bar, SCALE);
        expect(right - left).toBeGreaterThanOrEqual(2);
        expect(left).toBeGreaterThanOrEqual(0);
        expect(right).toBeLessThanOrEqual(SCALE.width);
      }
    }),
  );
});

test("what is pointed at is the uppermost bar there", () => {
  fc.assert(
    fc.property(someBars, fc.nat(59), (given, place) => {
      const bars = made(given);
      const bar = bars[place % bars.length] as Bar;
      const { left, right } = spanOf(bar, SCALE);
      const [x, y] = [(left + right) / 2, topOf(bar) + THICK / 2];
      const there = inLayers(bars).filter((each) => {
        const span = spanOf(each, SCALE);
        return topOf(each) === topOf(bar) && span.left <= x && x <= span.right;
      });
      expect(barAt(bars, SCALE, x, y)).toBe(there.at(-1));
    }),
  );
});

test("a pointer beside a bar means it, farther away none", () => {
  const bars = made([{ from: 400, ms: 100, lane: 0, failed: false }]);
  expect(barAt(bars, SCALE, 198, 8)).toBe(bars[0]);
  expect(barAt(bars, SCALE, 253, 8)).toBe(bars[0]);
  expect(barAt(bars, SCALE, 190, 8)).toBeNull();
  expect(barAt(bars, SCALE, 225, 25)).toBeNull();
});

test("lists differ where their bars do, and nowhere else", () => {
  const before = made([
    { from: 0, ms: 100, lane: 0, failed: false },
    { from: 400, ms: null, lane: 0, failed: false },
  ]);
  const [first] = before as [Bar, Bar];
  const [, ended] = made([
    { from: 0, ms: 1, lane: 0, failed: false },
    { from: 400, ms: 200, lane: 0, failed: false },
  ]) as [Bar, Bar];
  expect(difference(before, before, SCALE)).toBeNull();
  expect(difference(before, [first, ended], SCALE)).toEqual({ left: 200, right: 500 });
  expect(difference([first], [first, ended], SCALE)).toEqual({ left: 200, right: 300 });
});
