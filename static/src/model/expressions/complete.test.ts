import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../document";
import { accept, complete, type LanguageFunction, type Scope } from "./complete";
import { tokensOf } from "./tokens";

const fn = (name: string, kind: string, signature: string): LanguageFunction => ({
  name,
  kind,
  signature,
  summary: `About ${name}.`,
  example: "",
});

const SCOPE: Scope = {
  names: [
    { name: "score", detail: "number" },
    { name: "scores", detail: "list" },
    { name: "lint", detail: "map", info: "What the linter found." },
    { name: "odd key", detail: "text" },
    { name: "state", detail: "the whole state" },
  ],
  values: {
    score: 6.5,
    scores: [3, 4],
    lint: { count: 4, issues: [{ severity: "error", line: 3 }], "odd-one": "x", in: 1 },
    "odd key": "hm",
    state: { score: 6.5, "odd key": "hm" },
    title: "Hello",
  },
  schemas: {
    verdict: { enum: ["ship", "don't", "stop"] },
    review: { properties: { state: { anyOf: [{ enum: ["open"] }, { type: "null" }] } } },
    ready: { type: "boolean" },
  },
  functions: [
    fn("has", "function", "has(a.b) -> bool"),
    fn("size", "function", "size(x) -> int"),
    fn("contains", "method", "text.contains(part) -> bool"),
    fn("trim", "method", "text.trim() -> string"),
    fn("orValue", "method", "optional.orValue(default) -> value"),
    fn("exists", "loop", "list.exists(x, condition) -> bool"),
    fn("map", "loop", "list.map(x, value) -> list"),
  ],
};

/** Completions of a text in which | is the caret. */
function at(text: string) {
  const cursor = text.indexOf("|");
  const source = text.replace("|", "");
  return { source, found: complete(source, cursor, SCOPE) };
}
const labels = (text: string) => at(text).found?.items.map((item) => item.label) ?? null;

function choose(text: string, label: string) {
  const { source, found } = at(text);
  const item = found?.items.find((each) => each.label === label);
  if (!found || !item) throw new Error(`${label} is not offered at ${text}`);
  const done = accept(source, found, item);
  return `${done.text.slice(0, done.caret)}|${done.text.slice(done.caret)}`;
}

describe("what is offered", () => {
  it("offers names, functions and words where a value begins", () => {
    expect(labels("|")).toEqual(
      expect.arrayContaining(["score", "lint", "has", "size", "true", "null"]),
    );
    expect(labels("sc|")).toEqual(["score", "scores"]);
    expect(labels("score > 3 && l|")).toEqual(["lint"]);
    expect(labels("x in sco|")).toEqual(["score", "scores"]);
  });

  it("shows the last value beside each name", () => {
    expect(at("sco|").found?.items[0]).toMatchObject({
      label: "score",
      value: 6.5,
      detail: "number",
    });
    expect(at("lint.c|").found?.items[0]).toMatchObject({ label: "count", value: 4 });
  });

  it("offers the keys of a map and what can be done with it", () => {
    expect(labels("lint.|")).toEqual(["count", "issues", "odd-one", "in", "exists", "map"]);
    expect(labels("state.sc|")).toEqual(["score"]);
    expect(labels("lint.issues[0].|")).toEqual(expect.arrayContaining(["severity", "line"]));
    expect(labels("lint.?c|")).toEqual(["count"]);
    expect(labels("lint['issues'][0].l|")).toEqual(["line"]);
  });

  it("offers methods by the kind of the value, all of them where it is not known", () => {
    expect(labels("title.|")).toEqual(["contains", "trim"]);
    expect(labels("scores.|")).toEqual(["exists", "map"]);
    expect(labels("score.|")).toBeNull();
    expect(labels("unknown.|")).toEqual(["contains", "trim", "orValue", "exists", "map"]);
    expect(labels("size(x).|")).toEqual(expect.arrayContaining(["contains"]));
  });

  it("knows the variables of loops by their first item", () => {
    expect(labels("lint.issues.exists(i, i.|")).toEqual(
      expect.arrayContaining(["severity", "line"]),
    );
    expect(labels("lint.issues.exists(issue, iss|")).toEqual(["issue"]);
    expect(labels("lint.issues.exists(i, i.line > 1) && i|") ?? []).not.toContain("i");
    expect(labels("lint.exists(k, k.|")).toEqual(["contains", "trim"]);
    expect(labels("[1].map(a, lint.issues.map(b, b.|")).toContain("severity");
  });

  it("offers nothing inside of texts, after numbers, after values or for a new variable", () => {
    for (const text of [
      "'sc|'",
      "'sc|",
      "12|",
      "1.|5",
      "score |",
      "(1) s|",
      "scores.map(|",
      "'a'|",
    ]) {
      expect([text, labels(text)]).toEqual([text, null]);
    }
  });

  it("offers keys between brackets and quotes", () => {
    expect(labels("state['|")).toEqual(["score", "odd key"]);
    expect(labels('lint["odd|"]')).toEqual(["odd-one"]);
    expect(labels("['|")).toBeNull();
    expect(labels("score['|")).toBeNull();
  });
});

