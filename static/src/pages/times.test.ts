import { expect, test } from "vitest";
import { ago } from "./times";

const NOW = Date.parse("2026-11-23T10:00:00Z");

test.each([
  [10_000, "just now"],
  [44_000, "just now"],
  [60_000, "1 min ago"],
  [59 * 60_000, "59 min ago"],
  [3 * 3_600_000, "3 h ago"],
  [48 * 3_600_000, "2 days ago"],
])("%i ms in the past is told as %s", (past, words) => {
  expect(ago(NOW - past, NOW)).toBe(words);
});

test("dates and the future stay as the server wrote them", () => {
  expect(ago(NOW - 40 * 24 * 3_600_000, NOW)).toBeNull();
  expect(ago(NOW + 1000, NOW)).toBeNull();
  expect(ago(Number.NaN, NOW)).toBeNull();
});
