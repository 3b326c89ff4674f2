/**
 * Tidy up: a layered layout, left to right. Cycles are broken, nodes get the layer of their
 * longest way from the entry, six sweeps by barycentre untangle the wires, and a last pass pulls
 * each node towards its neighbours. Deterministic, and linear enough for thousands of nodes.
 */
import type { GraphDocument, NodeSpec, Point } from "./document";
import { edgesByNode, labelOf } from "./edges";
import { NODE_WIDTH, sceneOf } from "./geometry";
import { frameOf, type Group, groupsOf } from "./groups";
import { LABEL_LETTERS, LETTER } from "./labels";
import { GRID, placeNodes } from "./nodes";
import { groupOfMark, markOf, shownOf } from "./shown";

const PLAIN_GUTTER = 80;
const WIDEST_GUTTER = 240;
const GAP = 40;
const WIRE_HEIGHT = 24;
const SWEEPS = 6;
/** Wires that pass a layer stay straight; the nodes beside them make way. */
const WIRE_WEIGHT = 8;

interface Item {
  readonly id: string | null; // null: a wire that passes through the layer
  readonly layer: number;
  readonly width: number;
  readonly height: number;
  order: number;
  y: number;
  readonly left: Item[];
  readonly right: Item[];
}

/**
 * A place for every node, multiples of 8, without overlaps; the first column starts at 0. The nodes
 * of a group are laid out among themselves, and their frame among the others.
 */
export function layout(document: GraphDocument): Map<string, Point> {
  const groups = groupsOf(document);
  if (groups.size === 0) return layoutFlat(document, sceneOf(document).boxes);
  const inner = new Map([...groups].map(([id, group]) => [id, layoutInside(document, id, group)]));
  const outer = withFrames(document, inner);
  const result = new Map<string, Point>();
  for (const [id, [x, y]] of layoutFlat(outer.document, outer.sizes)) {
    const inside = inner.get(groupOfMark(id) ?? "");
    if (inside) for (const [node, [nx, ny]] of inside.places) result.set(node, [x + nx, y + ny]);
    else result.set(id, [x, y]);
  }
  return result;
}

interface Inside {
  readonly size: Size;
  /** From the upper left corner of the frame, or of the box that is drawn for it. */
  readonly places: ReadonlyMap<string, Point>;
}

function layoutInside(document: GraphDocument, id: string, group: Group): Inside {
  const here = new Set(group.nodes);
  const part: GraphDocument = {
    ...document,
    meta: {},
    nodes: Object.fromEntries(group.nodes.map((node) => [node, document.nodes[node] as NodeSpec])),
    edges: document.edges.filter((edge) => here.has(edge.from) && here.has(edge.to)),
    entry: document.entry.filter((node) => here.has(node)),
    layout: {},
  };
  const laid = placeNodes(document, layoutFlat(part, sceneOf(document).boxes));
  const seen = group.collapsed ? shownOf(laid).boxes.get(markOf(id)) : frameOf(laid, group.nodes);
  const frame = seen ?? { x: 0, y: 0, width: NODE_WIDTH, height: 0 };
  const places = group.nodes.map((node): [string, Point] => {
    const [x, y] = laid.layout[node] ?? [0, 0];
    return [node, [x - frame.x, y - frame.y]];
  });
  return { size: frame, places: new Map(places) };
}

/** The document with each group as one node. */
function withFrames(
  document: GraphDocument,
  inner: ReadonlyMap<string, Inside>,
): { document: GraphDocument; sizes: ReadonlyMap<string, Size> } {
  const home = new Map<string, string>();
  for (const [id, { places }] of inner)
    for (const node of places.keys()) home.set(node, markOf(id));
  const at = (node: string) => home.get(node) ?? node;
  const { boxes } = sceneOf(document);
  const sizes = new Map<string, Size>();
  const nodes: Record<string, NodeSpec> = {};
  for (const [node, spec] of Object.entries(document.nodes)) {
    const inside = inner.get(groupOfMark(at(node)) ?? "");
    nodes[at(node)] = inside ? { type: "noop" } : spec;
    sizes.set(at(node), inside?.size ?? boxes.get(node) ?? { width: NODE_WIDTH, height: 0 });
  }
  const edges = document.edges
    .map((edge) => ({ ...edge, from: at(edge.from), to: at(edge.to) }))
    .filter((edge) => edge.from !== edge.to || !groupOfMark(edge.from));
  const entry = [...new Set(document.entry.map(at))];
  return { document: { ...document, meta: {}, nodes, edges, entry }, sizes };
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function layoutFlat(document: GraphDocument, sizes: ReadonlyMap<string, Size>): Map<string, Point> {
  const layers = buildLayers(document, sizes);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) untangle(layers, sweep % 2 === 0);
  for (const layer of layers) stack(layer);
  // The last sweep goes to the right: chains come out straight, forks and joins centred.
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) straighten(layers, sweep % 2 === 1);
  return places(layers, columns(document, layers));
}

