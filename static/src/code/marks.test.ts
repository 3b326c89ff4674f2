import { describe, expect, test } from "vitest";
import { groupMarks } from "./marks";

describe("groupMarks", () => {
  test("puts the worst mark of a line first and sorts lines", () => {
    const lines = groupMarks(
      [
        { line: 9, level: "info", text: "a note" },
        { line: 2, level: "warning", text: "unused" },
        { line: 2, level: "error", text: "undefined name" },
      ],
      10,
    );

    expect(lines).toEqual([
      { line: 2, level: "error", texts: ["undefined name", "unused"] },
      { line: 9, level: "info", texts: ["a note"] },
    ]);
  });

  test("leaves lines outside the text out", () => {
    const outside = [0, -1, 4].map((line) => ({ line, level: "error" as const, text: "x" }));
    expect(groupMarks(outside, 3)).toEqual([]);
  });
});
