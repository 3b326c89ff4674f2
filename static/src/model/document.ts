/**
 * The graph document `treadle/1` as plain, immutable JSON. Nothing here knows React or the DOM.
 * Every edit makes a new document that shares its unchanged parts with the old one.
 */
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

/** Read a document from JSON text. Throws DocumentError with a full sentence. */
export function parseDocument(text: string): GraphDocument {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new DocumentError(`This is not JSON: ${(error as Error).message}`);
  }
  return toDocument(value);
}

/**
 * Check the outer shape of a JSON value and fill in the parts an editor always needs (`entry`,
 * `nodes`, `edges`, `layout`). Unknown keys stay, in their place: the server judges them.
 */
export function toDocument(value: unknown): GraphDocument {
  if (!isObject(value)) throw new DocumentError("A graph document is a JSON object.");
  if (value.format !== "treadle/1") {
    throw new DocumentError('A graph document starts with "format": "treadle/1".');
  }
  refuseForbiddenKeys(value);
  const nodes = value.nodes ?? {};
  if (!isObject(nodes) || !Object.values(nodes).every(isObject)) {
    throw new DocumentError('"nodes" is an object that maps each node id to an object.');
  }
  const edges = value.edges ?? [];
  if (!Array.isArray(edges) || !edges.every(isEdge)) {
    throw new DocumentError('"edges" is a list of objects with the texts "id", "from" and "to".');
  }
  const entry = value.entry ?? [];
  if (!Array.isArray(entry) || !entry.every((id) => typeof id === "string")) {
    throw new DocumentError('"entry" is a list of node ids.');
  }
  const layout = keepPoints(isObject(value.layout) ? value.layout : {});
  return { ...value, entry, nodes, edges, layout } as unknown as GraphDocument;
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

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isEdge(value: unknown): value is EdgeSpec {
  return isObject(value) && ["id", "from", "to"].every((key) => typeof value[key] === "string");
}

function keepPoints(layout: Record<string, unknown>): Record<string, Point> {
  const isPoint = (value: unknown): value is Point =>
    Array.isArray(value) && value.length === 2 && value.every(Number.isFinite);
  return Object.fromEntries(
    Object.entries(layout).filter((entry): entry is [string, Point] => isPoint(entry[1])),
  );
}

function refuseForbiddenKeys(root: unknown): void {
  const open: [unknown, number][] = [[root, 0]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [value, depth] = next;
    if (typeof value !== "object" || value === null) continue;
    if (depth > MAX_DEPTH) {
      throw new DocumentError(`The document is nested deeper than ${MAX_DEPTH} levels.`);
    }
    for (const [key, child] of Object.entries(value)) {
      if (FORBIDDEN_KEYS.has(key)) throw new DocumentError(`"${key}" cannot be used as a key.`);
      open.push([child, depth + 1]);
    }
  }
}