/** Ids of the edges that close a cycle, walking depth first from the entries in document order. */
export function cycleEdges(document: GraphDocument): ReadonlySet<string> {
  const known = cycleCache.get(document.edges);
  if (known) return known;
  const outs = edgesByNode(document.edges);
  const state = new Map<string, "open" | "done">();
  const closing = new Set<string>();
  for (const start of [...document.entry, ...Object.keys(document.nodes)]) {
    if (state.has(start)) continue;
    state.set(start, "open");
    const stack = [{ id: start, next: 0 }];
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const edge = outs.get(top.id)?.[top.next];
      top.next += 1;
      if (!edge) {
        state.set(top.id, "done");
        stack.pop();
      } else if (state.get(edge.to) === "open") closing.add(edge.id);
      else if (!state.has(edge.to)) {
        state.set(edge.to, "open");
        stack.push({ id: edge.to, next: 0 });
      }
    }
  }
  cycleCache.set(document.edges, closing);
  return closing;
}

const cycleCache = new WeakMap<GraphDocument["edges"], ReadonlySet<string>>();

function buildLayers(document: GraphDocument, sizes: ReadonlyMap<string, Size>): Item[][] {
  const forward = forwardPairs(document);
  const ranks = longestPaths(Object.keys(document.nodes), forward);
  const layers: Item[][] = [];
  const items = new Map<string, Item>();
  for (const [id, layer] of ranks) {
    items.set(id, addItem(layers, id, layer, sizes.get(id) ?? WIRE));
  }
  for (const [from, to] of forward) link(layers, items.get(from), items.get(to));
  return layers;
}

const WIRE: Size = { width: 0, height: WIRE_HEIGHT };

function addItem(layers: Item[][], id: string | null, layer: number, size: Size): Item {
  while (layers.length <= layer) layers.push([]);
  const row = layers[layer] as Item[];
  const { width, height } = size;
  const item = { id, layer, width, height, order: row.length, y: 0, left: [], right: [] };
  row.push(item);
  return item;
}

function link(layers: Item[][], from: Item | undefined, to: Item | undefined): void {
  if (!from || !to) return;
  let last = from;
  for (let layer = from.layer + 1; layer < to.layer; layer += 1) {
    const wire = addItem(layers, null, layer, WIRE);
    last.right.push(wire);
    wire.left.push(last);
    last = wire;
  }
  last.right.push(to);
  to.left.push(last);
}

function forwardPairs(document: GraphDocument): [string, string][] {
  const back = cycleEdges(document);
  const { nodes } = document;
  return document.edges
    .filter((edge) => !back.has(edge.id) && nodes[edge.from] && nodes[edge.to])
    .map((edge) => [edge.from, edge.to]);
}

function longestPaths(
  ids: readonly string[],
  pairs: readonly (readonly [string, string])[],
): Map<string, number> {
  const rank = new Map(ids.map((id) => [id, 0]));
  const waiting = new Map(ids.map((id) => [id, 0]));
  const outs = new Map<string, string[]>(ids.map((id) => [id, []]));
  for (const [from, to] of pairs) {
    outs.get(from)?.push(to);
    waiting.set(to, (waiting.get(to) ?? 0) + 1);
  }
  const ready = ids.filter((id) => waiting.get(id) === 0);
  for (let i = 0; i < ready.length; i += 1) {
    const id = ready[i] as string;
    for (const to of outs.get(id) ?? []) {
      rank.set(to, Math.max(rank.get(to) ?? 0, (rank.get(id) ?? 0) + 1));
      const left = (waiting.get(to) ?? 0) - 1;
      waiting.set(to, left);
      if (left === 0) ready.push(to);
    }
  }
  return rank;
}

