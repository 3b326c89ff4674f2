/**
 * Sizes and ports of nodes. One pure function for the canvas, the layout, the minimap and the far
 * view, so that nothing is ever measured in the page.
 */
import type { EdgeSpec, GraphDocument, NodeSpec, Point } from "./document";
import { kindOf } from "./edges";
import { alternativesOf } from "./kinds";

export const NODE_WIDTH = 208;
export const NODE_HEIGHT = 64;
export const PORT_STEP = 20;
const FIRST_PORT = NODE_HEIGHT / 2;
/** So much lower lie the ports after the first: their labels stand clear of the words of the step. */
const BELOW_WORDS = 8;

export interface Port {
  /** `in`, or the edge kind it starts: `ok`, `error`, `timeout`, `exhausted` … */
  readonly id: string;
  readonly side: "in" | "out";
  /** Relative to the node's upper left corner. */
  readonly x: number;
  readonly y: number;
}

export interface NodeGeometry {
  readonly width: number;
  readonly height: number;
  readonly ports: readonly Port[];
}

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const NO_KINDS: readonly string[] = [];
const cache = new Map<string, NodeGeometry>();
const plain = new WeakMap<NodeSpec, NodeGeometry>();

/** @param kinds the kinds of edges that start at the node, as `outKinds` gives them */
export function nodeGeometry(spec: NodeSpec, kinds: readonly string[] = NO_KINDS): NodeGeometry {
  if (kinds !== NO_KINDS) return shapeOf(spec, kinds);
  const known = plain.get(spec);
  if (known) return known;
  const made = shapeOf(spec, kinds);
  plain.set(spec, made);
  return made;
}

function shapeOf(spec: NodeSpec, kinds: readonly string[]): NodeGeometry {
  const outs =
    spec.type === "end" ? [] : [...new Set(["ok", ...Object.keys(alternativesOf(spec)), ...kinds])];
  return portsOf(outs, true);
}

/** A box with a port out for each of `outs`, and one in. */
export function portsOf(outs: readonly string[], ins: boolean): NodeGeometry {
  const key = [ins, ...outs].join("\n");
  const known = cache.get(key);
  if (known) return known;
  const made = build(outs, ins);
  cache.set(key, made);
  return made;
}

function build(outs: readonly string[], ins: boolean): NodeGeometry {
  const height = NODE_HEIGHT + PORT_STEP * Math.max(0, outs.length - 1);
  const ports: Port[] = outs.map((id, index) => ({
    id,
    side: "out",
    x: NODE_WIDTH,
    y: FIRST_PORT + PORT_STEP * index + (index && BELOW_WORDS),
  }));
  return {
    width: NODE_WIDTH,
    height,
    ports: [...(ins ? [{ id: "in", side: "in", x: 0, y: FIRST_PORT } as const] : []), ...ports],
  };
}

const KIND_ORDER = ["ok", "exhausted", "timeout", "error"];
/** For each node the kinds of edges that start there, in the order its ports are drawn. */
export function outKinds(edges: readonly EdgeSpec[]): ReadonlyMap<string, readonly string[]> {
  const known = kindsOf.get(edges);
  if (known) return known;
  const kinds = new Map<string, string[]>();
  for (const edge of edges) {
    const kind = kindOf(edge);
    if (kind === "ok") continue;
    const list = kinds.get(edge.from) ?? [];
    if (!list.includes(kind)) list.push(kind);
    kinds.set(edge.from, list);
  }
  const rank = (kind: string) => (KIND_ORDER.indexOf(kind) + 5) % 5;
  for (const list of kinds.values()) list.sort((a, b) => rank(a) - rank(b));
  kindsOf.set(edges, kinds);
  return kinds;
}

const kindsOf = new WeakMap<readonly EdgeSpec[], ReadonlyMap<string, readonly string[]>>();

export interface Scene {
  readonly boxes: ReadonlyMap<string, Rect>;
  readonly geometry: ReadonlyMap<string, NodeGeometry>;
}

const scenes = new WeakMap<GraphDocument, Scene>();
let newest: { readonly document: GraphDocument; readonly scene: Scene } | null = null;

/**
 * Box and ports of every node of a document. Remembered per document; boxes that an edit left alone
 * stay the same objects, and a scene in which all did stays the same scene.
 */
export function sceneOf(document: GraphDocument): Scene {
  const known = scenes.get(document);
  if (known) return known;
  const scene = makeScene(document, newest);
  scenes.set(document, scene);
  newest = { document, scene };
  return scene;
}

function makeScene(document: GraphDocument, before: typeof newest): Scene {
  const kinds = outKinds(document.edges);
  const old = before?.scene;
  const boxes = new Map<string, Rect>();
  const geometry = new Map<string, NodeGeometry>();
  let same = true;
  for (const id of Object.keys(document.nodes)) {
    const spec = document.nodes[id] as NodeSpec;
    const shape = nodeGeometry(spec, kinds.get(id));
    const [x, y] = document.layout[id] ?? [0, 0];
    const was = old?.boxes.get(id);
    const stays = was && was.x === x && was.y === y && old?.geometry.get(id) === shape;
    same &&= stays === true;
    geometry.set(id, shape);
    boxes.set(id, stays ? was : { x, y, width: shape.width, height: shape.height });
  }
  return same && old?.boxes.size === boxes.size && sameOrder(old.boxes, boxes)
    ? old
    : { boxes, geometry };
}

/** Later boxes lie on top of earlier ones. */
function sameOrder(a: ReadonlyMap<string, Rect>, b: ReadonlyMap<string, Rect>): boolean {
  const others = b.keys();
  for (const id of a.keys()) if (others.next().value !== id) return false;
  return true;
}

/** Where an edge leaves or enters a box. */
export function portPoint(box: Rect, geometry: NodeGeometry, id: string): Point {
  const port = geometry.ports.find((each) => each.id === id) ?? geometry.ports.at(-1);
  return [box.x + (port?.x ?? 0), box.y + (port?.y ?? 0)];
}

/** The smallest box around all; null when there is none. */
export function bounds(boxes: Iterable<Rect>): Rect | null {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const box of boxes) {
    left = Math.min(left, box.x);
    top = Math.min(top, box.y);
    right = Math.max(right, box.x + box.width);
    bottom = Math.max(bottom, box.y + box.height);
  }
  return left === Infinity ? null : { x: left, y: top, width: right - left, height: bottom - top };
}

export function centre(box: Rect): Point {
  return [box.x + box.width / 2, box.y + box.height / 2];
}
