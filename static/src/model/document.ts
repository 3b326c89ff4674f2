/**
 * The graph document `treadle/1` as plain, immutable JSON. Nothing here knows React or the DOM.
 * Every edit makes a new document that shares its unchanged parts with the old one.
 */
import { t } from "../words/t";
import { edgesWithTexts, type LooseEdge, nodesWithTexts } from "./texts";

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

export type Point = readonly [x: number, y: number];

export type NodeType =
  | "tool"
  | "set"
  | "subgraph"
  | "map"
  | "human"
  | "wait"
  | "emit"
  | "end"
  | "noop";

export interface NodeSpec {
  readonly type: NodeType;
  readonly title?: string;
  readonly tool?: string;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly set?: Readonly<Record<string, string>>;
  readonly route?: "all" | "first";
  readonly join?: JsonObject;
  readonly retry?: JsonObject;
  readonly timeout?: string;
  readonly [key: string]: Json | undefined;
}

export interface EdgeSpec {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly when?: string;
  readonly else?: boolean;
  /** How often it may be taken while its loop goes on; null: without end. */
  readonly max?: number | null;
  readonly on?: string;
  readonly resets?: readonly string[];
  readonly [key: string]: Json | undefined;
}

export interface GraphDocument {
  readonly format: "treadle/1";
  readonly entry: readonly string[];
  readonly nodes: Readonly<Record<string, NodeSpec>>;
  readonly edges: readonly EdgeSpec[];
  readonly layout: Readonly<Record<string, Point>>;
  readonly [key: string]: unknown;
}

/** Thrown when a text or value is not shaped like a graph document; the message says what to do. */
export class DocumentError extends Error {
  override readonly name = "DocumentError";
}

const FORBIDDEN_KEYS = new Set(["__proto__", "constructor", "prototype"]);
const MAX_DEPTH = 64;

export const forbiddenWords = (key: string) => t('"{key}" cannot be used as a key.', { key });

/** Read a document from JSON text. Throws DocumentError with a full sentence. */
export function parseDocument(text: string): GraphDocument {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new DocumentError(t("This is not JSON: {error}", { error: (error as Error).message }));
  }
  return toDocument(value);
}

/**
 * Check the outer shape of a JSON value and fill in the parts an editor always needs (`entry`,
 * `nodes`, `edges`, `layout`). Unknown keys stay, in their place: the server judges them. What is
 * no text where one belongs becomes one, and edges without an id get the one the engine gives them;
 * an edge that lacks an end has "" there, which names no node.
 */
export function toDocument(value: unknown): GraphDocument {
  if (!isObject(value)) throw new DocumentError(t("A graph document is a JSON object."));
  if (value.format !== "treadle/1") {
    throw new DocumentError(t('A graph document starts with "format": "treadle/1".'));
  }
  refuseForbiddenKeys(value);
  const nodes = value.nodes ?? {};
  if (!isNodes(nodes)) {
    throw new DocumentError(t('"nodes" is an object that maps each node id to an object.'));
  }
  const edges = value.edges ?? [];
  if (!isEdges(edges)) {
    throw new DocumentError(t('"edges" is a list of objects.'));
  }
  const entry = value.entry ?? [];
  if (!Array.isArray(entry) || !entry.every((id) => typeof id === "string")) {
    throw new DocumentError(t('"entry" is a list of node ids.'));
  }
  const layout = keepPoints(isObject(value.layout) ? value.layout : {});
  const parts = { entry, nodes: nodesWithTexts(nodes), edges: edgesWithTexts(edges), layout };
  return { ...value, ...parts } as unknown as GraphDocument;
}

export function blankDocument(key: string, name: string): GraphDocument {
  return {
    format: "treadle/1",
    key,
    name,
    entry: [],
    state: { schema: { type: "object", properties: {} }, defaults: {} },
    nodes: {},
    edges: [],
    layout: {},
  };
}

const ONE_PER_LINE = new Set(["nodes", "edges", "layout"]);

/**
 * The document as text: keys in the document's own order, one node, edge and place per line, so
 * that a diff of two versions reads like a list of changes. `serialise(parse(t)) === t` for every
 * `t` this function wrote.
 */
export function serialise(document: GraphDocument): string {
  const lines = Object.entries(document)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `  ${JSON.stringify(key)}: ${serialisePart(key, value)}`);
  return `{\n${lines.join(",\n")}\n}\n`;
}

function serialisePart(key: string, value: unknown): string {
  if (!ONE_PER_LINE.has(key)) return JSON.stringify(value);
  const list = Array.isArray(value);
  const rows = list
    ? value.map((item) => `    ${JSON.stringify(item)}`)
    : Object.entries(value as object).map(
        ([id, item]) => `    ${JSON.stringify(id)}: ${JSON.stringify(item)}`,
      );
  const [open, close] = list ? ["[", "]"] : ["{", "}"];
  return rows.length ? `${open}\n${rows.join(",\n")}\n  ${close}` : open + close;
}

const filled = new WeakMap<GraphDocument["nodes"], boolean>();

/** Remembered: it is asked many times with each letter that is typed. */
export function hasNodes({ nodes }: GraphDocument): boolean {
  const known = filled.get(nodes);
  if (known !== undefined) return known;
  const found = Object.keys(nodes).length > 0;
  filled.set(nodes, found);
  return found;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNodes(value: unknown): value is GraphDocument["nodes"] {
  return isObject(value) && Object.values(value).every(isObject);
}

function isEdges(value: unknown): value is LooseEdge[] {
  return Array.isArray(value) && value.every(isObject);
}

/** Farther away than any step lies, numbers are too coarse to count with, and nothing can be seen. */
const FARTHEST = 1e8;
const isNear = (value: unknown) => typeof value === "number" && Math.abs(value) <= FARTHEST;

function keepPoints(layout: Record<string, unknown>): Record<string, Point> {
  const isPoint = (value: unknown): value is Point =>
    Array.isArray(value) && value.length === 2 && value.every(isNear);
  return Object.fromEntries(
    Object.entries(layout).filter((entry): entry is [string, Point] => isPoint(entry[1])),
  );
}

/**
 * A key of `after` that no document may have and that `before` has not, or null. What both share is
 * not looked into, so it costs little after an edit.
 */
export function forbiddenKeyIn(before: unknown, after: unknown): string | null {
  if (before === after || typeof after !== "object" || after === null) return null;
  const old = (typeof before === "object" && before !== null ? before : {}) as Record<
    string,
    unknown
  >;
  for (const [key, value] of Object.entries(after)) {
    if (FORBIDDEN_KEYS.has(key)) return key;
    const found = old[key] === value ? null : forbiddenKeyIn(old[key], value);
    if (found !== null) return found;
  }
  return null;
}

function refuseForbiddenKeys(root: unknown): void {
  const open: [unknown, number][] = [[root, 0]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [value, depth] = next;
    if (typeof value !== "object" || value === null) continue;
    if (depth > MAX_DEPTH) {
      throw new DocumentError(
        t("The document is nested deeper than {most} levels.", { most: MAX_DEPTH }),
      );
    }
    for (const [key, child] of Object.entries(value)) {
      if (FORBIDDEN_KEYS.has(key)) throw new DocumentError(forbiddenWords(key));
      open.push([child, depth + 1]);
    }
  }
}
