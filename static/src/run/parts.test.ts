import { describe, expect, test } from "vitest";
import { changesBetween, pathText } from "./changes";
import { fold } from "./fold";
import { lengthUpTo, timeline } from "./lanes";
import { describe as word } from "./lineWords";
import { FilteredLog, LogBook, logText } from "./logLines";
import { Names } from "./names";
import { PLAIN_ROUTE, readRoute, writeRoute } from "./route";
import { Journal, SAMPLE_DOCUMENT, sampleEvents } from "./sampleRun";
import { EMPTY_VIEW, findVisit } from "./view";
import { whatItDecided, whyItRan, whyNot, whyNotInShort } from "./why";
import { brief, duration, moment, offset } from "./words";

const view = fold(EMPTY_VIEW, sampleEvents());

describe("why", () => {
  test("tells the condition and its values that led to a visit", () => {
    const visit = findVisit(view, "fix", 1);
    const why = visit ? whyItRan(SAMPLE_DOCUMENT, view, visit) : [];
    expect(why.map((each) => each.words)).toEqual(["score < 7 is true (score = 6)"]);
  });

  test("tells each visit of a loop apart", () => {
    const second = findVisit(view, "measure", 2);
    const why = second ? whyItRan(SAMPLE_DOCUMENT, view, second) : [];
    expect(why.map((each) => [each.edge.id, each.words])).toEqual([["again", "fix was done"]]);
  });

  test("tells what a visit decided for every way out", () => {
    const visit = findVisit(view, "measure", 2);
    const out = visit ? whatItDecided(SAMPLE_DOCUMENT, visit) : [];
    expect(out.map((each) => [each.edge.id, each.decision?.taken, each.words])).toEqual([
      ["low", false, "score < 7 is false (score = 8)"],
      ["done", true, "no other condition was true"],
    ]);
  });

  test("names the ways that a join took", () => {
    const events = new Journal()
      .add("run.created")
      .succeed("fix", 1, { edges: [{ edge: "again", taken: true }] })
      .add("join.fired", { node: "measure", data: { edges: ["again"] } })
      .start("measure", 2).events;
    const joined = fold(EMPTY_VIEW, events);
    const visit = findVisit(joined, "measure", 1);
    const why = visit ? whyItRan(SAMPLE_DOCUMENT, joined, visit) : [];
    expect(why.map((each) => each.edge.id)).toEqual(["again"]);
  });

  test("says why a way is not in the journal at all", () => {
    const journal = new Journal().succeed("measure", 1, { edges: [{ edge: "low", taken: true }] });
    const visit = findVisit(fold(EMPTY_VIEW, journal.events), "measure", 1);
    const out = visit ? whatItDecided(SAMPLE_DOCUMENT, visit) : [];
    expect(out.map((each) => each.words)).toEqual([
      "Measure was done",
      "Another condition was true",
    ]);
  });

  test("tells why a node was skipped", () => {
    expect(whyNotInShort(SAMPLE_DOCUMENT, view, "alarm")).toBe(
      "Skipped: the only way to this step was not taken.",
    );
    const words = whyNot(SAMPLE_DOCUMENT, view, "alarm").map((each) => each.words);
    expect(words).toEqual(["fix ended with error"]);
  });

  test("traces a skip back to a step that did not run either", () => {
    const failed = fold(EMPTY_VIEW, [
      ...new Journal().add("run.created").start("measure").add("run.cancelled").events,
    ]);
    const words = whyNot(SAMPLE_DOCUMENT, failed, "alarm").map((each) => each.words);
    expect(words).toEqual(["fix did not run either"]);
  });
});

describe("changesBetween", () => {
  const told = (before: unknown, after: unknown) =>
    changesBetween(before, after).map((each) => [pathText(each.path), each.kind]);

  test("names added, changed and removed keys", () => {
    expect(told({ a: 1, b: 2, c: 3 }, { a: 1, b: 5, d: 4 })).toEqual([
      ["b", "changed"],
      ["d", "added"],
      ["c", "removed"],
    ]);
  });

  test("looks into objects and shows what was appended to lists", () => {
    const before = { review: { notes: ["x"], verdict: null } };
    const after = { review: { notes: ["x", "y"], verdict: "ok" } };
    expect(told(before, after)).toEqual([
      ["review.notes[1]", "added"],
      ["review.verdict", "changed"],
    ]);
  });

  test("tells a crowd of changes inside one value as one change", () => {
    const list = (offset: number) => Array.from({ length: 200 }, (_, index) => index + offset);
    expect(told({ all: list(0) }, { all: list(1) })).toEqual([["all", "changed"]]);
  });

  test("finds nothing between equal states", () => {
    expect(told({ a: [1, { b: null }] }, { a: [1, { b: null }] })).toEqual([]);
  });
});

