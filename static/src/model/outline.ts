/** A workflow as a list to read from top to bottom: every step after those that lead to it. */
import { t } from "../words/t";
import { budgetOf, budgetWords } from "./budget";
import type { EdgeSpec, GraphDocument } from "./document";
import { edgesByNode, kindOf, kindWords } from "./edges";

export interface OutlineStep {
  readonly id: string;
  /** The ways that leave it, in the order that decides. */
  readonly ways: readonly EdgeSpec[];
  /** No way leads to it from an entry. */
  readonly apart: boolean;
}

/**
 * The steps in the order in which a run can come to them, loops entered at their head. What no entry
 * leads to comes last, in the order of the document.
 */
export function outlineOf(document: GraphDocument): readonly OutlineStep[] {
  const outs = edgesByNode(document.edges);
  const has = (id: string) => Object.hasOwn(document.nodes, id);
  const seen = new Set<string>();
  const done: string[] = [];
  const follow = (start: string) => {
    const open: { readonly id: string; next: number }[] = [];
    const enter = (id: string) => {
      if (!has(id) || seen.has(id)) return;
      seen.add(id);
      open.push({ id, next: (outs.get(id)?.length ?? 0) - 1 });
    };
    enter(start);
    for (let at = open.at(-1); at; at = open.at(-1)) {
      // The last way first, so that the first one stands first when all of it is turned around.
      const way = at.next >= 0 ? outs.get(at.id)?.[at.next] : undefined;
      at.next -= 1;
      if (way) enter(way.to);
      else {
        done.push(at.id);
        open.pop();
      }
    }
  };
  for (const id of [...document.entry].reverse()) follow(id);
  const reached = done.reverse();
  const rest = Object.keys(document.nodes).filter((id) => !seen.has(id));
  const step = (id: string, apart: boolean): OutlineStep => ({
    id,
    ways: outs.get(id) ?? [],
    apart,
  });
  return [...reached.map((id) => step(id, false)), ...rest.map((id) => step(id, true))];
}

const whenWords = (when: string | undefined) =>
  when === undefined ? t("always") : t("when {when}", { when });

/** "to fix, when score < 6, at most 5 times": a way as it is spoken. */
export function wayWords(edge: EdgeSpec, title: (id: string) => string, loops: boolean): string {
  const kind = kindOf(edge);
  const words = [t("to {step}", { step: title(edge.to) })];
  if (kind !== "ok") words.push(t("on {kind}", { kind: kindWords(kind) }));
  words.push(edge.else ? t("otherwise") : whenWords(edge.when));
  const bound = budgetWords(budgetOf(edge, loops));
  return [...words, bound, loops && t("part of a loop")].filter(Boolean).join(", ");
}
