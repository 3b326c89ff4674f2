import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { drawCourse } from "./course";
import { arrange, PLAIN_TABLE, sortBy, tally, toneOf } from "./findings";
import { parsePatch, undo } from "./patch";
import { readReport, reportSoFar } from "./report";
import { changedPaths, versionsOf } from "./versions";
import { remainingWords, score } from "./words";

/** A unified diff in the plainest form: everything in one hunk. */
function diffOf(path: string, before: string, after: string): string {
  const split = (text: string) => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const sign = (mark: string) => (line: string) =>
    line.endsWith("\n") ? `${mark}${line}` : `${mark}${line}\n\\ No newline at end of file\n`;
  const old = split(before);
  const now = split(after);
  const range = (lines: readonly string[]) => `${lines.length ? 1 : 0},${lines.length}`;
  return [
    `--- a/${path}\n+++ b/${path}\n@@ -${range(old)} +${range(now)} @@\n`,
    ...old.map(sign("-")),
    ...now.map(sign("+")),
  ].join("");
}

const pass = (n: number, diff: string, cut = false) => ({
  n,
  group: "proven",
  applied: [],
  refused: [],
  diff,
  cut,
});

describe("undo", () => {
  const DIFF = `--- a/m.py
+++ b/m.py
@@ -1,4 +1,3 @@
-import os
 import sys
 
 x = 1
@@ -8,2 +7,3 @@
 y = 2
-if y == None:
+if y is None:
+    pass
`;
  const AFTER = "import sys\n\nx = 1\na\nb\nc\ny = 2\nif y is None:\n    pass\nend\n";

  test("takes the changes of every hunk back", () => {
    const [patch] = parsePatch(DIFF);
    expect(patch?.path).toBe("m.py");
    expect(patch && undo(AFTER, patch)).toBe(
      "import os\nimport sys\n\nx = 1\na\nb\nc\ny = 2\nif y == None:\nend\n",
    );
  });

  test("refuses a text the diff was not made for", () => {
    const [patch] = parsePatch(DIFF);
    expect(patch && undo(AFTER.replace("x = 1", "x = 2"), patch)).toBeNull();
    expect(patch && undo("", patch)).toBeNull();
  });

  test("knows a file without a line end at its end", () => {
    const diff = diffOf("m.py", "x = 1", "x = 1\n");
    const [patch] = parsePatch(diff);
    expect(patch && undo("x = 1\n", patch)).toBe("x = 1");
  });

  test("keeps lines that look like the head of a file", () => {
    const diff = diffOf("m.py", "-- a\n", "++ b\n");
    const [patch] = parsePatch(diff);
    expect(patch && undo("++ b\n", patch)).toBe("-- a\n");
  });

  test("any chain of passes can be taken back to its start", () => {
    const line = fc.constantFrom(
      "a\n",
      "b\n",
      "\n",
      "  c\n",
      "-x\n",
      "+y\n",
      "@@ -1 +1 @@\n",
      "é\n",
    );
    const text = fc
      .tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom("", "tail"))
      .map(([lines, tail]) => lines.join("") + tail);
    fc.assert(
      fc.property(fc.array(text, { minLength: 2, maxLength: 5 }), (texts) => {
        const passes = texts
          .slice(1)
          .map((after, index) => pass(index + 1, diffOf("m.py", texts[index] ?? "", after)));
        const last = new Map([["m.py", texts.at(-1) ?? ""]]);
        const versions = versionsOf(last, passes);
        expect(versions.map((each) => each?.get("m.py"))).toEqual(texts);
      }),
    );
  });
});

describe("versionsOf", () => {
  test("has no text from a cut diff backwards", () => {
    const last = new Map([["m.py", "c\n"]]);
    const versions = versionsOf(last, [
      pass(1, diffOf("m.py", "a\n", "b\n"), true),
      pass(2, diffOf("m.py", "b\n", "c\n")),
    ]);
    expect(versions.map((each) => each?.get("m.py") ?? null)).toEqual([null, "b\n", "c\n"]);
  });

  test("leaves files alone that a pass did not touch", () => {
    const last = new Map([
      ["a.py", "1\n"],
      ["b.py", "2\n"],
    ]);
    const [first] = versionsOf(last, [pass(1, diffOf("b.py", "0\n", "2\n"))]);
    expect(first && changedPaths(first, last)).toEqual(["b.py"]);
  });
});

