import { describe, expect, test } from "vitest";
import { cameWords, opened, sentWords } from "./waitWords";

describe("what a run waits for", () => {
  test("names everything that may come first", () => {
    const waits = [
      { kind: "signal", name: "payment", key: "o1" },
      { kind: "human", assignees: { users: ["ann"], group: "tellers" } },
      { kind: "timer", due: 1_795_398_055 },
    ];
    expect(opened({ waits })).toMatch(
      /^Waits for the signal payment with the key "o1" or for an answer of ann, the group tellers or until .*:\d\d:55/,
    );
  });

  test("stands odd data", () => {
    for (const waits of [undefined, 7, [], [null], [{ kind: "timer", due: "x" }]]) {
      expect(opened({ waits } as never)).toMatch(/^Waits/);
    }
  });

  test("says where a signal went", () => {
    expect(sentWords({ name: "go", key: "o1", to: "runs" })).toBe(
      'Sent the signal go with the key "o1", to whichever run waits for it',
    );
    expect(sentWords({ name: "go", to: "nobody" })).toBe(
      "Sent the signal go, which nobody waited for",
    );
  });

  test.each([
    [{ how: "fired" }, "Its time has come"],
    [{ how: "answered", by: "ann", on: "asked" }, "Answered by ann; goes on by asked"],
    [{ how: "received", name: "go", key: 7 }, "Took the signal go with the key 7"],
    [{ how: "timeout" }, "Nobody answered in time"],
    [{ how: "answered", by: "ann", item: 0 }, "Item 0: Answered by ann"],
    [{ how: "dropped", item: 2 }, "Item 2: The answer is not needed any more"],
    [{}, "What it waited for came"],
  ])("says what came: %j", (data, words) => expect(cameWords(data as never)).toBe(words));
});
