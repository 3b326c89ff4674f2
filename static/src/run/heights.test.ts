import fc from "fast-check";
import { expect, test } from "vitest";
import { Heights } from "./heights";

test("offsets and places agree with plain sums, whatever was measured", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("resize" as const), count: fc.nat(80) }),
    fc.record({
      kind: fc.constant("set" as const),
      index: fc.nat(79),
      height: fc.integer({ min: 1, max: 90 }),
    }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const heights = new Heights(20);
      let plain: number[] = [];
      for (const each of steps) {
        if (each.kind === "resize") {
          heights.resize(each.count);
          plain = Array.from({ length: each.count }, (_, index) => plain[index] ?? 20);
        } else if (each.index < plain.length) {
          heights.set(each.index, each.height);
          plain[each.index] = each.height;
        }
      }

      expect(heights.count).toBe(plain.length);
      let top = 0;
      plain.forEach((height, index) => {
        expect(heights.offset(index)).toBe(top);
        expect(heights.indexAt(top)).toBe(index);
        expect(heights.indexAt(top + height - 1)).toBe(index);
        top += height;
      });
      expect(heights.total).toBe(top);
    }),
  );
});

test("a place below the last row belongs to the last row", () => {
  const heights = new Heights(10);
  heights.resize(3);
  expect(heights.indexAt(1_000)).toBe(2);
  expect(heights.indexAt(-5)).toBe(0);
});