describe("the table of findings", () => {
  const { findings } = readReport({
    issues: [
      {
        id: "1",
        path: "m.py",
        line: 9,
        rule: "F401",
        severity: "minor",
        category: "deadcode",
        points_lost: 0.2,
      },
      {
        id: "2",
        path: "m.py",
        line: 2,
        rule: "E711",
        severity: "error",
        category: "bug",
        points_lost: 2,
      },
      {
        id: "3",
        path: "m.py",
        line: 5,
        rule: "B006",
        severity: "error",
        category: "bug",
        points_lost: 1,
      },
      {
        id: "4",
        path: "m.py",
        line: 1,
        rule: "D100",
        severity: "minor",
        category: "docs",
        suppressed: true,
      },
    ],
  });
  const ids = (table: Parameters<typeof arrange>[1]) =>
    arrange(findings, table).map((each) => each.id);

  test("is by line at first and leaves suppressed ones out", () => {
    expect(ids(PLAIN_TABLE)).toEqual(["2", "3", "1"]);
  });

  test("sorts by severity and points with the worst first, and turns round", () => {
    const worst = sortBy(PLAIN_TABLE, "severity");
    expect(ids(worst)).toEqual(["2", "3", "1"]);
    expect(ids(sortBy(worst, "severity"))).toEqual(["1", "2", "3"]);
    expect(ids(sortBy(PLAIN_TABLE, "points"))).toEqual(["2", "3", "1"]);
    expect(ids(sortBy(PLAIN_TABLE, "rule"))).toEqual(["3", "2", "1"]);
  });

  test("ranks what stops everything above an error", () => {
    const [first] = findings;
    const blocked = { ...first, id: "b", severity: "blocker" } as (typeof findings)[number];
    const worst = arrange([...findings, blocked], sortBy(PLAIN_TABLE, "severity"));
    expect(worst[0]?.severity).toBe("blocker");
    expect(toneOf("blocker")).toBe("error");
  });

  test("filters by severity and category", () => {
    expect(ids({ ...PLAIN_TABLE, severity: "minor" })).toEqual(["1"]);
    expect(ids({ ...PLAIN_TABLE, category: "bug" })).toEqual(["2", "3"]);
    expect(tally(findings, "severity")).toEqual([
      ["error", 2],
      ["minor", 1],
    ]);
  });
});

describe("the report", () => {
  test("reads nothing as an empty report", () => {
    const report = readReport({});
    expect(report).toMatchObject({ score: null, ok: false, findings: [], course: [], passes: [] });
  });

  test("takes only web addresses as links", () => {
    const { findings } = readReport({
      issues: [{ url: "javascript:alert(1)" }, { url: "https://x" }],
    });
    expect(findings.map((each) => each.url)).toEqual([null, "https://x"]);
  });

  test("shows a running review what it has", () => {
    const report = reportSoFar({
      quality_score: 6.4,
      quality_ok: true,
      issues: [{ id: "1", line: 3 }],
      complexity_findings: [{ id: "2", line: 4 }],
    });
    expect(report).toMatchObject({ score: 6.4, ok: false, count: 2 });
  });

  test("says what remains", () => {
    expect(remainingWords({ unsafe: 0, manual: 0 })).toBe("Nothing is left to do.");
    expect(remainingWords({ unsafe: 1, manual: 2 })).toContain(
      "1 needs a decision, because a fix may change behaviour, and 2 are work for a person.",
    );
  });

  test.each([
    [7, "7"],
    [6.4449, "6.44"],
    [9.97, "9.97"],
    [10, "10"],
  ])("writes a score of %d as %s", (value, text) => expect(score(value)).toBe(text));
});

describe("drawCourse", () => {
  const course = (scores: readonly number[]) =>
    drawCourse(
      scores.map((each, index) => ({ pass: index, group: null, score: each, findings: 0 })),
      7,
    );

  test("rises to the right as the score rises", () => {
    const [first, second, third] = course([5.1, 6.4, 8.2]).points;
    expect(first && second && third && first.x < second.x && second.x < third.x).toBe(true);
    expect(first && third && third.y < first.y).toBe(true);
  });

  test("stays in its box for any scores", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { maxLength: 20 }),
        (scores) => {
          const drawing = course(scores);
          for (const { x, y } of [...drawing.points, { x: drawing.left, y: drawing.thresholdY }]) {
            expect(x).toBeGreaterThanOrEqual(0);
            expect(x).toBeLessThanOrEqual(drawing.width);
            expect(y).toBeGreaterThanOrEqual(0);
            expect(y).toBeLessThanOrEqual(drawing.height);
          }
        },
      ),
    );
  });
});
