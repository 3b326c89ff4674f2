/** Random documents and edits for the property tests. */
import fc from "fast-check";
import type { Command } from "./changes";
import { copy } from "./clipboard";
import type { GraphDocument, NodeSpec } from "./document";
import * as edits from "./edits";
import { freshGroupId, groupsOf } from "./groups";
import { freshNodeId } from "./ids";

const TYPES = ["tool", "set", "noop", "end"] as const;

/** A document of up to `size` nodes with random wires, conditions and places. */
export function documents(size = 12): fc.Arbitrary<GraphDocument> {
  const node = fc.record({ type: fc.constantFrom(...TYPES), x: fc.nat(40), y: fc.nat(40) });
  const wire = fc.tuple(fc.nat(), fc.nat(), fc.constantFrom("", "when", "else", "error", "max"));
  return fc
    .tuple(
      fc.array(node, { minLength: 1, maxLength: size }),
      fc.array(wire, { maxLength: size * 2 }),
    )
    .map(([nodes, wires]) => {
      const ids = nodes.map((_, i) => `n${i}`);
      const pick = (n: number) => ids[n % ids.length] as string;
      return {
        format: "treadle/1",
        key: "random",
        name: "Random",
        entry: ["n0"],
        nodes: Object.fromEntries(nodes.map(({ type }, i) => [`n${i}`, specOf(type)])),
        edges: wires.map(([from, to, kind], i) => ({
          id: `w${i}`,
          from: pick(from),
          to: pick(to),
          ...(kind === "when" ? { when: "n > 1" } : {}),
          ...(kind === "else" ? { else: true } : {}),
          ...(kind === "error" ? { on: "error" } : {}),
          ...(kind === "max" ? { max: 3, resets: ["w0"] } : {}),
        })),
        layout: Object.fromEntries(nodes.map(({ x, y }, i) => [`n${i}`, [x * 8, y * 8] as const])),
      };
    });
}

export function specOf(type: (typeof TYPES)[number]): NodeSpec {
  return type === "tool" ? { type, tool: "demo.work", inputs: { text: "'hi'" } } : { type };
}

export interface Choice {
  readonly kind: number;
  readonly a: number;
  readonly b: number;
  readonly text: string;
}

export const choices: fc.Arbitrary<Choice> = fc.record({
  kind: fc.nat(19),
  a: fc.nat(1000),
  b: fc.nat(1000),
  text: fc.string({ maxLength: 12 }),
});

/** The command a choice stands for on this document; null when it does not apply. */
export function commandOf(document: GraphDocument, choice: Choice): Command | null {
  const nodes = Object.keys(document.nodes);
  const { a, b, text } = choice;
  const node = nodes[a % nodes.length] ?? "none";
  const other = nodes[b % nodes.length] ?? "none";
  const edge = document.edges[a % document.edges.length]?.id ?? "none";
  const spec = specOf(TYPES[b % 3] as "tool");
  const fresh = freshNodeId(document, text || "node");
  const some = [...groupsOf(document).keys()].slice(a % 3);
  const makers = [
    () => edits.add(fresh, spec, [a, b]),
    () => edits.addAfter(fresh, spec, [a, b], node, b % 2 ? "ok" : "error"),
    () => edits.addInto(fresh, spec, [a, b], edge),
    () =>
      edits.move(
        new Map([
          [node, [a, b]],
          [other, [b, a]],
        ]),
      ),
    () => edits.wire(node, other),
    () => edits.remove(new Set([node]), new Set(), b % 2 === 0),
    () => edits.remove(new Set(), new Set([edge])),
    () => edits.rename(node, fresh),
    () => edits.setNode(node, "title", text || undefined),
    () => edits.setNodeEntry(node, "inputs", text || "k", b % 2 ? text : undefined),
    () => edits.decide(edge, (["always", "when", "else"] as const)[b % 3] ?? "always", text),
    () => edits.setEdge(edge, "max", b % 2 ? b : undefined),
    () => edits.reorder(edge, b % 2 ? 1 : -1),
    () => edits.toggleEntry(node, b % 2 === 0),
    () => edits.tidy,
    () => edits.group(freshGroupId(document), new Set([node, other]), text),
    () => edits.ungroup(b % 2 ? some : [], new Set([node])),
    () => edits.collapse(some[0] ?? "none", b % 2 === 0),
    () => edits.nameGroup(some[0] ?? "none", text),
  ];
  const maker = makers[choice.kind];
  if (maker) return maker()(document);
  const clip = copy(document, new Set([node, other]));
  return clip && edits.pasteClip(document, clip, [a, b]).command;
}