describe("the log", () => {
  const rows = new LogBook(SAMPLE_DOCUMENT).update(sampleEvents());

  test("gives a message of two lines two rows", () => {
    expect(rows.filter((row) => row.seq === 6).map((row) => [row.text, row.follows])).toEqual([
      ["one", false],
      ["two", true],
    ]);
  });

  test("filters by level, node and text, and looks at each row once", () => {
    const pass = (filter: Partial<FilteredLog["filter"]>) =>
      new FilteredLog({ level: "debug", node: null, search: "", ...filter })
        .update(rows)
        .map((row) => row.seq);
    expect(pass({ level: "error" })).toEqual([11]);
    expect(pass({ node: "fix" })).toEqual([5, 6, 6, 7]);
    expect(pass({ search: "BROKEN" })).toEqual([11]);
    expect(pass({ search: "report" })).toEqual([10, 11, 12]);
  });

  test("names steps by their titles, and finds them by those and by their ids", () => {
    const { events } = new Journal()
      .add("run.created", { data: { start: "measure", until: "fix" } })
      .start("measure")
      .add("join.fired", { node: "fix", data: { edges: ["low", "gone"] } });
    const told = new LogBook(SAMPLE_DOCUMENT).update(events);
    expect(told.map((row) => [row.step, row.text])).toEqual([
      [null, "Run created for a part: from Measure to fix"],
      ["Measure", "Started"],
      ["fix", "Join fired with Measure, gone"],
    ]);
    const measure = { type: "tool", title: "Weigh" } as const;
    const titled = { ...SAMPLE_DOCUMENT, nodes: { measure } };
    const lines = new LogBook(titled).update(events);
    const found = (search: string) =>
      new FilteredLog({ level: "debug", node: null, search }).update(lines).length;
    expect(found("weigh")).toBe(3);
    expect(found("measure started")).toBe(1);
    expect(logText(lines)).toContain("DEBUG   Weigh  Started\n");
  });

  test("goes on where it stopped", () => {
    const book = new LogBook(SAMPLE_DOCUMENT);
    const errors = new FilteredLog({ level: "error", node: null, search: "" });
    expect(errors.update(book.update(sampleEvents().slice(0, 5)))).toHaveLength(0);
    expect(errors.update(book.update(sampleEvents()))).toHaveLength(1);
  });

  test("is written to a file line by line", () => {
    const text = logText(rows);
    expect(text.split("\n")).toHaveLength(rows.length + 1);
    expect(text).toContain("ERROR   report  Broken pipe\n");
  });
});

describe("the address", () => {
  test("holds the whole view and gives it back", () => {
    const route = {
      seq: 12,
      node: "fix",
      visit: 2,
      tab: "state" as const,
      log: { level: "error" as const, search: "a&b=c", onlyNode: true },
    };
    expect(readRoute(writeRoute(route, ""))).toEqual(route);
  });

  test("is empty for the plain view and keeps what it does not know", () => {
    expect(writeRoute(PLAIN_ROUTE, "")).toBe("");
    expect(writeRoute(PLAIN_ROUTE, "?theme=dark&seq=4")).toBe("?theme=dark");
  });

  test.each(["?seq=-1&visit=x", "?tab=__proto__&level=loud", "?node="])("bears %s", (query) => {
    expect(readRoute(query)).toEqual(PLAIN_ROUTE);
  });
});

describe("the timeline", () => {
  test("puts visits that overlap into lanes of their own", () => {
    const events = new Journal()
      .add("run.created")
      .start("a")
      .start("b")
      .succeed("a", 1, {})
      .start("c")
      .succeed("b", 1, {})
      .succeed("c", 1, {}).events;
    const end = Date.parse(events.at(-1)?.ts ?? "");

    const { bars, lanes, start } = timeline(fold(EMPTY_VIEW, events));

    expect(lengthUpTo(end, start)).toBe(600);
    expect(lanes).toBe(2);
    expect(bars.map((bar) => [bar.node, bar.lane])).toEqual([
      ["a", 0],
      ["b", 1],
      ["c", 0],
    ]);
    expect(bars[0]?.from).toBe(100);
    expect(bars.at(-1)?.to).toBe(600);
  });

  test("keeps the bars of visits that no event touched, and leaves one open that goes on", () => {
    const journal = new Journal().add("run.created").start("a").start("b");
    const before = fold(EMPTY_VIEW, journal.events);
    const now = fold(before, journal.succeed("a", 1, {}).events);

    const [[, b], [ended, same]] = [timeline(before).bars, timeline(now).bars];

    expect(same).toBe(b);
    expect(same?.to).toBeNull();
    expect(ended?.to).toBe(300);
  });
});

const NAMES = new Names(SAMPLE_DOCUMENT);

describe("words", () => {
  test.each([
    [0.04, "0.0 ms"],
    [12.4, "12 ms"],
    [999.9, "1.0 s"],
    [59_960, "1 min 00 s"],
    [184_000, "3 min 04 s"],
    [7_500_000, "2 h 05 min"],
  ])("says %d ms as %s", (ms, text) => expect(duration(ms)).toBe(text));

  test("counts from the start as a stopwatch does", () => {
    expect(offset(5_230)).toBe("00:05.2");
    expect(moment(2, 7)).toBe("2 ms");
    expect(moment(2, 5_230)).toBe("00:00.0");
    expect(offset(3_723_400)).toBe("1:02:03.4");
  });

  test("cuts long values and counts long lists", () => {
    expect(brief("x".repeat(100))).toHaveLength(60);
    expect(brief(Array(12).fill(0))).toBe("[12 items]");
    expect(brief(undefined)).toBe("nothing");
  });

  test("says when a failed try comes again, or that it was the last", () => {
    const tried = (data: Record<string, unknown>) => {
      const [event] = new Journal().add("attempt.failed", { node: "a", act: 1, data }).events;
      return event && word(event, NAMES);
    };
    const error = { code: "E_TOOL", message: "gone" };
    expect(tried({ error, retry_at: 1_795_398_055.5 })?.text).toMatch(
      /^Failed: E_TOOL: gone\. Next try at \d\d:\d\d:55\.500$/,
    );
    expect(tried({ error })).toEqual({ level: "error", text: "Failed: E_TOOL: gone" });
  });

  test("names a kind it does not know, whatever its name", () => {
    const odd = sampleEvents().slice(0, 1)[0];
    for (const k of ["map.item", "constructor", "__proto__"]) {
      expect(odd && word({ ...odd, k }, NAMES)).toEqual({ level: "debug", text: k });
    }
  });
});
