/**
 * Texts where the types of a document promise texts. A draft may hold anything there: YAML makes a
 * truth value of `when: true` and a number of `set: {n: 0}`, and programs write what they like. It
 * has to open all the same, for this is where it is mended.
 */
import type { EdgeSpec, NodeSpec } from "./document";

/** What stands there, as it would be written: `true`, `0`, `{"a":1}`; nothing for nothing. */
export function asText(value: unknown): string {
  return typeof value === "string" ? value : value == null ? "" : JSON.stringify(value);
}

/** Expressions by name. Nothing is an expression too: `null`. */
export function asTexts(mapping: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(mapping).map(([key, value]) => [key, value === null ? "null" : asText(value)]),
  );
}

const NODE_TEXTS = ["type", "title", "tool"];
const EDGE_TEXTS = ["when", "on"];

/** The same nodes, if all of them are well. */
export function nodesWithTexts(
  nodes: Readonly<Record<string, NodeSpec>>,
): Readonly<Record<string, NodeSpec>> {
  const mended = Object.entries(nodes).flatMap(([id, spec]) => {
    const next = withTexts(spec, NODE_TEXTS);
    return next === spec ? [] : [[id, next] as const];
  });
  return mended.length ? { ...nodes, ...Object.fromEntries(mended) } : nodes;
}

/** An edge as programs may leave it: the engine names those that have no id. */
export type LooseEdge = Readonly<Record<string, unknown>>;

/** Edges with ids, as the engine gives them: `e` and the position, with `_` until it is free. */
export function edgesWithTexts(edges: readonly LooseEdge[]): readonly EdgeSpec[] {
  const taken = new Set(edges.map((edge) => edge.id));
  return edges.map((edge, index) => {
    const id = typeof edge.id === "string" ? edge.id : freeId(edge.id, index, taken);
    return withResets(withTexts(withEnds(id === edge.id ? edge : { ...edge, id }), EDGE_TEXTS));
  });
}

/** An end that is not there names nothing, and is mended where the edge is edited. */
function withEnds(edge: LooseEdge): EdgeSpec {
  const { from, to } = edge;
  const whole = typeof from === "string" && typeof to === "string";
  return (whole ? edge : { ...edge, from: asText(from), to: asText(to) }) as EdgeSpec;
}

function freeId(given: unknown, index: number, taken: Set<unknown>): string {
  let id = asText(given) || `e${index + 1}`;
  while (taken.has(id)) id += "_";
  taken.add(id);
  return id;
}

/** One name is a list of one. */
function withResets(edge: EdgeSpec): EdgeSpec {
  const { resets } = edge;
  return resets === undefined || Array.isArray(resets)
    ? edge
    : { ...edge, resets: [asText(resets)] };
}

function withTexts<T extends object>(part: T, keys: readonly string[]): T {
  const fields = part as Readonly<Record<string, unknown>>;
  const wrong = keys.filter((key) => fields[key] !== undefined && typeof fields[key] !== "string");
  return wrong.length
    ? { ...part, ...Object.fromEntries(wrong.map((key) => [key, asText(fields[key])])) }
    : part;
}