function untangle(layers: readonly Item[][], rightwards: boolean): void {
  for (const layer of rightwards ? layers : layers.toReversed()) {
    const keyed = layer.map((item) => {
      const near = rightwards ? item.left : item.right;
      return { item, key: near.length ? mean(near.map((each) => each.order)) : item.order };
    });
    keyed.sort((a, b) => a.key - b.key || a.item.order - b.item.order);
    for (const [order, { item }] of keyed.entries()) {
      item.order = order;
      layer[order] = item;
    }
  }
}

function stack(layer: readonly Item[]): void {
  let y = 0;
  for (const item of layer) {
    item.y = y;
    y += item.height + GAP;
  }
  for (const item of layer) item.y -= (y - GAP) / 2;
}

/** Pull every node of a layer level with its neighbours, as far as order and gaps allow. */
function straighten(layers: readonly Item[][], rightwards: boolean): void {
  for (const layer of rightwards ? layers : layers.toReversed()) {
    const wanted = layer.map((item) => {
      const near = rightwards ? item.left : item.right;
      return near.length ? mean(near.map(middle)) - item.height / 2 : item.y;
    });
    settle(layer, wanted);
  }
}

/** Least movement under fixed order and gaps: neighbours that collide become one block at its mean. */
function settle(layer: readonly Item[], wanted: readonly number[]): void {
  const blocks: { start: number; count: number; sum: number; weight: number }[] = [];
  const offsets: number[] = [];
  let offset = 0;
  for (const [index, item] of layer.entries()) {
    offsets.push(offset);
    const weight = item.id === null ? WIRE_WEIGHT : 1;
    blocks.push({ start: index, count: 1, sum: ((wanted[index] ?? 0) - offset) * weight, weight });
    offset += item.height + GAP;
    for (let last = blocks.at(-1), before = blocks.at(-2); last && before; ) {
      if (before.sum / before.weight <= last.sum / last.weight) break;
      before.count += last.count;
      before.weight += last.weight;
      before.sum += last.sum;
      blocks.pop();
      last = blocks.at(-1);
      before = blocks.at(-2);
    }
  }
  for (const { start, count, sum, weight } of blocks) {
    for (let i = start; i < start + count; i += 1) {
      const item = layer[i];
      if (item) item.y = sum / weight + (offsets[i] ?? 0);
    }
  }
}

/** Where each layer begins: gutters are as wide as the labels of the wires that cross them. */
function columns(document: GraphDocument, layers: readonly Item[][]): number[] {
  const layerOf = new Map(layers.flat().map((item) => [item.id, item.layer]));
  const gutters = layers.map(() => PLAIN_GUTTER);
  for (const edge of document.edges) {
    const [from, to] = [layerOf.get(edge.from), layerOf.get(edge.to)];
    const label = labelOf(edge);
    if (!label || from === undefined || to === undefined || to <= from) continue;
    const wide = 72 + Math.min(label.length, LABEL_LETTERS) * LETTER;
    gutters[from] = Math.min(WIDEST_GUTTER, Math.max(gutters[from] ?? 0, wide));
  }
  let x = 0;
  return gutters.map((gutter, layer) => {
    const at = x;
    x += Math.max(...(layers[layer] ?? []).map((item) => item.width)) + gutter;
    return at;
  });
}

function places(layers: readonly Item[][], lefts: readonly number[]): Map<string, Point> {
  const items = layers.flat();
  const top = Math.min(0, ...layers.map((layer) => Math.min(...layer.map((item) => item.y))));
  const onGrid = (value: number) => Math.round(value / GRID) * GRID;
  const result = new Map<string, Point>();
  for (const { id, layer, y } of items) {
    if (id !== null) result.set(id, [onGrid(lefts[layer] ?? 0), onGrid(y - top)]);
  }
  return result;
}

const middle = (item: Item) => item.y + item.height / 2;
const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
