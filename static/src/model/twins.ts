/**
 * Two people may give different new things the same id: the editor counts `e7` on both sides. One
 * of them gets another id before both are joined, so that neither swallows the other.
 */
import type { GraphDocument, JsonObject } from "./document";
import { isObject } from "./document";
import { equal } from "./equal";
import { freshId } from "./ids";
import { renameNode } from "./nodes";

/** `mine`, with new ids for what is new there and is something else under the same id in `theirs`. */
export function withoutTwins(
  base: GraphDocument,
  mine: GraphDocument,
  theirs: GraphDocument,
): GraphDocument {
  return edgesApart(base, notesApart(base, nodesApart(base, mine, theirs), theirs), theirs);
}

function nodesApart(base: GraphDocument, mine: GraphDocument, theirs: GraphDocument) {
  const taken = (id: string) =>
    [base, mine, theirs].some((document) => Object.hasOwn(document.nodes, id));
  return twins(base.nodes, mine.nodes, theirs.nodes).reduce(
    (document, id) => renameNode(document, id, freshId(id, taken)),
    mine,
  );
}

function notesApart(base: GraphDocument, mine: GraphDocument, theirs: GraphDocument) {
  const notes = notesOf(mine);
  const doubles = new Set(twins(notesOf(base), notes, notesOf(theirs)));
  if (doubles.size === 0) return mine;
  const taken = (id: string) =>
    [base, mine, theirs].some((document) => Object.hasOwn(notesOf(document), id));
  const renamed = Object.entries(notes).map(([id, note]) => [
    doubles.has(id) ? freshId(id, taken) : id,
    note,
  ]);
  return { ...mine, meta: { ...(mine.meta as JsonObject), notes: Object.fromEntries(renamed) } };
}

function edgesApart(base: GraphDocument, mine: GraphDocument, theirs: GraphDocument) {
  const [b, m, t] = [base, mine, theirs].map((document) =>
    Object.fromEntries(document.edges.map((edge) => [edge.id, edge])),
  ) as [Record<string, unknown>, Record<string, unknown>, Record<string, unknown>];
  const doubles = twins(b, m, t);
  if (doubles.length === 0) return mine;
  const names = new Map<string, string>();
  const taken = new Set([...Object.keys(b), ...Object.keys(m), ...Object.keys(t)]);
  for (const id of doubles) {
    const fresh = freshId(id, (each) => taken.has(each));
    taken.add(fresh);
    names.set(id, fresh);
  }
  const name = (id: string) => names.get(id) ?? id;
  const edges = mine.edges.map((edge) => {
    const resets = edge.resets?.map(name);
    const same = name(edge.id) === edge.id && equal(resets, edge.resets);
    return same ? edge : { ...edge, id: name(edge.id), ...(resets ? { resets } : {}) };
  });
  return { ...mine, edges };
}

/** Ids that both sides gave to something new, and to different things. */
function twins(base: object, mine: object, theirs: object): readonly string[] {
  const at = (side: object, id: string) => (side as Record<string, unknown>)[id];
  return Object.keys(mine).filter(
    (id) =>
      !Object.hasOwn(base, id) && Object.hasOwn(theirs, id) && !equal(at(mine, id), at(theirs, id)),
  );
}

function notesOf(document: GraphDocument): Record<string, unknown> {
  const { meta } = document;
  return isObject(meta) && isObject(meta.notes) ? meta.notes : {};
}