describe("what is written", () => {
  it.each([
    ["sco|", "score", "score|"],
    ["sco|re > 1", "scores", "scores| > 1"],
    ["si|", "size", "size(|)"],
    ["si|(scores)", "size", "size(|scores)"],
    ["title.tr|", "trim", "title.trim()|"],
    ["lint.|", "odd-one", "lint['odd-one']|"],
    ["lint.?|", "odd-one", "lint[?'odd-one']|"],
    ["lint . o|", "odd-one", "lint ['odd-one']|"],
    ["lint.|", "in", "lint['in']|"],
    ["odd|", "odd key", "state['odd key']|"],
    ["state['o|", "odd key", "state['odd key']|"],
    ["state['o|dd'] == 1", "odd key", "state['odd key|'] == 1"],
    ["1 + l|", "lint", "1 + lint|"],
  ])("%s with %s gives %s", (text, label, result) => {
    expect(choose(text, label)).toBe(result);
  });

  it("quotes keys with quotes and backslashes so that they read back", () => {
    const key = 'it\'s a \\ key\nwith "more"';
    const scope: Scope = { ...SCOPE, names: [], values: { a: { [key]: 1 } } };
    const found = complete("a.", 2, scope);
    const item = found?.items[0];
    if (!found || !item) throw new Error("nothing is offered");
    expect(accept("a.", found, item).text).toBe("a['it\\'s a \\\\ key\\nwith \"more\"']");
  });
});

const PIECES = [
  "score",
  "lint",
  "state",
  "scores",
  ".",
  ".?",
  "[",
  "[?",
  "]",
  "(",
  ")",
  "'",
  '"',
  "'''",
  "r'",
  "\\",
  "\n",
  " ",
  "exists(i, ",
  "map(",
  "i",
  "0",
  "1.5",
  "&&",
  "==",
  "in",
  "true",
  "{",
  "}",
  ",",
  "😀",
  "é",
];
const text = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 3 })), {
    maxLength: 24,
  })
  .map((parts) => parts.join(""));
const value: fc.Arbitrary<Json> = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>;

describe("any text", () => {
  it("is cut into tokens that follow each other and leave out only spaces", () => {
    fc.assert(
      fc.property(text, (source) => {
        let end = 0;
        for (const token of tokensOf(source)) {
          expect(source.slice(end, token.from).trim()).toBe("");
          expect(token.to).toBeGreaterThan(token.from);
          expect(source.slice(token.from, token.to)).toBe(token.text);
          end = token.to;
        }
        expect(source.slice(end).trim()).toBe("");
      }),
      { numRuns: 800 },
    );
  });

  it("is completed without failing, and what is chosen replaces what was typed only", () => {
    fc.assert(
      fc.property(text, fc.nat(200), fc.dictionary(fc.string(), value), (source, n, values) => {
        const cursor = n % (source.length + 1);
        const scope: Scope = {
          ...SCOPE,
          names: Object.keys(values).map((name) => ({ name, detail: "" })),
          values: { ...SCOPE.values, ...values },
        };
        const found = complete(source, cursor, scope);
        if (!found) return;
        expect(found.from).toBeLessThanOrEqual(cursor);
        expect(found.to).toBeGreaterThanOrEqual(cursor);
        expect(found.items.length).toBeGreaterThan(0);
        for (const item of found.items) {
          const done = accept(source, found, item);
          const head = source.slice(0, found.from - item.eats);
          expect(done.text.startsWith(head)).toBe(true);
          expect(done.text.endsWith(source.slice(found.to))).toBe(true);
          expect(done.caret).toBeGreaterThanOrEqual(head.length);
          expect(done.caret).toBeLessThanOrEqual(done.text.length);
          expect(item.eats).toBeLessThanOrEqual(found.from);
        }
      }),
      { numRuns: 800 },
    );
  });
});

describe("behind a comparison", () => {
  const first = (text: string, count: number) => labels(text)?.slice(0, count);

  it("offers what the schema allows, then what it was, then the rest", () => {
    expect(first("verdict == |", 3)).toEqual(["'ship'", "'don\\'t'", "'stop'"]);
    expect(labels("verdict == |")).toContain("score");
    expect(first("a && review.state != |", 1)).toEqual(["'open'"]);
    expect(first("state.verdict == |", 1)).toEqual(["'ship'"]);
    expect(first("ready == |", 2)).toEqual(["true", "false"]);
    expect(first("title == |", 1)).toEqual(["'Hello'"]);
    expect(first("lint.count > |", 1)).toEqual(["4"]);
    expect(first("lint.issues[0].severity == |", 1)).toEqual(["'error'"]);
  });

  it("offers them in a list, and not in a call or behind something else", () => {
    expect(first("verdict in [|", 1)).toEqual(["'ship'"]);
    expect(first("verdict in ['ship', |", 1)).toEqual(["'ship'"]);
    expect(labels("[verdict, |")).not.toContain("'ship'");
    expect(labels("size(verdict) == |")).not.toContain("'ship'");
    expect(labels("verdict + |")).not.toContain("'ship'");
  });

  it("finds them without their quotes, and in quotes that were begun", () => {
    expect(choose("verdict == sto|", "'stop'")).toBe("verdict == 'stop'|");
    expect(choose("verdict == 's|", "stop")).toBe("verdict == 'stop'|");
    expect(choose('verdict == "|', "don't")).toBe('verdict == "don\'t"|');
    expect(choose("verdict == 's|' && x", "ship")).toBe("verdict == 'ship|' && x");
    expect(labels("scores == 's|")).toBeNull();
  });
});
