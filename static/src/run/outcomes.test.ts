import { describe, expect, test } from "vitest";
import { callPage, undecidedCalls } from "./outcomes";
import { Journal } from "./sampleRun";

const error = { code: "E_OUTCOME_UNKNOWN", message: "somebody has to say" };
const about = (act: number) => ({ node: "a", act, att: 1 });

describe("calls of unknown outcome", () => {
  const cut = () =>
    new Journal()
      .add("attempt.lost", { ...about(1), data: { error } })
      .add("attempt.lost", { ...about(2), data: {} })
      .add("attempt.lost", { ...about(3), data: { error } })
      .add("attempt.lost", { ...about(4), data: { error, edges: [] } });
  const acts = (journal: Journal) => undecidedCalls(journal.events).map((event) => event.act);

  test("are those that nobody has decided", () => {
    expect(acts(cut())).toEqual([1, 3]);
    expect(acts(cut().add("outcome.decided", { ...about(1), data: { choice: "skip" } }))).toEqual([
      3,
    ]);
  });

  test("are gone when they are made again or their branch is", () => {
    expect(acts(cut().add("attempt.started", { ...about(3), data: {} }))).toEqual([1]);
    expect(acts(cut().add("join.fired", { data: { withdrawn: [1, 3] } }))).toEqual([]);
  });

  test("have a page", () => {
    const [first] = undecidedCalls(cut().events);
    if (!first) throw new Error("none");
    expect(callPage("r", first)).toBe("/inbox/calls/r.1.1");
  });
});
