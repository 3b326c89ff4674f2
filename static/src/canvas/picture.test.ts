import { describe, expect, it } from "vitest";
import { toDocument } from "../model/document";
import { pictureOf } from "./picture";

const document = toDocument({
  format: "treadle/1",
  entry: ["a"],
  nodes: {
    a: { type: "tool", tool: "text.trim", title: '<b>&"quotes"\u0001' },
    b: { type: "end", disabled: true },
  },
  edges: [
    { id: "e1", from: "a", to: "b", when: "n < 3 && x" },
    { id: "e2", from: "a", to: "a", max: 4, else: true },
    { id: "e3", from: "a", to: "b", on: "error" },
  ],
  layout: { a: [0, 0], b: [400, 80] },
});

describe("the picture of a workflow", () => {
  const svg = pictureOf(document, new Map(), "A & B");

  it("holds every word as text that cannot become markup", () => {
    expect(svg).toContain("&lt;b&gt;&amp;&quot;quotes&quot;<");
    expect(svg).toContain("n &lt; 3 &amp;&amp; x");
    expect(svg).toContain("<title>A &amp; B</title>");
    expect(svg).not.toContain("\u0001");
  });

  it("keeps the whole of a condition that is cut where it stands", () => {
    const when = "a_long_name > another_long_name + 1";
    const edges = [{ id: "e", from: "a", to: "b", when }];
    const cut = pictureOf({ ...document, edges }, new Map(), "");
    expect(cut).not.toContain(`>${when.replace(">", "&gt;")}</text>`);
    expect(cut).toContain(`<title>${when.replace(">", "&gt;")}</title>`);
  });

  it("stands alone: no script, no style, no link", () => {
    expect(svg).not.toMatch(/<script|<style|href|url\(/);
    expect(svg.startsWith('<svg xmlns="http://www.w3.org/2000/svg"')).toBe(true);
  });

  it("shows all steps and wires, also those that run below", () => {
    const [, top, , height] = (/viewBox="([^"]*)"/.exec(svg)?.[1] ?? "").split(" ").map(Number);
    expect(svg.match(/<g><rect/g)).toHaveLength(2);
    expect(svg.match(/stroke-dasharray="8 5"/g)).toHaveLength(1);
    expect(svg.match(/stroke-dasharray="5 4"/g)).toHaveLength(1);
    expect((top ?? 0) + (height ?? 0)).toBeGreaterThan(144);
  });

  it("names the ways out, marks loops, and draws only failures as such", () => {
    const edges = [
      { id: "e1", from: "a", to: "b", on: "exhausted" },
      { id: "e2", from: "a", to: "a", max: 4 },
    ];
    const shown = pictureOf({ ...document, edges }, new Map(), "");
    expect(shown).toContain(">exhausted</text>");
    expect(shown).toContain(">⟲ max 4</text>");
    expect(shown).not.toContain('stroke-dasharray="8 5"');
    expect(svg).toContain(">error</text>");
  });

  it("gives each kind of step the colour of its tile", () => {
    const nodes = {
      a: { type: "human" as const },
      b: { type: "subgraph" as const, graph: "x" },
    };
    const shown = pictureOf({ ...document, nodes, edges: [] }, new Map(), "");
    expect(shown).toContain('fill="#f0eaf9"');
    expect(shown).toContain('fill="#f5e9f2"');
    expect(shown).not.toContain('fill="#e9ecfb"');
  });

  it("shows frames, closed groups as one box, and notes", () => {
    const note = { at: [0, 300], size: [240, 80], text: "# Mind **this**", tone: "blue" };
    const shown = (collapsed: boolean) =>
      pictureOf(
        {
          ...document,
          meta: { groups: { g: { title: "A & B", nodes: ["b"], collapsed } }, notes: { note } },
        },
        new Map(),
        "",
      );
    expect(shown(false)).toContain(">A &amp; B</text>");
    expect(shown(false)).toContain(">Mind this</text>");
    expect(shown(true)).toContain(">1 step</text>");
    expect(shown(true).match(/<g><rect/g)).toHaveLength(2);
    expect(shown(true)).not.toContain(">b</text>");
  });

  it("is a picture also of nothing", () => {
    const empty = toDocument({ format: "treadle/1", entry: [], nodes: {}, edges: [] });
    expect(pictureOf(empty, new Map(), "")).toContain("</svg>");
  });
});
