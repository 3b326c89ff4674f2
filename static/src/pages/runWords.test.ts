import { expect, test } from "vitest";
import { durationWords, hasEnded, type RunItem } from "./runWords";

const NOW = Date.parse("2026-11-23T10:00:05Z");
const RUN: RunItem = {
  id: "1",
  status: "running",
  started_at: "2026-11-23T10:00:00Z",
  duration_ms: null,
  error: null,
};

test("a run that goes on is timed until now", () => {
  expect(durationWords(RUN, NOW)).toBe("5.0 s");
});

test("a run that ended has its own duration, one in the queue none", () => {
  expect(durationWords({ ...RUN, duration_ms: 340 }, NOW)).toBe("340 ms");
  expect(durationWords({ ...RUN, started_at: null }, NOW)).toBe("–");
});

test("paused and waiting runs have not ended", () => {
  expect(["completed", "failed", "cancelled"].every(hasEnded)).toBe(true);
  expect(["queued", "running", "waiting", "paused", "cancelling"].some(hasEnded)).toBe(false);
});
