/** Edits of edges: pure functions from document to document. */
import { t, tp } from "../words/t";
import type { EdgeSpec, GraphDocument } from "./document";
import { freshEdgeId } from "./ids";
import { dropEdges, withField } from "./nodes";

/** Why two nodes may not be joined that way, as a sentence; null when they may. */
export function refusal(
  document: GraphDocument,
  from: string,
  to: string,
  on = "ok",
): string | null {
  const source = document.nodes[from];
  if (!source || !document.nodes[to]) return t("Both ends of a connection must be nodes.");
  if (source.type === "end") return t("An end step has no ways out.");
  const twin = document.edges.find(
    (edge) => edge.from === from && edge.to === to && kindOf(edge) === on && isPlain(edge),
  );
  return twin ? t("These two nodes are already connected.") : null;
}

export function connect(
  document: GraphDocument,
  from: string,
  to: string,
  fields: Partial<Omit<EdgeSpec, "id" | "from" | "to">> = {},
): GraphDocument {
  const edge = { id: freshEdgeId(document.edges), from, to, ...fields } as EdgeSpec;
  return { ...document, edges: [...document.edges, edge] };
}

/**
 * Put a node into an edge: the first half keeps the edge's id, condition and limits, the second
 * half is plain. The order of the edges stays, because it carries meaning.
 */
export function splitEdge(document: GraphDocument, id: string, node: string): GraphDocument {
  const index = document.edges.findIndex((edge) => edge.id === id);
  const edge = document.edges[index];
  if (!edge || !document.nodes[node]) return document;
  const second: EdgeSpec = { id: freshEdgeId(document.edges), from: node, to: edge.to };
  const edges = document.edges.toSpliced(index, 1, { ...edge, to: node }, second);
  return { ...document, edges };
}

/** Whether a node may go into edges by being dropped on one: it leads on, and nothing is joined to it. */
export function fitsInto(document: GraphDocument, node: string): boolean {
  const spec = document.nodes[node];
  if (!spec || spec.type === "end") return false;
  return !document.edges.some((edge) => edge.from === node || edge.to === node);
}

/**
 * Join what a node stood between before it goes: each way in is led on to the target of its one
 * plain way out. Gives the document unchanged when there is no such single way.
 */
export function healAround(document: GraphDocument, node: string): GraphDocument {
  const outs = document.edges.filter((edge) => edge.from === node && edge.to !== node);
  const [out] = outs;
  if (outs.length !== 1 || !out) return document;
  const lead = (edge: EdgeSpec): EdgeSpec =>
    edge.to === node && edge.from !== node ? { ...edge, to: out.to } : edge;
  return dropEdges({ ...document, edges: document.edges.map(lead) }, new Set([out.id]));
}

export function setEdgeField(
  document: GraphDocument,
  id: string,
  field: string,
  value: unknown,
): GraphDocument {
  return mapEdge(document, id, (edge) => withField(edge, field, value));
}

/** How an edge decides: always, on a condition, or when no condition of its node matched. */
export type Decision = "always" | "when" | "else";

export function decisionOf(edge: EdgeSpec): Decision {
  if (edge.else) return "else";
  return edge.when === undefined ? "always" : "when";
}

export function setDecision(
  document: GraphDocument,
  id: string,
  decision: Decision,
  when = "",
): GraphDocument {
  return mapEdge(document, id, (edge) => {
    const cleared = withField(edge, "when", decision === "when" ? (edge.when ?? when) : undefined);
    return withField(cleared, "else", decision === "else" ? true : undefined);
  });
}

/** Move an edge up or down among the edges of its node; that order decides fan-out and first match. */
export function moveEdge(document: GraphDocument, id: string, by: -1 | 1): GraphDocument {
  const { edges } = document;
  const index = edges.findIndex((edge) => edge.id === id);
  const edge = edges[index];
  if (!edge) return document;
  let other = index + by;
  while (edges[other] && edges[other]?.from !== edge.from) other += by;
  const neighbour = edges[other];
  return neighbour
    ? { ...document, edges: edges.with(index, neighbour).with(other, edge) }
    : document;
}

/** Which end of its source an edge starts from: `ok`, `error`, `timeout`, `exhausted` or an alternative. */
export function kindOf(edge: EdgeSpec): string {
  return edge.on ?? "ok";
}

const grouped = new WeakMap<readonly EdgeSpec[], ReadonlyMap<string, readonly EdgeSpec[]>>();

/** The edges by the node they start from, in document order. Remembered per list. */
export function edgesByNode(edges: readonly EdgeSpec[]): ReadonlyMap<string, readonly EdgeSpec[]> {
  const known = grouped.get(edges);
  if (known) return known;
  const groups = new Map<string, EdgeSpec[]>();
  for (const edge of edges) {
    const group = groups.get(edge.from);
    if (group) group.push(edge);
    else groups.set(edge.from, [edge]);
  }
  grouped.set(edges, groups);
  return groups;
}

/** As the document says it: the layout counts its letters, in each language alike. */
export function labelOf(edge: EdgeSpec): string {
  const kind = kindOf(edge) === "ok" ? "" : `on ${kindOf(edge)}`;
  const condition = edge.else ? "else" : (edge.when ?? "");
  return [kind, condition].filter(Boolean).join(": ");
}

const KIND_WORDS: ReadonlyMap<string, string> = new Map([
  ["error", tp("way", "error")],
  ["timeout", tp("way", "timeout")],
  ["exhausted", tp("way", "exhausted")],
]);

/** What people call an end that edges start from; alternatives have the names that people gave. */
export const kindWords = (kind: string): string => KIND_WORDS.get(kind) ?? kind;

/** The same as `labelOf` for people. */
export function edgeWords(edge: EdgeSpec): string {
  const kind = kindOf(edge) === "ok" ? "" : t("on {kind}", { kind: kindWords(kindOf(edge)) });
  const condition = edge.else ? t("else") : (edge.when ?? "");
  return [kind, condition].filter(Boolean).join(": ") || t("always");
}

function isPlain(edge: EdgeSpec): boolean {
  return decisionOf(edge) === "always";
}

function mapEdge(
  document: GraphDocument,
  id: string,
  change: (edge: EdgeSpec) => EdgeSpec,
): GraphDocument {
  const index = document.edges.findIndex((edge) => edge.id === id);
  const edge = document.edges[index];
  if (!edge) return document;
  const next = change(edge);
  return next === edge ? document : { ...document, edges: document.edges.with(index, next) };
}
