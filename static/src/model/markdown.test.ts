import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blocksOf, type Inline, inlinesOf, safeAddress } from "./markdown";

const text = (words: string): Inline => ({ kind: "text", text: words });

describe("blocks", () => {
  it("reads headings, lists, quotes, code and paragraphs", () => {
    const source = "# Head\n\none\ntwo\n- a\n- b\n\n1. c\n> said\n```\n<b> *raw*\n```";
    expect(blocksOf(source)).toEqual([
      { kind: "heading", parts: [text("Head")] },
      { kind: "paragraph", parts: [text("one\ntwo")] },
      { kind: "list", ordered: false, items: [[text("a")], [text("b")]] },
      { kind: "list", ordered: true, items: [[text("c")]] },
      { kind: "quote", parts: [text("said")] },
      { kind: "code", text: "<b> *raw*" },
    ]);
  });

  it("takes a fence without an end as code to the end", () => {
    expect(blocksOf("```\na\nb")).toEqual([{ kind: "code", text: "a\nb" }]);
  });
});

describe("inline marks", () => {
  it("reads bold, italic, code and links", () => {
    expect(inlinesOf("**b** *i* _j_ `c*d*` [w](https://x.org/a)")).toEqual([
      { kind: "bold", parts: [text("b")] },
      text(" "),
      { kind: "italic", parts: [text("i")] },
      text(" "),
      { kind: "italic", parts: [text("j")] },
      text(" "),
      { kind: "code", text: "c*d*" },
      text(" "),
      { kind: "link", href: "https://x.org/a", parts: [text("w")] },
    ]);
  });

  it("leaves names with underscores, lone stars and HTML as they are", () => {
    for (const words of ["quality_score_max", "2 * 3 * 4", "<img src=x onerror=alert(1)>", "a*b"]) {
      expect(inlinesOf(words)).toEqual([text(words)]);
    }
  });

  it("makes links of bare addresses", () => {
    expect(inlinesOf("see https://x.org/a.")[1]).toMatchObject({ kind: "link" });
  });
});

describe("addresses", () => {
  const hostile = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "\u0001javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "blob:https://x.org/1",
    "//x.org",
    "/relative",
    "javascript&colon;alert(1)",
  ];

  it.each(hostile)("refuses %j", (target) => {
    expect(safeAddress(target)).toBeNull();
    const links = inlinesOf(`[w](${target})`).filter((part) => part.kind === "link");
    for (const link of links) expect(link.href).toMatch(/^https:\/\/x\.org/);
  });

  it("takes the web and mail", () => {
    expect(safeAddress("https://x.org")).toBe("https://x.org/");
    expect(safeAddress("mailto:a@x.org")).toBe("mailto:a@x.org");
  });
});

describe("any text", () => {
  const wordsOf = (part: Inline): string =>
    part.kind === "text" || part.kind === "code" ? part.text : part.parts.map(wordsOf).join("");

  it("loses no letter, whatever marks stand around it", () => {
    const letters = (words: string) => words.replace(/[^ab1]/g, "");
    const pieces = fc.constantFrom("a", "b", "1", " ", "*", "**", "_", "`", "\n", ">", "#", "- ");
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (made) => {
        const source = made.join("");
        expect(letters(inlinesOf(source).map(wordsOf).join(""))).toBe(letters(source));
      }),
    );
  });

  it("is quick however many marks begin and never end", () => {
    const began = performance.now();
    for (const piece of ["**a", "*a ", "_a ", "[a](", "`", "[".repeat(40), "***", "https://"]) {
      blocksOf(piece.repeat(4000 / piece.length));
    }
    expect(performance.now() - began).toBeLessThan(2000);
  });
});
