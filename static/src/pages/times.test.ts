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

test.each([
  [1_000, "in 1 min"],
  [50 * 60_000, "in 50 min"],
  [5 * 3_600_000, "in 5 h"],
])("%i ms ahead is told as %s", (ahead, words) => {
  expect(ago(NOW + ahead, NOW)).toBe(words);
});

test("dates and the far future stay as the server wrote them", () => {
  expect(ago(NOW - 40 * 24 * 3_600_000, NOW)).toBeNull();
  expect(ago(NOW + 40 * 24 * 3_600_000, NOW)).toBeNull();
  expect(ago(Number.NaN, NOW)).toBeNull();
});
